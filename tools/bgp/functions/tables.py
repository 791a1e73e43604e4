"""What the table looked like at a moment (question family 15).

The table of a moment is what was written and announced before it, each route's latest, less what was
withdrawn and the routes of sessions that went down: the end of a session removes what was announced on it
(RFC 4271, section 3.1). A route that a later table lacks without having been withdrawn is still counted.
"""

from typing import Literal, Self

import polars as pl
from pydantic import Field, model_validator

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.routes import ROUTE
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection, Time
from herdwick.tools.bgp.times import parse_time, show_time

TableKey = Literal[
    "total", "origin_asn", "peer_asn", "peer_address", "collector", "ip_version", "prefix_length"
]


class TableAt(Selection):
    """Arguments of `table_at`; instead of a window there is a moment."""

    time: Time | None = Field(
        default=None,
        description="The moment, UTC; what happened at it has happened. Default: the end of the data.",
    )
    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="No more routes than this.")

    @model_validator(mode="after")
    def _no_window(self) -> Self:
        if (self.from_time, self.until_time) != (None, None):
            raise ValueError("A table is of a moment: give `time`, not from_time or until_time.")
        return self


class TableCounts(TableAt):
    """Arguments of `table_counts`."""

    by: TableKey = Field(default="total", description="What to count by; total: one row for all.")
    order: Literal["routes", "prefixes"] = Field(default="routes", description="What most of comes first.")
    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="So many rows, those with most first.")


class TableRow(Row):
    """A route that a peer held.

    Attributes:
        origin_asns: Of the path's end; none if the path is empty.
        since: Of the announcement of this path, or of the first table with it, without a break until then.
    """

    prefix: Prefix
    collector: str
    peer_asn: ASN
    peer_address: str
    path_id: int | None
    as_path: str
    origin_asns: list[ASN]
    since: str


class TableCount(Row):
    """What was held of one kind.

    Attributes:
        key: An ASN, address, collector, IP version or prefix length; `total` for all.
        origins: Different origin ASNs.
    """

    key: int | str
    routes: int
    prefixes: int
    peers: int
    origins: int


def table_at(data: Dataset, args: TableAt) -> list[TableRow]:
    """The routes held at a moment, in the order of prefixes and peers; no more than `top` rows."""
    order = ["ip_version", "network_high", "network_low", "prefix_length", *ROUTE]
    rows = _held(data, args).sort(order).head(args.top).collect()
    return [
        TableRow.model_validate(
            {name: row.get(name) for name in TableRow.model_fields}
            | {"origin_asns": row["origins"], "since": show_time(row["since"])}
        )
        for row in rows.to_dicts()
    ]


def table_counts(data: Dataset, args: TableCounts) -> list[TableCount]:
    """How many routes, prefixes and peers a table had, by what is asked; no more than `top` rows.

    A set of origins counts for each of them, an empty path for none. The total of no routes is all zeros.
    """
    held = _held(data, args)
    if args.by == "total":
        keyed = held.with_columns(key=pl.lit("total"))
    elif args.by == "origin_asn":
        keyed = held.with_columns(key="origins").explode("key").filter(pl.col("key").is_not_null())
    else:
        keyed = held.with_columns(key=args.by)
    rows = (
        keyed.group_by("key")
        .agg(
            routes=pl.len(),
            prefixes=pl.col("prefix").n_unique(),
            peers=pl.struct("collector", "peer_address").n_unique(),
            origins=pl.col("origins").explode().drop_nulls().n_unique(),
        )
        .sort([args.order, "key"], descending=[True, False])
        .head(args.top)
        .collect()
    )
    counts = [TableCount.model_validate(row) for row in rows.to_dicts()]
    if not counts and args.by == "total" and _within(data, args.time):
        return [TableCount(key="total", routes=0, prefixes=0, peers=0, origins=0)]
    return counts


def _within(data: Dataset, time: str | None) -> bool:
    """Whether the data says anything of that moment; of one before it begins nothing is known."""
    return data.span is not None and (time is None or parse_time(time) >= data.span[0])


def _held(data: Dataset, args: TableAt) -> pl.LazyFrame:
    """The routes that held at the moment, with `since`."""
    elems = data.elems()
    until_then = elems if args.time is None else elems.filter(pl.col("time") <= parse_time(args.time))
    # A route that comes again as it was, as in a later table, has not changed.
    unbroken = (pl.col("as_path") == pl.col("as_path").shift().over(ROUTE, order_by="seq")) & (
        pl.col("start") == pl.col("end").shift().over(ROUTE, order_by="seq")
    )
    return (
        args.spells(until_then)
        .with_columns(since=pl.when(~unbroken.fill_null(value=False)).then("start"))
        .with_columns(since=pl.col("since").forward_fill().over(ROUTE, order_by="seq"))
        .filter(pl.col("end").is_null())
    )
