"""The scenario: what happens in the lab, in seconds since it starts.

EVENTS[0].kind, EVENTS[0].facts
routes_at(SPEAKER[64496], 31)      # what this speaker announces half a minute in
change_times()                     # when any speaker announces something else than before
"""

from herdwick.tools.bgp.sample.churn_events import CHURN_EVENTS
from herdwick.tools.bgp.sample.event import DURATION_S, Event, SessionReset, base
from herdwick.tools.bgp.sample.origin_events import ORIGIN_EVENTS
from herdwick.tools.bgp.sample.speakers import Route, Speaker

EVENTS: tuple[Event, ...] = tuple(
    sorted((*ORIGIN_EVENTS, *CHURN_EVENTS), key=lambda event: (event.from_s, event.kind))
)
RESETS: tuple[SessionReset, ...] = tuple(event.reset for event in EVENTS if event.reset)


def routes_at(speaker: Speaker, time_s: int) -> dict[str, Route]:
    """What `speaker` announces at a time, whether or not its sessions are up."""
    routes = dict(base(speaker))
    for event in EVENTS:
        for span in event.spans:
            if span.speaker == speaker.asn and span.from_s <= time_s < span.until_s:
                if span.route is None:
                    routes.pop(span.prefix, None)
                else:
                    routes[span.prefix] = span.route
    return routes


def change_times() -> tuple[int, ...]:
    """When some speaker's routes change, after the start and before the end."""
    times = {time for event in EVENTS for span in event.spans for time in (span.from_s, span.until_s)}
    return tuple(sorted(time for time in times if 0 < time < DURATION_S))
