"""The columns of an elem.

    frame = ElemColumns()
    frame.add(elem)
    frame.take()      # polars.DataFrame with SCHEMA

Paths are taken apart once for each different path, not once for each elem.
"""

import hashlib
from ipaddress import ip_network

import polars as pl

from herdwick.tools.bgp.engine.elem import Attributes, Elem
from herdwick.tools.bgp.engine.paths import hops, origins, without_prepending

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "type": pl.String,
    "time": pl.Float64,
    "peer_asn": pl.UInt32,
    "peer_address": pl.String,
    "prefix": pl.String,
    "ip_version": pl.UInt8,
    "prefix_length": pl.UInt8,
    "network_high": pl.UInt64,
    "network_low": pl.UInt64,
    "path_id": pl.UInt32,
    "next_hop": pl.String,
    "as_path": pl.String,
    "hops": pl.List(pl.String),
    "length": pl.UInt16,
    "length_prepended": pl.UInt16,
    "origins": pl.List(pl.UInt32),
    "communities": pl.List(pl.String),
    "large_communities": pl.List(pl.String),
    "extended_communities": pl.List(pl.String),
    "origin": pl.String,
    "med": pl.UInt32,
    "local_pref": pl.UInt32,
    "aggregator_asn": pl.UInt32,
    "atomic_aggregate": pl.Boolean,
    "old_state": pl.String,
    "new_state": pl.String,
}
"""Column types. Of elems without a path `as_path` and all after it are null; a route of the peer's own AS has
the path ''. The network address stands left-aligned in 128 bits, of which `network_high` is the upper half.
`hops` is the path without prepending, a set or confederation being one hop; `length` counts them
and `length_prepended` counts every hop of the path as it came."""

DECODER = 2
"""Raised whenever the engine makes other elems of the same bytes: columns made before are then made anew."""

VERSION = hashlib.blake2b(repr((DECODER, SCHEMA)).encode(), digest_size=4).hexdigest()
"""Of the columns; part of every cached file's name."""

_PathParts = dict[str, tuple[list[str], int, int, list[int]]]
_Network = tuple[str, int, int, int, int]
MAX_PATHS, MAX_NETWORKS = 50_000, 100_000
"""Paths and prefixes that are remembered taken apart."""


BATCH_ROWS = 8_192
"""Rows that are kept as Python objects, in which they take several times the room that a frame needs."""

BATCH_BYTES = 16 << 20
"""The same in bytes, of which an elem with a path of thousands of hops has a hundred thousand."""

_COMMUNITY_BYTES = 32


class ElemColumns:
    """Collects elems until they are taken as a frame.

    Attributes:
        size_bytes: Of what is collected, roughly, as columns.
    """

    def __init__(self) -> None:
        self.size_bytes = 0
        self._batch_bytes = 0
        self._frames: list[pl.DataFrame] = []
        self._in_frames = 0
        self._rows: list[tuple[object, ...]] = []
        self._paths: _PathParts = {}
        self._networks: dict[str, _Network] = {}

    def __len__(self) -> int:
        return self._in_frames + len(self._rows)

    def add(self, elem: Elem) -> None:
        """Append one elem."""
        if len(self._rows) == BATCH_ROWS or self._batch_bytes >= BATCH_BYTES:
            self._in_frames += len(self._rows)
            self._frames.append(self._batch())
            self._batch_bytes = 0
        size = _size_bytes(elem.attributes)
        self.size_bytes += size
        self._batch_bytes += size
        origin = (elem.type, elem.time, elem.peer_asn, elem.peer_address)
        if elem.type == "S":
            self._rows.append((*origin, *[None] * 20, elem.old_state, elem.new_state))
            return
        head = (*origin, *self._network(elem.prefix), elem.path_id)
        if elem.type == "W":
            self._rows.append((*head, *[None] * 16))
            return
        attributes = elem.attributes
        aggregator = attributes.aggregator
        self._rows.append(
            (
                *head,
                elem.next_hop,
                attributes.as_path,
                *self._parts(attributes.as_path),
                attributes.communities,
                attributes.large_communities,
                attributes.extended_communities,
                attributes.origin,
                attributes.med,
                attributes.local_pref,
                aggregator.asn if aggregator else None,
                attributes.atomic_aggregate,
                None,
                None,
            )
        )

    def take(self) -> pl.DataFrame:
        """What was added since the last time."""
        frames, self._frames, self._in_frames = self._frames, [], 0
        self.size_bytes = self._batch_bytes = 0
        return pl.concat([*frames, self._batch()])

    def _batch(self) -> pl.DataFrame:
        """The rows as columns."""
        rows, self._rows = self._rows, []
        columns = zip(*rows, strict=True) if rows else ([] for _ in SCHEMA)
        return pl.DataFrame(
            [
                pl.Series(name, column, dtype=dtype)
                for (name, dtype), column in zip(SCHEMA.items(), columns, strict=True)
            ]
        )

    def _network(self, prefix: str) -> _Network:
        known = self._networks.get(prefix)
        if known is None:
            if len(self._networks) >= MAX_NETWORKS:
                self._networks.clear()
            known = self._networks[prefix] = (prefix, *network_columns(prefix))
        return known

    def _parts(self, path: str) -> tuple[list[str], int, int, list[int]]:
        known = self._paths.get(path)
        if known is None:
            if len(self._paths) >= MAX_PATHS:
                self._paths.clear()
            short = without_prepending(path)
            known = self._paths[path] = (short, len(short), len(hops(path)), list(origins(path)))
        return known


def _size_bytes(attributes: Attributes) -> int:
    path, standard, large, extended = attributes[:4]
    # The path stands there as text and once more as hops.
    return 200 + 2 * len(path) + _COMMUNITY_BYTES * (len(standard) + len(large) + len(extended))


def network_columns(prefix: str) -> tuple[int, int, int, int]:
    """`ip_version`, `prefix_length`, `network_high` and `network_low` of a prefix.

    Raises:
        ValueError: It is no prefix.
    """
    network = ip_network(prefix)
    aligned = int(network.network_address) << (128 - network.max_prefixlen)
    return network.version, network.prefixlen, aligned >> 64, aligned & 0xFFFFFFFFFFFFFFFF
