"""Who stands next to whom in paths (question family 11).

Upstream is the side of the peer, downstream that of the origin: which way routes came, not who pays whom.
Neighbours are of paths without prepending. What stands in brackets is nobody's neighbour: the order of a set
is not known (RFC 4271, section 4.3), and a confederation's members are not seen from outside (RFC 5065). Nor
are the collector and its peer, which no path names.
"""

from typing import Literal

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.hops import SHOWN, path_hops, seen_routes
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Selection

Side = Literal["upstream", "downstream"]


class Neighbours(Selection):
    """Arguments of `neighbours`."""

    asn: ASN = Field(description="The AS.")
    side: Literal["upstream", "downstream", "both"] = Field(
        default="both",
        description="upstream: ASes before it, towards the peer; downstream: after it, towards the origin.",
    )
    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="So many rows, the most prefixes first.")


class Upstreams(Selection):
    """Arguments of `upstreams`."""

    asn: ASN = Field(description="The AS whose upstreams they are.")
    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="So many rows, the most prefixes first.")


class AsGraph(Selection):
    """Arguments of `as_graph`."""

    asn: ASN | None = Field(default=None, description="Only paths through this AS.")
    hops: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Only edges so near along the path to `asn`, without it to the origin; 1: next to it.",
    )
    top: int = Field(default=200, ge=1, le=MAX_ROWS, description="So many edges, the most prefixes first.")


class NeighbourRow(Row):
    """An AS next to another, and how much was seen between them.

    Attributes:
        side: Where the neighbour stands.
        routes: Table entries and announcements.
        peers: How many of the collectors' peers showed it.
    """

    neighbour_asn: ASN
    side: Side
    routes: int
    prefixes: int
    peers: int


class UpstreamRow(Row):
    """An AS next to an origin; `routes` are table entries and announcements."""

    upstream_asn: ASN
    routes: int
    prefixes: int
    peers: int


class Edge(Row):
    """Two neighbours; `upstream_asn` is nearer to the peer, `downstream_asn` to the origin."""

    upstream_asn: ASN
    downstream_asn: ASN
    routes: int
    prefixes: int
    peers: int


class Graph(Row):
    """The neighbours in some paths.

    Attributes:
        asns: All ASes of `edges`, in order.
        edges_left_out: How many more edges there are, with no more prefixes than those told.
    """

    asns: list[ASN]
    edges: list[Edge]
    edges_left_out: int


def neighbours(data: Dataset, args: Neighbours) -> list[NeighbourRow]:
    """The ASes next to an AS on either side, the most prefixes first; `top` rows."""
    asn, routes = args.asn, seen_routes(data, args).filter(pl.col("hops").list.contains(str(args.asn)))
    pairs = _pairs(routes)
    sides = {
        "upstream": pairs.filter(pl.col("downstream") == asn).select("as_path", neighbour_asn="upstream"),
        "downstream": pairs.filter(pl.col("upstream") == asn).select("as_path", neighbour_asn="downstream"),
    }
    wanted = pl.concat(
        [
            frame.with_columns(side=pl.lit(side))
            for side, frame in sides.items()
            if args.side in (side, "both")
        ]
    )
    rows = _ordered(_shown(routes, wanted), "neighbour_asn", "side").head(args.top).collect()
    return [NeighbourRow.model_validate(row) for row in rows.to_dicts()]


def upstreams(data: Dataset, args: Upstreams) -> list[UpstreamRow]:
    """The ASes next to an AS in the paths of what it originates, the most prefixes first; `top` rows.

    A route that it tells a peer directly, or of which it is an origin in a set, shows no upstream. Of an AS
    that originates nothing, all paths through it are looked at.
    """
    every = seen_routes(data, args)
    own = every.filter(pl.col("origins").list.contains(args.asn))
    at_end = pl.col("place") == pl.col("places") - 1
    originates = not own.head(1).collect().is_empty()
    routes = own if originates else every
    before = _pairs(routes).filter((pl.col("downstream") == args.asn) & (at_end if originates else True))
    wanted = before.select("as_path", upstream_asn="upstream")
    rows = _ordered(_shown(routes, wanted), "upstream_asn").head(args.top).collect()
    return [UpstreamRow.model_validate(row) for row in rows.to_dicts()]


def as_graph(data: Dataset, args: AsGraph) -> Graph:
    """Who is next to whom in the paths selected: of an AS, of a prefix or of all; `top` edges at most.

    With `hops` only what is near along the path: an edge between an AS and its neighbour is one hop away.
    """
    routes = seen_routes(data, args)
    if args.asn is not None:
        routes = routes.filter(pl.col("hops").list.contains(str(args.asn)))
    pairs = _pairs(routes)
    if args.hops is not None:
        pairs = _near(pairs, routes, args.asn, args.hops)
    wanted = pairs.select("as_path", upstream_asn="upstream", downstream_asn="downstream")
    edges = _ordered(_shown(routes, wanted), "upstream_asn", "downstream_asn").collect()
    told = [Edge.model_validate(row) for row in edges.head(args.top).to_dicts()]
    return Graph(
        asns=sorted({asn for edge in told for asn in (edge.upstream_asn, edge.downstream_asn)}),
        edges=told,
        edges_left_out=len(edges) - len(told),
    )


def _pairs(routes: pl.LazyFrame) -> pl.LazyFrame:
    """Neighbours in each different path: `upstream` and `downstream`, of which `place` and `places` tell."""
    hops = path_hops(routes)
    after = hops.select("as_path", place=pl.col("place") - 1, downstream="asn")
    return (
        hops.select("as_path", "place", "places", upstream="asn")
        .join(after, on=["as_path", "place"])
        .filter(pl.col("upstream").is_not_null() & pl.col("downstream").is_not_null())
        .with_columns(place=pl.col("place") + 1)
    )


def _near(pairs: pl.LazyFrame, routes: pl.LazyFrame, asn: int | None, hops: int) -> pl.LazyFrame:
    """The pairs within so many hops of the places of an AS, or of the end of the path."""
    place = pl.col("place")
    if asn is None:
        return pairs.filter(place >= pl.col("places") - hops)
    centres = path_hops(routes).filter(pl.col("asn") == asn).select("as_path", centre="place")
    centre = pl.col("centre")
    # The upstream end of a pair is at place - 1: below the AS the upstream end is the nearer one.
    return pairs.join(centres, on="as_path").filter(
        pl.when(place > centre).then(place - centre).otherwise(centre - place + 1) <= hops
    )


def _shown(routes: pl.LazyFrame, wanted: pl.LazyFrame) -> pl.LazyFrame:
    """How many routes, prefixes and peers have paths with what `wanted` tells of paths."""
    keys = [name for name in wanted.collect_schema().names() if name != "as_path"]
    return routes.join(wanted.unique(), on="as_path").group_by(keys).agg(*SHOWN)


def _ordered(rows: pl.LazyFrame, *keys: str) -> pl.LazyFrame:
    """The most prefixes first, then the most routes, then in the order of the keys."""
    return rows.sort(["prefixes", "routes", *keys], descending=[True, True, *[False] * len(keys)])
