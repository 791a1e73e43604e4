"""The prefixes of the lab and the routes every speaker has before anything happens.

    ORIGINS["192.0.2.0/24"]            # (64499,)
    base_routes(SPEAKER[64496])        # {'10.10.0.0/21': Route(…), …}

IPv4 prefixes for documentation would not suffice for a table, so 10.0.0.0/8 (RFC 1918) is used as well; the
meaning of private space is not meant. IPv6 prefixes lie in 2001:db8::/32 (RFC 3849).
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from herdwick.tools.bgp.sample.speakers import SPEAKER, Aggregate, Route, Speaker
from herdwick.tools.bgp.sample.topology import ASNS, RELATIONSHIPS, Choice, best_paths

IPV4_PREFIXES, IPV6_PREFIXES = 10, 3
"""How many an ordinary AS announces."""
MANY_IPV4_PREFIXES, MANY_IPV6_PREFIXES = 30, 8
MANY = 65545
"""The AS with more prefixes than others, whose outage the scenario has."""
_LENGTHS = (21, 22, 24)

PRIVATE_TAILS: Mapping[str, tuple[int, ...]] = {"10.200.21.0/24": (65536, 4_200_000_001)}
"""Paths that end in a private ASN (RFC 6996), as their announcing AS forgot to remove it."""

PREPENDED: Mapping[str, tuple[int, int]] = {"10.200.9.0/24": (64508, 5), "10.200.10.0/24": (64498, 3)}
"""Prefix: the AS that prepends, and how often it then stands in the path; the second is not the origin."""

AGGREGATE = Route(
    "10.210.0.0/22",
    (),
    communities=((64503, 100),),
    aggregate=Aggregate((65538, 65539), 64503, "192.0.2.1"),
)
"""Announced by 64503 alone, whose daemon can make sets: it has put routes of two customers together."""

_SINGLE: Mapping[str, tuple[int, ...]] = {
    "192.0.2.0/24": (64499,),
    "203.0.113.0/24": (64506, 64507),
    "10.200.1.0/24": (64505,),
    "10.200.4.0/22": (64502,),
    "10.200.8.0/24": (65546,),
    "10.200.9.0/24": (64508,),
    "10.200.10.0/24": (65541,),
    "10.200.12.0/24": (65536,),
    "10.200.16.0/22": (65543,),
    "10.200.21.0/24": (4_200_000_001,),
    "10.200.22.0/24": (65548,),
    "10.200.24.0/24": (64504,),
    "2001:db8:f000::/44": (65549,),
}


def _blocks() -> dict[str, tuple[int, ...]]:
    """Prefixes of ordinary ASes: `10.10.…` and `2001:db8:a…` belong to the first, and so on."""
    origins: dict[str, tuple[int, ...]] = {}
    for number, asn in enumerate(ASNS, start=10):
        for step in range(MANY_IPV4_PREFIXES if asn == MANY else IPV4_PREFIXES):
            origins[f"10.{number}.{8 * step}.0/{_LENGTHS[step % len(_LENGTHS)]}"] = (asn,)
        for step in range(MANY_IPV6_PREFIXES if asn == MANY else IPV6_PREFIXES):
            origins[f"2001:db8:{(number << 8) + step:x}::/48"] = (asn,)
    return origins


ORIGINS: Mapping[str, tuple[int, ...]] = {**_blocks(), **_SINGLE}
"""Who announces each prefix; two for the one that is announced from two places on purpose."""


def prefixes_of(asn: int) -> tuple[str, ...]:
    """The prefixes that `asn` alone announces."""
    return tuple(prefix for prefix, origins in ORIGINS.items() if origins == (asn,))


@cache
def choices(origins: tuple[tuple[int, ...], ...]) -> dict[int, Choice]:
    """What each AS chooses for a prefix with these announcements, each a path with its AS first."""
    return best_paths(RELATIONSHIPS, {path[0]: path for path in origins})


def announcements(prefix: str) -> tuple[tuple[int, ...], ...]:
    """The paths with which `prefix` enters the Internet."""
    if prefix in PRIVATE_TAILS:
        return (PRIVATE_TAILS[prefix],)
    return tuple((asn,) for asn in ORIGINS[prefix])


def with_prepending(route: Route, asn: int, times: int) -> Route:
    """The route where `asn` stands `times` times in a row instead of once."""
    path = tuple(hop for each in route.path for hop in [each] * (times if each == asn else 1))
    return replace(route, path=path)


def base_routes(speaker: Speaker) -> dict[str, Route]:
    """The speaker's routes when the scenario starts."""
    routes: dict[str, Route] = {}
    for prefix in ORIGINS:
        choice = choices(announcements(prefix))[speaker.asn]
        if speaker.exports(choice):
            route = speaker.route(prefix, choice)
            routes[prefix] = with_prepending(route, *PREPENDED[prefix]) if prefix in PREPENDED else route
    if speaker is SPEAKER[64503]:
        routes[AGGREGATE.prefix] = AGGREGATE
    return routes
