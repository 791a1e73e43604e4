"""What is odd in paths: prepending, loops, ASNs that should not be there (question family 12)."""

from typing import Any, Literal, NamedTuple

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.engine.paths import AS_TRANS
from herdwick.tools.bgp.functions.hops import path_hops, path_runs, seen_routes
from herdwick.tools.bgp.functions.routes import PEERS, SEEN, with_times
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.times import show_time

ReservedKind = Literal["private", "reserved", "documentation", "as_trans"]
Position = Literal["origin", "transit"]
MAX_LISTED = 20
"""Prefixes named in a row; of more only the number is given."""


class _Range(NamedTuple):
    first: int
    last: int
    kind: ReservedKind
    rfc: str


RESERVED = (
    _Range(0, 0, "reserved", "RFC 7607"),
    _Range(AS_TRANS, AS_TRANS, "as_trans", "RFC 6793"),
    _Range(64496, 64511, "documentation", "RFC 5398"),
    _Range(64512, 65534, "private", "RFC 6996"),
    _Range(65535, 65535, "reserved", "RFC 7300"),
    _Range(65536, 65551, "documentation", "RFC 5398"),
    _Range(4_200_000_000, 4_294_967_294, "private", "RFC 6996"),
    _Range(4_294_967_295, 4_294_967_295, "reserved", "RFC 7300"),
)
"""ASNs that no path on the Internet should have; AS_TRANS only where a router knows no four-byte ASNs."""


class Prepending(Selection):
    """Arguments of `prepending`."""

    asn: ASN | None = Field(default=None, description="Only where this AS repeats itself.")
    least: int = Field(default=2, ge=2, description="Only runs of so many times at least.")
    top: int = Field(default=20, ge=1, le=MAX_ROWS, description="So many rows, the longest runs first.")


class PathLoops(Selection):
    """Arguments of `path_loops`."""

    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="So many rows, the most routes first.")


class ReservedAsns(Selection):
    """Arguments of `reserved_asns`."""

    kinds: list[ReservedKind] = Field(
        default=["private", "reserved", "documentation", "as_trans"],
        min_length=1,
        description="private: RFC 6996; reserved: RFC 7607, 7300; documentation: RFC 5398; as_trans: 23456.",
    )
    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="So many rows, the most routes first.")


class PrependingRow(Row):
    """An AS that stands several times in a row.

    Attributes:
        times: Its longest run: 3 in `64496 64500 64500 64500`.
        as_path: A path with that run.
        at_origin: Whether it repeats itself as the origin of any of these routes.
        routes, prefix_count, peers: With any run of `least` or more.
        prefixes: The first `MAX_LISTED` of them, those with the longest runs first.
    """

    asn: ASN
    times: int
    as_path: str
    at_origin: bool
    routes: int
    prefix_count: int
    prefixes: list[Prefix]
    peers: int


class LoopRow(Row):
    """A path in which an AS comes again after another hop.

    Attributes:
        asn: The AS that comes again.
        prefixes: The first `MAX_LISTED` of them.
        first_seen, last_seen: When the first of these was told, and the last was lost or the data ended.
    """

    asn: ASN
    as_path: str
    routes: int
    prefix_count: int
    prefixes: list[Prefix]
    peers: int
    first_seen: str
    last_seen: str


class ReservedRow(Row):
    """An ASN that is not for use on the Internet, and where it stands.

    Attributes:
        rfc: That sets it apart.
        position: `origin` if it originates the routes, alone or in a set; otherwise `transit`.
        prefixes: The first `MAX_LISTED` of them.
        first_seen, last_seen: When the first of these was told, and the last was lost or the data ended.
    """

    asn: ASN
    kind: ReservedKind
    rfc: str
    position: Position
    routes: int
    prefix_count: int
    prefixes: list[Prefix]
    peers: int
    first_seen: str
    last_seen: str


_CARRIED = (pl.len().alias("routes"), pl.col("prefix").n_unique().alias("prefix_count"), PEERS)
_PREFIXES = pl.col("prefix").unique().sort().head(MAX_LISTED).alias("prefixes")


