"""The ground truth of the capture, computed from the scenario; no MRT is read for it.

truth()["events"][0]["kind"], truth()["updates"]["198.51.100.11"]["withdrawals"]
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from herdwick.tools.bgp.sample import COLLECTOR
from herdwick.tools.bgp.sample.event import DURATION_S, Event
from herdwick.tools.bgp.sample.scenario import EVENTS, RESETS, change_times, routes_at
from herdwick.tools.bgp.sample.speakers import (
    COLLECTOR_ADDRESSES,
    COLLECTOR_ASN,
    SPEAKER,
    SPEAKERS,
    Route,
    Session,
    Speaker,
)
from herdwick.tools.bgp.sample.vrps import state

START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
"""When the scenario starts in the capture, whose times are shifted to it."""


def utc(seconds: int) -> str:
    """A time of the scenario as text."""
    return datetime.fromtimestamp(START + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def file_name(kind: str, seconds: int) -> str:
    """An archive's name for a file, such as `rib.20260101.0000.gz`."""
    return f"{kind}.{datetime.fromtimestamp(START + seconds, UTC):%Y%m%d.%H%M}.gz"


def origins_of(speaker: Speaker, route: Route) -> tuple[int, ...]:
    """The origin, the members of an AS_SET, or the speaker's AS for its own routes."""
    if route.aggregate:
        return route.aggregate.members
    return route.path[-1:] or (speaker.asn,)


def truth() -> dict[str, Any]:
    """Everything that questions about the capture can be checked against."""
    return {
        "notice": "Lab capture: real daemons, invented network, times shifted. Nothing here was seen on the"
        " Internet.",
        "collector": {"name": COLLECTOR, "asn": COLLECTOR_ASN, "addresses": COLLECTOR_ADDRESSES},
        "start": START,
        "start_utc": utc(0),
        "until": START + DURATION_S,
        "until_utc": utc(DURATION_S),
        "files": {
            "rib_before": file_name("rib", 0),
            "updates": file_name("updates", 0),
            "rib_after": file_name("rib", DURATION_S),
        },
        "peers": [_peer(speaker, session) for speaker in SPEAKERS for session in speaker.sessions],
        "updates": {
            session.address: _updates(speaker, session)
            for speaker in SPEAKERS
            for session in speaker.sessions
        },
        "events": [_event(event) for event in EVENTS],
        "multiple_origins": _multiple_origins(),
        "rpki": _rpki(),
    }


def _peer(speaker: Speaker, session: Session) -> dict[str, Any]:
    return {
        "address": session.address,
        "asn": speaker.asn,
        "daemon": speaker.daemon,
        "families": session.families,
        "feed": speaker.feed,
        "session": "internal" if speaker.is_internal else "external",
        "routes_before": len(_carried(speaker, session, 0)),
        "routes_after": len(_carried(speaker, session, DURATION_S - 1)),
    }


def _carried(speaker: Speaker, session: Session, time_s: int) -> dict[str, Route]:
    return {
        prefix: route
        for prefix, route in routes_at(speaker, time_s).items()
        if speaker.session(prefix) == session
    }


def _updates(speaker: Speaker, session: Session) -> dict[str, int]:
    """How many prefixes the session announces and withdraws, the table after a reset included."""
    counts: Counter[str] = Counter(announcements=0, withdrawals=0)
    for time in change_times():
        before, after = _carried(speaker, session, time - 1), _carried(speaker, session, time)
        counts["withdrawals"] += len(before.keys() - after.keys())
        counts["announcements"] += sum(before.get(prefix) != route for prefix, route in after.items())
    for reset in RESETS:
        if reset.session == session:
            counts["announcements"] += len(_carried(speaker, session, reset.start_s))
    return dict(counts)


def _event(event: Event) -> dict[str, Any]:
    paths = _paths(event)
    reset = {event.reset.session.address} if event.reset else set()
    return {
        "kind": event.kind,
        "summary": event.summary,
        "from": START + event.from_s,
        "from_utc": utc(event.from_s),
        "until": START + event.until_s,
        "until_utc": utc(event.until_s),
        "from_start": event.from_s == 0,
        "until_end": event.until_s == DURATION_S,
        **event.facts,
        "seen_by": sorted({row["peer"] for row in paths} | reset),
        "paths": paths,
    }


def _paths(event: Event) -> list[dict[str, Any]]:
    """What the collector hears while the event lasts: peer, prefix and path, None for a withdrawal."""
    rows: dict[tuple[str, str], str | None] = {}
    for span in event.spans:
        speaker = SPEAKER[span.speaker]
        path = speaker.shown_path(span.route) if span.route else None
        rows[speaker.session(span.prefix).address, span.prefix] = path
    if not event.spans:
        prefixes = event.facts.get("prefixes", [event.facts.get("prefix")])
        for speaker in SPEAKERS:
            for prefix, route in routes_at(speaker, event.from_s).items():
                if prefix in prefixes:
                    rows[speaker.session(prefix).address, prefix] = speaker.shown_path(route)
    return [{"peer": peer, "prefix": prefix, "path": path} for (peer, prefix), path in rows.items()]


def _routes() -> Iterator[tuple[int, Speaker, Route]]:
    """Every route at every time at which something changes."""
    for time in (0, *change_times()):
        for speaker in SPEAKERS:
            for route in routes_at(speaker, time).values():
                yield time, speaker, route


def _multiple_origins() -> list[dict[str, Any]]:
    """Prefixes that peers see with several origins at once, in the scenario's longest stretches.

    AS_SETs are left out. Hijacks of exact prefixes are here too: whether a holder consents shows nowhere.
    """
    held: dict[tuple[int, str], set[int]] = {}
    for time, speaker, route in _routes():
        if not route.aggregate:
            held.setdefault((time, route.prefix), set()).update(origins_of(speaker, route))
    times = (0, *change_times(), DURATION_S)
    until = dict(pairwise(times))
    rows: list[dict[str, Any]] = []
    last: dict[str, dict[str, Any]] = {}
    for (time, prefix), origins in sorted(held.items()):
        if len(origins) == 1:
            continue
        known = last.get(prefix)
        if known and known["until"] == START + time and known["origins"] == sorted(origins):
            known["until"] = START + until[time]
            continue
        last[prefix] = {
            "prefix": prefix,
            "origins": sorted(origins),
            "from": START + time,
            "until": START + until[time],
        }
        rows.append(last[prefix])
    return rows


def _rpki() -> list[dict[str, Any]]:
    """The state of every prefix and origin in the capture."""
    pairs = {(route.prefix, origins_of(speaker, route)) for _, speaker, route in _routes()}
    return [
        {"prefix": prefix, "origins": origins, "state": state(prefix, origins)}
        for prefix, origins in sorted(pairs)
    ]
