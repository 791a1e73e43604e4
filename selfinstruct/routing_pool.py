"""Prefixes, AS numbers and the like to ask about: those that data holds, and invented ones.

pool = RoutingPool.of(dataset).with_invented(Random(7), 400)
pool.prefixes, pool.origins, pool.peers
"""

from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from random import Random

import polars as pl

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.attributes import WELL_KNOWN
from herdwick.tools.bgp.functions.routes import with_route_origins
from herdwick.tools.bgp.times import show_time


@dataclass(frozen=True)
class RoutingPool:
    """What questions about routing can name.

    Attributes:
        prefixes: As the data writes them.
        origins: AS numbers that originate prefixes.
        transits: AS numbers elsewhere in paths.
        peers: AS numbers of the collectors' peers.
        addresses: Of the collectors' peers.
        communities: Standard and large ones.
        collectors: Names.
        days: Such as `2015-04-01`.
        seconds: Of the day, between which the data lies.
    """

    prefixes: tuple[str, ...]
    origins: tuple[int, ...]
    transits: tuple[int, ...]
    peers: tuple[int, ...]
    addresses: tuple[str, ...]
    communities: tuple[str, ...]
    collectors: tuple[str, ...]
    days: tuple[str, ...]
    seconds: tuple[int, int]

    @classmethod
    def of(cls, data: Dataset) -> "RoutingPool":
        """What `data` holds."""
        elems = with_route_origins(data.elems())
        first, last = data.span or (0.0, 0.0)
        start = int(first) % 86_400
        return cls(
            prefixes=_texts(elems, pl.col("prefix")),
            origins=_numbers(elems, pl.col("route_origins").explode()),
            transits=_numbers(elems, pl.col("hops").explode().cast(pl.UInt32, strict=False)),
            peers=_numbers(elems, pl.col("peer_asn")),
            addresses=_texts(elems, pl.col("peer_address")),
            communities=(
                *_texts(elems, pl.col("communities").explode()),
                *_texts(elems, pl.col("large_communities").explode()),
            ),
            collectors=_texts(elems, pl.col("collector")),
            days=(show_time(first)[: len("2015-04-01")],),
            seconds=(start, start + int(last - first) + 1),
        )

    def with_invented(self, rng: Random, count: int) -> "RoutingPool":
        """This pool and as many invented values of each kind, so that a model learns to copy any."""
        return replace(
            self,
            prefixes=(*self.prefixes, *(_prefix(rng) for _ in range(count))),
            origins=(*self.origins, *(_asn(rng) for _ in range(count))),
            peers=(*self.peers, *(_asn(rng) for _ in range(count // 8))),
            addresses=(*self.addresses, *(_host(rng) for _ in range(count // 8))),
            communities=(*self.communities, *(_community(rng) for _ in range(count // 4))),
            collectors=(*self.collectors, *_COLLECTORS),
        )

    def block_and_piece(self, rng: Random) -> tuple[str, str]:
        """A prefix and another within it; half of the time both are of the pool."""
        if self._nested and rng.random() < 0.5:
            return rng.choice(self._nested)
        block = rng.choice(self._divisible)
        length = rng.randint(block.prefixlen + 1, min(block.prefixlen + 8, _LONGEST[block.version]))
        address = int(block.network_address) + (
            rng.randrange(1 << (length - block.prefixlen)) << (block.max_prefixlen - length)
        )
        return str(block), str(type(block)((address, length)))

    @cached_property
    def _networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(map(ip_network, self.prefixes))

    @cached_property
    def _nested(self) -> tuple[tuple[str, str], ...]:
        """Prefixes of the pool with others of it within them."""
        known = frozenset(self._networks)
        return tuple(
            (str(block), str(piece))
            for piece in self._networks
            for length in range(1, piece.prefixlen)
            if (block := piece.supernet(new_prefix=length)) in known
        )

    @cached_property
    def _divisible(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(network for network in self._networks if network.prefixlen < _LONGEST[network.version])


_LONGEST = {4: 24, 6: 48}
"""More-specifics that most networks filter (RFC 7454, section 6.1.3)."""

_COLLECTORS = (
    *(f"rrc{number:02}" for number in range(27)),
    *(
        "route-views2",
        "route-views3",
        "route-views4",
        "route-views6",
        "route-views.sydney",
        "route-views.linx",
    ),
)
"""RIPE RIS and RouteViews name their collectors like this."""


def _texts(elems: pl.LazyFrame, column: pl.Expr) -> tuple[str, ...]:
    values = elems.select(column.alias("value")).drop_nulls().unique().sort("value").collect()
    return tuple(values["value"])


def _numbers(elems: pl.LazyFrame, column: pl.Expr) -> tuple[int, ...]:
    values = elems.select(column.alias("value")).drop_nulls().unique().sort("value").collect()
    return tuple(values["value"])


def _prefix(rng: Random) -> str:
    if rng.random() < 0.7:
        length = rng.choice([8, 12, 15, 16, 17, 18, 19, 20, 20, 21, 22, 22, 23, 24, 24, 24, 24, 32])
        return str(IPv4Network((rng.randrange(1 << 24, 224 << 24), length), strict=False))
    length = rng.choice([29, 32, 32, 36, 40, 44, 48, 48, 48, 56, 64])
    address = (rng.choice([0x2001, 0x2400, 0x2A00, 0x2A02, 0x2600, 0x2804]) << 112) | rng.getrandbits(112)
    return str(IPv6Network((address, length), strict=False))


def _host(rng: Random) -> str:
    network = ip_network(_prefix(rng))
    return str(network[rng.randrange(min(network.num_addresses, 1 << 16))])


def _asn(rng: Random) -> int:
    return rng.choice([rng.randint(1, 9_999), rng.randint(10_000, 64_495), rng.randint(131_072, 401_308)])


def _community(rng: Random) -> str:
    parts = [rng.randint(1, 65_534), rng.choice([rng.randint(0, 999), rng.randint(1_000, 65_535)])]
    if rng.random() < 0.25:
        parts = [rng.randint(1, 401_308), *parts]
    return ":".join(map(str, parts)) if rng.random() < 0.9 else f"{parts[0]}:*"


WELL_KNOWN_NAMES = tuple(WELL_KNOWN.values())
"""As questions may name communities too."""