def prepending(data: Dataset, args: Prepending) -> list[PrependingRow]:
    """ASes that stand several times in a row, the longest runs first; `top` rows."""
    routes = seen_routes(data, args)
    runs = path_runs(routes).filter(pl.col("times") >= args.least)
    if args.asn is not None:
        runs = runs.filter(pl.col("asn") == args.asn)
    # An AS with two runs in a path is one AS of that path, with the longer run.
    of_paths = runs.group_by("as_path", "asn").agg(pl.col("times").max(), at_origin=pl.col("last").any())

    def longest_first(name: str) -> pl.Expr:
        return pl.col(name).sort_by("times", "prefix", "as_path", descending=[True, False, False])

    rows = (
        routes.join(of_paths, on="as_path")
        .group_by("asn")
        .agg(
            *_CARRIED,
            pl.col("times").max(),
            pl.col("at_origin").any(),
            longest_first("as_path").first(),
            longest_first("prefix").unique(maintain_order=True).head(MAX_LISTED).alias("prefixes"),
        )
        .sort(["times", "routes", "asn"], descending=[True, True, False])
        .head(args.top)
        .collect()
    )
    return [PrependingRow.model_validate(row) for row in rows.to_dicts()]


def path_loops(data: Dataset, args: PathLoops) -> list[LoopRow]:
    """Paths in which an AS comes again after another hop, the most routes first; `top` rows.

    A speaker does not use a path with its own AS unless it is told to (RFC 4271, section 9.1.2), so that
    somebody wrote the loop: such as an origin that poisons its path, to be refused by the AS it names.
    """
    routes = seen_routes(data, args)
    again = (
        path_hops(routes)
        .filter(pl.col("asn").is_not_null())
        .group_by("as_path", "asn")
        .agg(places=pl.len())
        .filter(pl.col("places") > 1)
    )
    rows = (
        with_times(routes.join(again, on="as_path"), data)
        .group_by("as_path", "asn")
        .agg(*_CARRIED, _PREFIXES, *SEEN)
        .sort(["routes", "as_path", "asn"], descending=[True, False, False])
        .head(args.top)
        .collect()
    )
    return [LoopRow.model_validate(_with_times(row)) for row in rows.to_dicts()]


def reserved_asns(data: Dataset, args: ReservedAsns) -> list[ReservedRow]:
    """ASNs in paths that are not for use on the Internet, the most routes first; `top` rows.

    Those in sets count too; members of a confederation do not, for which private ASNs are usual (RFC 5065).
    """
    routes = seen_routes(data, args)
    asn = pl.col("asn")
    number = pl.coalesce(
        pl.when(asn.is_between(known.first, known.last)).then(pl.lit(number, pl.Int32))
        for number, known in enumerate(RESERVED)
        if known.kind in args.kinds
    )
    found = (
        path_hops(routes)
        .filter(~pl.col("hop").str.contains(r"^[(\[]"))
        .select("as_path", asn=pl.col("hop").str.extract_all(r"\d+"))
        .explode("asn")
        .select("as_path", asn.cast(pl.UInt32))
        .unique()
        .with_columns(number=number)
        .filter(pl.col("number").is_not_null())
    )
    originates = pl.col("origins").list.contains(asn)
    rows = (
        with_times(routes.join(found, on="as_path"), data)
        .with_columns(position=pl.when(originates).then(pl.lit("origin")).otherwise(pl.lit("transit")))
        .group_by("asn", "number", "position")
        .agg(*_CARRIED, _PREFIXES, *SEEN)
        .sort(["routes", "asn", "position"], descending=[True, False, False])
        .head(args.top)
        .collect()
    )
    return [
        ReservedRow.model_validate(
            {
                **_with_times(row),
                "kind": RESERVED[row["number"]].kind,
                "rfc": RESERVED[row["number"]].rfc,
            }
        )
        for row in rows.to_dicts()
    ]


def _with_times(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "first_seen": show_time(row["first"]), "last_seen": show_time(row["last"])}
