"""A watch of a live feed, or of a recording, for a number of seconds.

watching = LiveWatch(WatchRequest(prefixes=("192.0.2.0/24",)), seconds=60)
for alert in watching:
    …
watching.summary         # what was received, used, and lost
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from herdwick.tools.bgp.live.address import RIS_LIVE_URL
from herdwick.tools.bgp.live.alerts import Alert
from herdwick.tools.bgp.live.feed import LiveFeed, MessageSource, Subscription
from herdwick.tools.bgp.live.messages import LiveDecoder
from herdwick.tools.bgp.live.report import LiveProblem, LiveReport
from herdwick.tools.bgp.live.watch import Watch, WatchRequest
from herdwick.tools.errors import DataError


@dataclass(frozen=True)
class WatchSummary:
    """What a watch has read.

    Attributes:
        seconds: How long it took.
        messages: Messages received and looked at.
        types: Of them, by type.
        elems: Elems made of them.
        alerts: Alerts given.
        repeated: Messages passed over because they had been seen.
        problems: What could not be used, by reason.
        examples: The first of it.
        dropped: Messages that came faster than they were used.
        untracked: Announcements for which there was no room.
        connections: Times that the feed was connected.
        offline_s: Time without a connection, in seconds.
    """

    seconds: float
    messages: int
    types: dict[str, int]
    elems: int
    alerts: int
    repeated: int
    problems: dict[str, int]
    examples: tuple[LiveProblem, ...]
    dropped: int
    untracked: int
    connections: int
    offline_s: float


class LiveWatch:
    """Iterates over alerts as they happen, and ends when the time is over.

    Args:
        request: What to watch.
        seconds: For how long.
        source: Where messages come from; default: RIS Live.

    Raises:
        DataError: The time is none.
    """

    def __init__(self, request: WatchRequest, seconds: float, source: MessageSource | None = None) -> None:
        if not 0 < seconds < float("inf"):
            raise DataError("bad_window", f"{seconds} is no number of seconds.", "Give a time above 0.")
        self.watch = Watch(request)
        self._seconds = seconds
        self._source = source or feed_for(request)
        self._report = LiveReport()
        self._alerts = 0
        self._taken_s = 0.0

    def __iter__(self) -> Iterator[Alert]:
        """Alerts.

        Raises:
            BackendError: The feed could not be connected.
            DataError: The recording cannot be read.
        """
        started = time.monotonic()
        decoder = LiveDecoder(self._report)
        try:
            for message in self._source.messages(self._seconds, self._report):
                for elem in decoder.elems(message):
                    for alert in self.watch.see(elem):
                        self._alerts += 1
                        yield alert
        finally:
            self._taken_s += time.monotonic() - started

    @property
    def summary(self) -> WatchSummary:
        """What was read until now."""
        report = self._report
        return WatchSummary(
            seconds=round(self._taken_s, 3),
            messages=report.messages,
            types=dict(report.types),
            elems=report.elems,
            alerts=self._alerts,
            repeated=report.repeated,
            problems=dict(report.problems),
            examples=tuple(report.examples),
            dropped=report.dropped,
            untracked=self.watch.untracked,
            connections=report.connections,
            offline_s=round(report.offline_s, 3),
        )


def feed_for(request: WatchRequest, url: str = RIS_LIVE_URL) -> LiveFeed:
    """The feed with what `request` needs.

    For ASNs that is everything: a server that looks at paths would keep back the withdrawals, which have
    none, and the announcements by other origins.

    Raises:
        BackendError: `bad_url`.
    """
    if request.asns:
        return LiveFeed((Subscription(),), url)
    return LiveFeed(
        tuple(
            Subscription(prefix, request.more_specific, request.less_specific) for prefix in request.prefixes
        ),
        url,
    )
