"""What an event is made of: spans, in which a speaker has another route for a prefix, or none.

    Span(64496, "10.200.8.0/24", None, from_s=60, until_s=65)      # withdrawn for five seconds
    announced("192.0.2.0/24", ((64499,), (65551,)), 30, 70)        # a second origin, at all who prefer it

Who sees a hijack, leak or detour is not chosen by hand: it follows from the paths that all ASes choose.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from herdwick.tools.bgp.sample.base_table import base_routes, choices, prefixes_of
from herdwick.tools.bgp.sample.speakers import SPEAKERS, Route, Session, Speaker
from herdwick.tools.bgp.sample.topology import Choice

DURATION_S = 240

Kind = Literal[
    "aggregate",
    "attribute_change",
    "blackhole",
    "deaggregation",
    "flap",
    "graceful_shutdown",
    "hijack",
    "moas",
    "new_prefix",
    "origin_change",
    "outage",
    "path_change",
    "path_loop",
    "prepending",
    "private_asn",
    "route_leak",
    "session_reset",
    "subprefix_hijack",
    "withdrawn_prefix",
]


@dataclass(frozen=True)
class Span:
    """A speaker's route for a prefix in `[from_s, until_s)`; a route of None withdraws it."""

    speaker: int
    prefix: str
    route: Route | None
    from_s: int
    until_s: int = DURATION_S


@dataclass(frozen=True)
class SessionReset:
    """A session that is shut down and, later, started again; coming up then takes some seconds more."""

    session: Session
    down_s: int
    start_s: int


@dataclass(frozen=True)
class Event:
    """Something that happens, or that holds all the time.

    Attributes:
        kind: What.
        summary: One sentence for people.
        from_s, until_s: When; the scenario's start and end where it holds all the time or stays.
        facts: ASNs, prefixes and counts, by names that depend on the kind.
        spans: How the speakers' tables show it; none for what is in the tables before.
        reset: For `session_reset`.
    """

    kind: Kind
    summary: str
    from_s: int
    until_s: int
    facts: Mapping[str, Any]
    spans: tuple[Span, ...] = ()
    reset: SessionReset | None = None


@cache
def base(speaker: Speaker) -> Mapping[str, Route]:
    """The speaker's routes when the scenario starts, made once."""
    return base_routes(speaker)


def rerouted(
    prefix: str, chosen: Mapping[int, Choice], from_s: int, until_s: int = DURATION_S
) -> Iterable[Span]:
    """Spans for the speakers whose route differs once all ASes have chosen anew."""
    for speaker in SPEAKERS:
        choice = chosen.get(speaker.asn)
        known = base(speaker).get(prefix)
        route = speaker.route(prefix, choice) if choice and speaker.exports(choice) else None
        if (route and route.path) != (known and known.path):
            yield Span(speaker.asn, prefix, route, from_s, until_s)


def announced(
    prefix: str, paths: tuple[tuple[int, ...], ...], from_s: int, until_s: int = DURATION_S
) -> tuple[Span, ...]:
    """Spans for the speakers that notice when `prefix` is announced with these paths instead."""
    return tuple(rerouted(prefix, choices(paths), from_s, until_s))


def changed(
    prefixes: Iterable[str], change: Callable[[Route], Route | None], from_s: int, until_s: int
) -> tuple[Span, ...]:
    """Spans for all speakers that have a route to one of `prefixes`, changed."""
    return tuple(
        Span(speaker.asn, prefix, change(base(speaker)[prefix]), from_s, until_s)
        for speaker in SPEAKERS
        for prefix in prefixes
        if prefix in base(speaker)
    )


def block(asn: int) -> tuple[str, ...]:
    """The ordinary prefixes of an AS: those that no other event is about."""
    return tuple(p for p in prefixes_of(asn) if not p.startswith(("10.200.", "192.0.2.", "2001:db8:f000:")))
