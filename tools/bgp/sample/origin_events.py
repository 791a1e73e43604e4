"""Events of origins and paths: who announces a prefix, rightly or not, and what paths should not hold."""

from dataclasses import replace

from herdwick.tools.bgp.sample.base_table import ORIGINS, PRIVATE_TAILS, choices
from herdwick.tools.bgp.sample.event import DURATION_S, Event, Span, announced, block, rerouted
from herdwick.tools.bgp.sample.speakers import SPEAKER, Community
from herdwick.tools.bgp.sample.topology import RELATIONSHIPS, best_paths

BLACKHOLE: Community = (65535, 666)
NO_EXPORT: Community = (65535, 65281)
"""Well-known communities of RFC 7999 and RFC 1997."""


def _moas() -> Event:
    prefix, origins = "10.200.1.0/24", (64505, 65538)
    return Event(
        "moas",
        "65538 announces a prefix of 64505 with its consent; both have a ROA.",
        20,
        80,
        {"prefix": prefix, "origins": origins},
        announced(prefix, ((64505,), (65538,)), 20, 80),
    )


def _anycast() -> Event:
    prefix = "203.0.113.0/24"
    return Event(
        "moas",
        "64506 and 64507 announce an anycast prefix all the time.",
        0,
        DURATION_S,
        {"prefix": prefix, "origins": ORIGINS[prefix]},
    )


def _hijack() -> Event:
    prefix = "192.0.2.0/24"
    return Event(
        "hijack",
        "65551 announces the very prefix of 64499.",
        30,
        70,
        {"prefix": prefix, "victim": 64499, "hijacker": 65551},
        announced(prefix, ((64499,), (65551,)), 30, 70),
    )


def _subprefix_hijack(covering: str, prefix: str, victim: int, from_s: int, until_s: int) -> Event:
    hijacker = 65547
    return Event(
        "subprefix_hijack",
        f"{hijacker} announces a more-specific of a prefix of {victim}.",
        from_s,
        until_s,
        {"prefix": prefix, "covering_prefix": covering, "victim": victim, "hijacker": hijacker},
        announced(prefix, ((hijacker,),), from_s, until_s),
    )


def _leak() -> Event:
    leaker, origin = 65544, 64505
    chosen = best_paths(RELATIONSHIPS, {origin: (origin,)}, leaker=leaker)
    spans = tuple(span for prefix in block(origin) for span in rerouted(prefix, chosen, 50, 90))
    return Event(
        "route_leak",
        "65544 tells its provider 64500 of routes from its provider 64501 (RFC 7908, type 1).",
        50,
        90,
        {
            "leaker": leaker,
            "from_provider": 64501,
            "to_provider": 64500,
            "origin": origin,
            "prefixes": block(origin),
        },
        spans,
    )


def _origin_change() -> Event:
    prefix, old, new = "10.200.12.0/24", 65536, 65537
    return Event(
        "origin_change",
        "A prefix moves from 65536 to 65537 for good; at no time do both announce it.",
        135,
        DURATION_S,
        {"prefix": prefix, "old_origin": old, "new_origin": new},
        announced(prefix, ((new,),), 135),
    )


def _private_asn() -> Event:
    prefix = "10.200.20.0/24"
    return Event(
        "private_asn",
        "64500 announces a customer's prefix without removing the customer's private ASN.",
        105,
        125,
        {"prefix": prefix, "private_asn": 64512, "through": 64500},
        announced(prefix, ((64500, 64512),), 105, 125),
    )


def _standing_private_asn() -> Event:
    ((prefix, (through, private)),) = PRIVATE_TAILS.items()
    return Event(
        "private_asn",
        "A path ends in a private ASN of four bytes all the time.",
        0,
        DURATION_S,
        {"prefix": prefix, "private_asn": private, "through": through},
    )


def _path_loop() -> Event:
    prefix, asn, poisoned = "10.200.22.0/24", 65548, 64502
    return Event(
        "path_loop",
        "65548 puts the ASN of 64502 into its announcement, so that 64502 drops it (poisoning).",
        125,
        145,
        {"prefix": prefix, "asn": asn, "poisoned": poisoned},
        announced(prefix, ((asn, poisoned, asn),), 125, 145),
    )


def _blackhole() -> Event:
    prefix, origin = "10.200.11.1/32", 64509
    speaker = SPEAKER[64496]
    route = speaker.route(prefix, choices(((origin,),))[speaker.asn])
    route = replace(route, communities=(*route.communities, NO_EXPORT, BLACKHOLE))
    return Event(
        "blackhole",
        "64509 asks its provider 64496 to drop traffic to one address (RFC 7999).",
        130,
        150,
        {"prefix": prefix, "origin": origin, "communities": ("65535:666", "65535:65281")},
        (Span(speaker.asn, prefix, route, 130, 150),),
    )


ORIGIN_EVENTS: tuple[Event, ...] = (
    _anycast(),
    _standing_private_asn(),
    _moas(),
    _hijack(),
    _subprefix_hijack("10.200.4.0/22", "10.200.6.0/24", 64502, 40, 100),
    _subprefix_hijack("2001:db8:f000::/44", "2001:db8:f001::/48", 65549, 45, 95),
    _leak(),
    _private_asn(),
    _path_loop(),
    _blackhole(),
    _origin_change(),
)
