"""What happens to a prefix or an AS right now (question family 16).

    answer = watch(Watch(prefix="192.0.2.0/24", seconds=30), RIS_LIVE_URL)
    answer.alerts, answer.counts.disappearance

Nothing of the data set is read: what was normal is learnt from the feed itself, while watching. A change is
therefore only told of a route that was announced before, within the same watch.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Match, Prefix
from herdwick.tools.bgp.live.alerts import Alert, AlertKind
from herdwick.tools.bgp.times import show_time

MAX_SECONDS = 300
"""Longest watch of one call; `herdwick bgp watch` has no such bound."""


class Watch(BaseModel):
    """Arguments of `watch`; with neither `prefix` nor `asn` there is nothing to watch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prefix: Prefix | None = Field(default=None, description="Watch this prefix, as `match` says.")
    asn: ASN | None = Field(
        default=None,
        description="Watch the prefixes this AS originates; with `prefix`, the AS that may originate it.",
    )
    seconds: int = Field(default=30, ge=1, le=MAX_SECONDS, description="For so long, from now.")
    match: Match = Field(
        default="more",
        description="exact: the prefix alone; more: and what lies in it; less: and what it is in; any: all.",
    )
    new_paths: bool = Field(default=False, description="Tell also when a peer's path changes.")
    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="No more alerts than this, the earliest.")

    @model_validator(mode="after")
    def _something_to_watch(self) -> Self:
        if self.asn is None and self.prefix is None:
            raise ValueError("Give `prefix`, `asn` or both.")
        return self


class LivePeer(Row):
    """A router that tells a collector what it hears."""

    collector: str
    peer_asn: ASN
    peer_address: str


class LiveAlert(Row):
    """One change.

    Attributes:
        kind: `new_origin`: an AS originates the prefix that did not before. `new_more_specific`: a part of
            what is watched is announced on its own. `new_path`: a peer reaches it over another path.
            `disappearance`: every peer that had a route has lost it.
        time: Of the message, UTC.
        prefix: What changed.
        watched: The watched prefix or AS that it concerns, such as `192.0.2.0/24` or `AS64500`.
        peers: Who saw it; for a disappearance, all who had a route.
        old_origins: Origins known until then; of the covering prefix, for a `new_more_specific`.
        new_origins: Origins of the announcement; none for a disappearance.
        old_path, new_path: The peer's path before and now; '' where there was or is none.
    """

    kind: AlertKind
    time: str
    prefix: Prefix
    watched: str
    peers: list[LivePeer]
    old_origins: list[ASN]
    new_origins: list[ASN]
    old_path: str
    new_path: str


class LiveCounts(Row):
    """Alerts of each kind, those beyond `top` too."""

    new_origin: int = 0
    new_more_specific: int = 0
    new_path: int = 0
    disappearance: int = 0


class LiveAnswer(Row):
    """What a watch saw.

    Attributes:
        alerts: The earliest changes, `top` at most.
        counts: All of them, by kind.
        seconds: How long it took.
        messages, elems: What the feed sent, and what of it was of use; 0 messages mean that nothing is known.
        problems: What could not be used, by reason.
        dropped: Messages that came faster than they were used.
        untracked: Announcements for which there was no room.
        offline_seconds: How long there was no connection after the first one: what happened then is not
            known.
    """

    alerts: list[LiveAlert]
    counts: LiveCounts
    seconds: float
    messages: int
    elems: int
    problems: dict[str, int]
    dropped: int
    untracked: int
    offline_seconds: float


def watch(args: Watch, live_url: str) -> LiveAnswer:
    """What changes on RIS Live from now on: new origins, more-specifics and paths, prefixes that all lost.

    Raises:
        BackendError: The feed cannot be reached, or refuses.
    """
    # Network libraries are for those who watch; all other functions are imported along with this one.
    from herdwick.tools.bgp.live.watch import WatchRequest
    from herdwick.tools.bgp.live.watching import LiveWatch, feed_for

    request = WatchRequest(
        prefixes=() if args.prefix is None else (args.prefix,),
        asns=() if args.asn is None else (args.asn,),
        more_specific=args.match in ("more", "any"),
        less_specific=args.match in ("less", "any"),
        new_paths=args.new_paths,
    )
    watching = LiveWatch(request, args.seconds, feed_for(request, live_url))
    counts = dict.fromkeys(LiveCounts.model_fields, 0)
    alerts: list[LiveAlert] = []
    for alert in watching:
        counts[alert.kind] += 1
        if len(alerts) < args.top:
            alerts.append(_row(alert))
    summary = watching.summary
    return LiveAnswer(
        alerts=alerts,
        counts=LiveCounts(**counts),
        seconds=summary.seconds,
        messages=summary.messages,
        elems=summary.elems,
        problems=summary.problems,
        dropped=summary.dropped,
        untracked=summary.untracked,
        offline_seconds=summary.offline_s,
    )


def _row(alert: Alert) -> LiveAlert:
    return LiveAlert(
        kind=alert.kind,
        time=show_time(alert.time),
        prefix=alert.prefix,
        watched=alert.watched,
        peers=[
            LivePeer(collector=peer.collector, peer_asn=peer.asn, peer_address=peer.address)
            for peer in alert.peers
        ],
        old_origins=[*alert.old_origins],
        new_origins=[*alert.new_origins],
        old_path=alert.old_path,
        new_path=alert.new_path,
    )
