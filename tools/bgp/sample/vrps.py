"""Validated ROA payloads for the lab, and what they say of a route (RFC 6811).

    state("10.200.4.0/22", (64502,))       # 'valid'
    state("10.200.6.0/24", (65547,))       # 'invalid_asn'

Half of the ordinary ASes have ROAs; others have none, so that their routes are not found.
"""

from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Literal, NamedTuple

from herdwick.tools.bgp.sample.topology import ASNS

State = Literal["valid", "invalid_asn", "invalid_length", "not_found"]


class VRP(NamedTuple):
    """`asn` may originate `prefix` and its parts down to `max_length`."""

    prefix: str
    max_length: int
    asn: int


VRPS: tuple[VRP, ...] = (
    VRP("192.0.2.0/24", 24, 64499),
    VRP("203.0.113.0/24", 24, 64506),
    VRP("203.0.113.0/24", 24, 64507),
    VRP("10.200.1.0/24", 24, 64505),
    VRP("10.200.1.0/24", 24, 65538),
    VRP("10.200.4.0/22", 22, 64502),
    VRP("10.200.16.0/22", 22, 65543),
    # Nobody may originate it (RFC 6483, section 4).
    VRP("10.200.21.0/24", 24, 0),
    VRP("2001:db8:f000::/44", 44, 65549),
    *(
        vrp
        for number, asn in enumerate(ASNS, start=10)
        if number % 2 == 0
        for vrp in (
            # Too short for some prefixes of every sixth AS.
            VRP(f"10.{number}.0.0/16", 22 if number % 6 == 0 else 24, asn),
            VRP(f"2001:db8:{number << 8:x}::/40", 48, asn),
        )
    ),
)


@cache
def _network(prefix: str) -> IPv4Network | IPv6Network:
    return ip_network(prefix)


def _covers(covering: str, prefix: str) -> bool:
    outer, inner = _network(covering), _network(prefix)
    return (
        outer.version == inner.version
        and outer.prefixlen <= inner.prefixlen
        and inner.network_address in outer
    )


def state(prefix: str, origins: tuple[int, ...]) -> State:
    """The validity of a route; one that ends in an AS_SET of several has no origin (RFC 6811, section 2).

    An invalid route is so by its length alone if a VRP would allow its origin a shorter prefix.
    """
    covering = [vrp for vrp in VRPS if _covers(vrp.prefix, prefix)]
    if not covering:
        return "not_found"
    origin = origins[0] if len(origins) == 1 else None
    of_origin = [vrp for vrp in covering if vrp.asn == origin]
    if any(_network(prefix).prefixlen <= vrp.max_length for vrp in of_origin):
        return "valid"
    return "invalid_length" if of_origin else "invalid_asn"


def vrps_json(generated: int, generated_utc: str) -> Mapping[str, Any]:
    """All VRPs as routinator writes them; `ta` says that no trust anchor stands behind them."""
    return {
        "metadata": {"generated": generated, "generatedTime": generated_utc},
        "roas": [
            {"asn": f"AS{vrp.asn}", "prefix": vrp.prefix, "maxLength": vrp.max_length, "ta": "lab"}
            for vrp in VRPS
        ],
    }
