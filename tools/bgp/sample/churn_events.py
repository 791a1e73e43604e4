"""Events of churn and policy: what comes, goes, flaps, and changes its attributes."""

from dataclasses import replace
from ipaddress import ip_network

from herdwick.tools.bgp.sample.base_table import AGGREGATE, PREPENDED, prefixes_of, with_prepending
from herdwick.tools.bgp.sample.event import (
    DURATION_S,
    Event,
    SessionReset,
    Span,
    announced,
    base,
    block,
    changed,
    rerouted,
)
from herdwick.tools.bgp.sample.speakers import SPEAKER, Community
from herdwick.tools.bgp.sample.topology import RELATIONSHIPS, Relationship, best_paths

GRACEFUL_SHUTDOWN: Community = (65535, 0)
"""RFC 8326."""


def _flap() -> Event:
    prefix = "10.200.8.0/24"
    cycles = {64496: 6, 64511: 3}
    starts = {64496: 60, 64511: 63}
    spans = tuple(
        Span(asn, prefix, None, starts[asn] + 10 * cycle, starts[asn] + 10 * cycle + 5)
        for asn, count in cycles.items()
        for cycle in range(count)
    )
    return Event(
        "flap",
        "A prefix of 65546 is withdrawn every ten seconds, for five seconds each time.",
        60,
        115,
        {
            "prefix": prefix,
            "origin": 65546,
            "cycles": {SPEAKER[asn].session(prefix).address: count for asn, count in cycles.items()},
            "period_s": 10,
            "gap_s": 5,
        },
        spans,
    )


def _outage() -> Event:
    prefixes = prefixes_of(65545)
    return Event(
        "outage",
        "65545 disappears with all its prefixes and comes back.",
        110,
        140,
        {"asn": 65545, "prefixes": prefixes},
        changed(prefixes, lambda _: None, 110, 140),
    )


def _session_reset() -> Event:
    session = SPEAKER[65550].session("0.0.0.0/0")
    return Event(
        "session_reset",
        "The IPv4 session of 65550 is shut down and started again; its whole table comes anew.",
        172,
        178,
        {"peer_address": session.address, "peer_asn": 65550, "up_within_s": 10},
        reset=SessionReset(session, 172, 178),
    )


def _new_prefix() -> Event:
    prefix, origin = "10.200.23.0/24", 65539
    return Event(
        "new_prefix",
        "65539 announces a prefix that was not there before, for good.",
        190,
        DURATION_S,
        {"prefix": prefix, "origin": origin},
        announced(prefix, ((origin,),), 190),
    )


def _withdrawn_prefix() -> Event:
    prefix = "10.200.24.0/24"
    return Event(
        "withdrawn_prefix",
        "64504 withdraws a prefix for good.",
        195,
        DURATION_S,
        {"prefix": prefix, "origin": 64504},
        changed([prefix], lambda _: None, 195, DURATION_S),
    )


def _path_change() -> Event:
    asn, provider = 64499, 64500
    left = [line for line in RELATIONSHIPS if line != Relationship(provider, asn, peers=False)]
    chosen = best_paths(left, {asn: (asn,)})
    spans = tuple(span for prefix in prefixes_of(asn) for span in rerouted(prefix, chosen, 200, 220))
    return Event(
        "path_change",
        "The link between 64499 and its provider 64500 fails; paths lead through the other provider.",
        200,
        220,
        {"origin": asn, "lost_neighbour": provider, "prefixes": prefixes_of(asn)},
        spans,
    )


def _prepending() -> Event:
    asn, times = 65540, 4
    return Event(
        "prepending",
        f"{asn} stands {times} times in the paths to its prefixes instead of once.",
        120,
        160,
        {"asn": asn, "times": times, "prefixes": block(asn)},
        changed(block(asn), lambda route: with_prepending(route, asn, times), 120, 160),
    )


def _standing_prepending(prefix: str, summary: str) -> Event:
    asn, times = PREPENDED[prefix]
    return Event("prepending", summary, 0, DURATION_S, {"asn": asn, "times": times, "prefixes": (prefix,)})


def _deaggregation() -> Event:
    covering, origin = "10.200.16.0/22", 65543
    parts = tuple(str(part) for part in ip_network(covering).subnets(new_prefix=24))
    return Event(
        "deaggregation",
        "65543 announces the four parts of a prefix besides the whole, for good.",
        95,
        DURATION_S,
        {"covering_prefix": covering, "prefixes": parts, "origin": origin},
        tuple(span for part in parts for span in announced(part, ((origin,),), 95)),
    )


def _graceful_shutdown() -> Event:
    prefixes = block(64510)
    return Event(
        "graceful_shutdown",
        "64510 marks its routes before maintenance (RFC 8326); the paths stay.",
        150,
        170,
        {"origin": 64510, "prefixes": prefixes, "community": "65535:0"},
        changed(
            prefixes,
            lambda route: replace(route, communities=(*route.communities, GRACEFUL_SHUTDOWN)),
            150,
            170,
        ),
    )


def _attribute_change() -> Event:
    prefixes, speaker, med = block(64507), SPEAKER[64496], 500
    return Event(
        "attribute_change",
        "64496 changes the MED of the routes to 64507, for good; the paths stay.",
        205,
        DURATION_S,
        {"origin": 64507, "prefixes": prefixes, "peer_asn": speaker.asn, "med": med},
        tuple(Span(speaker.asn, prefix, replace(base(speaker)[prefix], med=med), 205) for prefix in prefixes),
    )


def _aggregate() -> Event:
    return Event(
        "aggregate",
        "64503 aggregates routes of its customers 65538 and 65539 all the time.",
        0,
        DURATION_S,
        {
            "prefix": AGGREGATE.prefix,
            "members": AGGREGATE.aggregate.members if AGGREGATE.aggregate else (),
            "aggregator": "64503 192.0.2.1",
        },
    )


CHURN_EVENTS: tuple[Event, ...] = (
    _aggregate(),
    _standing_prepending("10.200.9.0/24", "64508 stands five times at the end of a path, all the time."),
    _standing_prepending("10.200.10.0/24", "64498 prepends twice to a customer's route, all the time."),
    _flap(),
    _deaggregation(),
    _outage(),
    _prepending(),
    _graceful_shutdown(),
    _session_reset(),
    _new_prefix(),
    _withdrawn_prefix(),
    _path_change(),
    _attribute_change(),
)
