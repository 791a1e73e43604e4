"""Routes that go and come again (question family 6).

Table entries are no updates and end no gap; a lost session is no withdrawal.
"""

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.routes import ROUTE
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.times import show_time


class Flaps(Selection):
    """Arguments of `flaps`."""

    least: int = Field(default=1, ge=1, description="Only routes that came back so many times at least.")
    top: int = Field(default=20, ge=1, le=MAX_ROWS, description="So many rows, the most flaps first.")


class FlapRow(Row):
    """How often a peer announced a prefix again that it had withdrawn.

    Attributes:
        flaps: Announcements after a withdrawal.
        min_gap_seconds, median_gap_seconds, max_gap_seconds: From the withdrawal to the announcement; of
            several withdrawals in a row from the first.
        first, last: When the first gap began and the last one ended.
    """

    prefix: Prefix
    collector: str
    peer_asn: ASN
    peer_address: str
    flaps: int
    min_gap_seconds: float
    median_gap_seconds: float
    max_gap_seconds: float
    first: str
    last: str


def flaps(data: Dataset, args: Flaps) -> list[FlapRow]:
    """Prefixes that came back after a withdrawal, by peer, the most flaps first; `top` rows.

    A gap counts where it ends, so that it may have begun before the window asked for, if the data has that.
    """
    gap = pl.col("time") - pl.col("gone")
    rows = (
        args.of(_with_gaps(data.elems()))
        .filter((pl.col("type") == "A") & pl.col("gone").is_not_null())
        .group_by("prefix", "collector", "peer_asn", "peer_address")
        .agg(
            flaps=pl.len(),
            min_gap_seconds=gap.min(),
            median_gap_seconds=gap.median(),
            max_gap_seconds=gap.max(),
            first=pl.col("gone").min(),
            last=pl.col("time").max(),
        )
        .filter(pl.col("flaps") >= args.least)
        .sort(["flaps", "prefix", "collector", "peer_address"], descending=[True, False, False, False])
        .head(args.top)
        .collect()
    )
    return [
        FlapRow.model_validate({**row, "first": show_time(row["first"]), "last": show_time(row["last"])})
        for row in rows.to_dicts()
    ]


def _with_gaps(elems: pl.LazyFrame) -> pl.LazyFrame:
    """Announcements and withdrawals; `gone`: of an announcement after withdrawals, the time of the first."""
    updates = elems.filter(pl.col("type").is_in(["A", "W"]))
    before = pl.col("type").shift().over(ROUTE, order_by="seq")
    first = pl.when((pl.col("type") == "W") & before.ne_missing("W")).then("time")
    return updates.with_columns(left=first, before=before).with_columns(
        gone=pl.when((pl.col("type") == "A") & (pl.col("before") == "W")).then(
            pl.col("left").forward_fill().over(ROUTE, order_by="seq")
        )
    )
