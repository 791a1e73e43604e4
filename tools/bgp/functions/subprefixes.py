"""How announced prefixes lie in each other (question family 9).

A router follows the longest match (RFC 4632, section 5.1), so that a prefix and one within it are different
routes, and who announces both, or only the inner one, matters.
"""

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.intervals import merged, overlap
from herdwick.tools.bgp.functions.prefix_map import PrefixMap
from herdwick.tools.bgp.functions.routes import PEERS, SEEN, with_until
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection, lies
from herdwick.tools.bgp.times import show_time

_TOP = Field(default=100, ge=1, le=MAX_ROWS, description="No more rows than this.")


class SubPrefixes(Selection):
    """Arguments of `subprefixes`; `match` does not matter."""

    prefix: Prefix = Field(description="The prefix that contains the others.")
    top: int = _TOP


class Covering(Selection):
    """Arguments of `covering`; `match` does not matter."""

    prefix: Prefix = Field(description="The prefix or address that the others contain.")
    top: int = _TOP

    def refuse_peer_as_prefix(self, elems: pl.LazyFrame) -> None:
        """Any address can be asked for: what contains it is found, and not routes to it."""


class Nested(Selection):
    """Arguments of `deaggregation` and `overlapping`; `prefix` is the inner one's."""

    top: int = _TOP


class NestedRow(Row):
    """A prefix that contains, or lies in, the one asked for, and one of its origins.

    Attributes:
        origin_asn: None if only routes of the peer's own AS show it, whose path is empty.
        first_seen, last_seen: When the first peer had such a route, and the last lost it or the data ended.
    """

    prefix: Prefix
    origin_asn: ASN | None
    peers: int
    first_seen: str
    last_seen: str


class DeaggregationRow(Row):
    """How an AS announces parts of what it announces as a whole.

    Attributes:
        prefixes: So many prefixes it originates.
        more_specifics: So many of them while it also originates a prefix around them.
        share: `more_specifics` of `prefixes`.
    """

    origin_asn: ASN
    prefixes: int
    more_specifics: int
    share: float


class OverlapRow(Row):
    """A prefix and one around it, both announced from `first_seen` until `last_seen`, if not all the time."""

    prefix: Prefix
    origin_asn: ASN
    covering_prefix: Prefix
    covering_asn: ASN
    first_seen: str
    last_seen: str


def subprefixes(data: Dataset, args: SubPrefixes) -> list[NestedRow]:
    """Prefixes within a prefix, without itself, in the order of prefixes; no more than `top` rows."""
    return _nested(data, args.model_copy(update={"match": "more"}), args, ascending=True)


def covering(data: Dataset, args: Covering) -> list[NestedRow]:
    """Prefixes that contain a prefix or address, itself included, the longest first: at most `top` rows.

    Of several origins the one that most peers saw comes first.

    The first is the route that a router would follow to an address.
    """
    return _nested(data, args.model_copy(update={"match": "less"}), args, ascending=False)


def deaggregation(data: Dataset, args: Nested) -> list[DeaggregationRow]:
    """ASes that originate prefixes together with one around them, most such prefixes first; `top` at most.

    An AS counts if any peers show it so at the same time, be it different ones.
    """
    own, pairs = _pairs(data, args, same_origin=True)
    counts = (
        own.group_by("origin_asn")
        .agg(prefixes=pl.col("prefix").n_unique())
        .join(pairs.group_by("origin_asn").agg(more_specifics=pl.col("prefix").n_unique()), on="origin_asn")
        .with_columns(share=pl.col("more_specifics") / pl.col("prefixes"))
        .sort(["more_specifics", "origin_asn"], descending=[True, False])
        .head(args.top)
        .collect()
    )
    return [DeaggregationRow.model_validate(row) for row in counts.to_dicts()]


def overlapping(data: Dataset, args: Nested) -> list[OverlapRow]:
    """Prefixes of one AS within a prefix of another, at the same time; no more than `top` rows.

    Prefixes of equal length are no overlap but a MOAS conflict. A default route is around everything and is
    left out.
    """
    span = data.span
    if span is None:
        return []
    # A stretch that lasts beyond the data has no end; the data's is shown.
    end = pl.min_horizontal(pl.col("end").fill_null(span[1]), pl.col("end_other").fill_null(span[1]))
    key = ["prefix", "origin_asn", "covering_prefix", "covering_asn"]
    rows = (
        _pairs(data, args, same_origin=False)[1]
        .group_by(key)
        .agg(first=pl.max_horizontal("start", "start_other").min(), last=end.max())
        .sort(key)
        .head(args.top)
        .collect()
    )
    return [
        OverlapRow(
            **{name: row[name] for name in key},
            first_seen=show_time(row["first"]),
            last_seen=show_time(row["last"]),
        )
        for row in rows.to_dicts()
    ]


_NETWORK = ("ip_version", "network_high", "network_low", "prefix_length")


def _nested(
    data: Dataset, wide: Selection, args: SubPrefixes | Covering, *, ascending: bool
) -> list[NestedRow]:
    routes = with_until(wide.spells(data.elems()), data)
    if ascending:
        routes = routes.filter(pl.col("prefix") != args.prefix)
    order = [*_NETWORK, "origins"] if ascending else ["prefix_length", "peers", "origins"]
    rows = (
        routes.explode("origins", empty_as_null=True)
        .group_by("prefix", "origins", *_NETWORK)
        .agg(PEERS, *SEEN)
        # Of a prefix that others see with its origin, the owner's empty path adds nothing.
        .filter(pl.col("origins").is_not_null() | (pl.len().over("prefix") == 1))
        .sort(order, descending=[not ascending and name != "origins" for name in order])
        .head(args.top)
        .collect()
    )
    return [
        NestedRow(
            prefix=row["prefix"],
            origin_asn=row["origins"],
            peers=row["peers"],
            first_seen=show_time(row["first"]),
            last_seen=show_time(row["last"]),
        )
        for row in rows.to_dicts()
    ]


def _pairs(data: Dataset, args: Nested, *, same_origin: bool) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """When the origins selected held their prefixes, and each of these with those around it meanwhile."""
    everything = args.model_copy(update={"prefix": None, "origin_asn": None})
    spells = everything.spells(data.elems())
    held = merged(
        spells.explode("origins").filter(pl.col("origins").is_not_null()).rename({"origins": "origin_asn"}),
        ["origin_asn", "prefix"],
    ).collect()
    inner = held.lazy()
    if args.prefix is not None:
        wanted = spells.filter(lies(args.prefix, args.match)).select(pl.col("prefix").unique())
        inner = inner.join(wanted, on="prefix", how="semi")
    if args.origin_asn is not None:
        inner = inner.filter(pl.col("origin_asn") == args.origin_asn)
    outer = held.lazy().rename({"prefix": "covering_prefix", "origin_asn": "covering_asn"})
    pairs = inner.join(_around(held["prefix"].unique()), on="prefix").join(
        outer, on="covering_prefix", suffix="_other"
    )
    same = pl.col("origin_asn") == pl.col("covering_asn")
    return inner, pairs.filter(overlap(), same if same_origin else ~same)


def _around(prefixes: pl.Series) -> pl.LazyFrame:
    """Each prefix with each other one around it, default routes left out."""
    known: PrefixMap[None] = PrefixMap()
    for prefix in prefixes:
        known[prefix] = None
    pairs = [
        (prefix, wider)
        for prefix in prefixes
        for wider, _ in known.covering(prefix)
        if wider != prefix and not wider.endswith("/0")
    ]
    return pl.LazyFrame(pairs, schema={"prefix": pl.String, "covering_prefix": pl.String}, orient="row")
