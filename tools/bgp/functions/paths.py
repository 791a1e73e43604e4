"""How long paths are and when they change (question family 3).

The length is in ASes. A set is one and a confederation's own segments are none, as in the choice of routes
(RFC 4271, section 9.1.2.2; RFC 5065, section 5.3). The path that a peer gives its own routes to a collector
within its AS is empty; its length is 0.
"""

from typing import Literal

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.hops import seen_routes
from herdwick.tools.bgp.functions.routes import ROUTE, SESSION, session_ends
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.times import show_time

ChangeKey = Literal["total", "prefix", "peer_asn", "peer_address", "origin_asn", "collector", "ip_version"]


class PathLengths(Selection):
    """Arguments of `path_lengths`."""

    distinct: bool = Field(
        default=False, description="Count a route that a peer tells again with the same path only once."
    )


class PathLengthDistribution(PathLengths):
    """Arguments of `path_length_distribution`."""

    prepending_counted: bool = Field(default=False, description="Whether a repeated AS counts each time.")


class _Changes(Selection):
    ignore_prepending: bool = Field(
        default=False, description="Whether paths that differ only in prepending are the same."
    )
    after_withdrawal: bool = Field(
        default=False,
        description="Count too a route that comes back with another path after a withdrawal or lost session.",
    )


class PathChanges(_Changes):
    """Arguments of `path_changes`."""

    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="So many changes, the earliest.")


class CountPathChanges(_Changes):
    """Arguments of `count_path_changes`."""

    by: ChangeKey = Field(default="total", description="What to count by; total: one row for all.")
    top: int = Field(default=10, ge=1, le=MAX_ROWS, description="So many rows, the most changes first.")


class PathLengthRow(Row):
    """Path lengths in ASes; None without routes."""

    prepending_counted: bool
    routes: int
    min: int | None
    max: int | None
    mean: float | None
    median: float | None


class LengthCount(Row):
    """So many routes have a path of so many ASes."""

    length: int
    routes: int


class PathChange(Row):
    """A peer replaced its route to a prefix by one with another path.

    Attributes:
        withdrawn_between: Whether the prefix was unreachable in between.
    """

    time: str
    prefix: Prefix
    collector: str
    peer_asn: ASN
    peer_address: str
    old_path: str
    new_path: str
    withdrawn_between: bool


class PathChangeCount(Row):
    """Path changes of one kind.

    Attributes:
        key: A prefix, ASN, address, collector or IP version; `total` for all.
    """

    key: int | str
    changes: int


def path_lengths(data: Dataset, args: PathLengths) -> list[PathLengthRow]:
    """Shortest, longest, mean and median path: a row with prepending not counted, and one with it counted.

    Every table entry and announcement counts, unless `distinct` is asked.
    """
    routes = _with_lengths(data, args)
    rows = []
    for counted in (False, True):
        length = pl.col(_column(counted))
        found = routes.select(
            routes=pl.len(), min=length.min(), max=length.max(), mean=length.mean(), median=length.median()
        )
        rows.append(PathLengthRow(prepending_counted=counted, **found.row(0, named=True)))
    return rows


def path_length_distribution(data: Dataset, args: PathLengthDistribution) -> list[LengthCount]:
    """How many routes have a path of each length, the shortest first; 1,000 lengths at most."""
    column = _column(args.prepending_counted)
    counted = _with_lengths(data, args).group_by(length=column).agg(routes=pl.len())
    return [LengthCount.model_validate(row) for row in counted.sort("length").head(MAX_ROWS).to_dicts()]


def path_changes(data: Dataset, args: PathChanges) -> list[PathChange]:
    """Routes replaced by one with another path, in the order of time; the first `top` of them.

    The same path told again is no change. Selected by origin, a change belongs to the origin of the new
    path. The route before may be older than the window asked for, if the data has it.
    """
    rows = _changes(data, args).sort("seq").head(args.top).collect()
    return [
        PathChange(
            time=show_time(row["time"]),
            prefix=row["prefix"],
            collector=row["collector"],
            peer_asn=row["peer_asn"],
            peer_address=row["peer_address"],
            old_path=row["old_path"],
            new_path=row["as_path"],
            withdrawn_between=row["interrupted"],
        )
        for row in rows.to_dicts()
    ]


def count_path_changes(data: Dataset, args: CountPathChanges) -> list[PathChangeCount]:
    """How many changes `path_changes` finds, by what is asked, the most first; `top` rows of them."""
    changes = _changes(data, args)
    if args.by == "total":
        counted = changes.select(changes=pl.len()).with_columns(key=pl.lit("total"))
    else:
        keyed = changes.with_columns(key=pl.col(args.by if args.by != "origin_asn" else "route_origins"))
        if args.by == "origin_asn":
            # A set of origins counts for each of them; an empty path for none.
            keyed = keyed.explode("key").filter(pl.col("key").is_not_null())
        counted = keyed.group_by("key").agg(changes=pl.len())
    rows = counted.sort(["changes", "key"], descending=[True, False]).head(args.top).collect()
    return [PathChangeCount.model_validate(row) for row in rows.to_dicts()]


def _column(prepending_counted: bool) -> str:
    return "ases_prepended" if prepending_counted else "ases"


def _with_lengths(data: Dataset, args: PathLengths) -> pl.DataFrame:
    """The lengths of the routes selected, confederations taken out."""
    routes = seen_routes(data, args)
    if args.distinct:
        routes = routes.unique([*ROUTE, "as_path"])
    inside = pl.element().str.contains(r"^[(\[]").cast(pl.Int64)
    return routes.select(
        ases=pl.col("length").cast(pl.Int64) - pl.col("hops").list.eval(inside).list.sum(),
        ases_prepended=pl.col("length_prepended").cast(pl.Int64)
        - pl.col("as_path").str.count_matches(r"[(\[]").cast(pl.Int64),
    ).collect()


def _changes(data: Dataset, args: _Changes) -> pl.LazyFrame:
    """Routes with another path than the one before from that peer, which is `old_path`."""
    path = pl.col("hops").list.join(" ") if args.ignore_prepending else pl.col("as_path")
    compared = args.of(_with_route_before(data.elems(), path)).filter(
        pl.col("type").is_in(["R", "A"]) & (pl.col("old_compared") != path)
    )
    return compared if args.after_withdrawal else compared.filter(~pl.col("interrupted"))


def _with_route_before(elems: pl.LazyFrame, path: pl.Expr) -> pl.LazyFrame:
    """`elems` with `old_path` and `old_compared` of the last route before, and whether it was `interrupted`.

    It was if the prefix was withdrawn, or if the session ended, before the elem at hand.
    """

    def before(of: pl.Expr) -> pl.Expr:
        return of.shift().over(ROUTE, order_by="seq")

    marked = elems.filter(pl.col("type") != "S").with_columns(
        old_path=before(pl.col("as_path").forward_fill()),
        old_compared=before(path.forward_fill()),
        before_type=before(pl.col("type")),
        before_seq=before(pl.col("seq")),
    )
    downs = session_ends(elems, down_seq="seq")
    return marked.join_asof(downs, on="seq", by=SESSION, check_sortedness=False).with_columns(
        interrupted=(pl.col("before_type") == "W")
        | (pl.col("down_seq") > pl.col("before_seq")).fill_null(value=False)
    )
