"""How much was announced and withdrawn: in total, by what, in time (question families 1 and 4)."""

from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.selection import Selection
from herdwick.tools.bgp.times import show_time
from herdwick.tools.errors import ToolFailure

UpdateKey = Literal["total", "origin_asn", "prefix", "peer_asn", "peer_address", "collector", "ip_version"]
MAX_ROWS = 1_000
MAX_BINS = 10_000


class CountUpdates(Selection):
    """Arguments of `count_updates`."""

    by: UpdateKey = Field(default="total", description="What to count by; total: one row for all.")
    top: int = Field(default=10, ge=1, le=MAX_ROWS, description="So many rows, the most active first.")


class UpdateSeries(Selection):
    """Arguments of `update_series`."""

    bin_seconds: int = Field(default=60, ge=1, le=31_536_000, description="Length of a bin.")


class UpdateCount(BaseModel):
    """Updates of one kind.

    Attributes:
        key: An ASN, prefix, address, collector or IP version; `total` for all.
    """

    model_config = ConfigDict(frozen=True)

    key: int | str
    announcements: int
    withdrawals: int
    updates: int


class UpdateBin(BaseModel):
    """Updates in `[time, time + bin_seconds)`."""

    model_config = ConfigDict(frozen=True)

    time: str
    announcements: int
    withdrawals: int
    updates: int


_ANNOUNCED = (pl.col("type") == "A").sum().alias("announcements")
_WITHDRAWN = (pl.col("type") == "W").sum().alias("withdrawals")


def count_updates(data: Dataset, args: CountUpdates) -> list[UpdateCount]:
    """Announcements and withdrawals, most active first; table entries are no updates."""
    updates = args.of(data.elems()).filter(pl.col("type").is_in(["A", "W"]))
    if args.by == "total":
        counted = updates.select(_ANNOUNCED, _WITHDRAWN).with_columns(key=pl.lit("total"))
    else:
        key = pl.col(args.by if args.by != "origin_asn" else "route_origins")
        frame = updates.with_columns(key=key)
        if args.by == "origin_asn":
            # A set of origins counts for each of them; an unknown origin for none.
            frame = frame.explode("key").filter(pl.col("key").is_not_null())
        counted = frame.group_by("key").agg(_ANNOUNCED, _WITHDRAWN)
    rows = (
        counted.with_columns(updates=pl.col("announcements") + pl.col("withdrawals"))
        .sort(["updates", "key"], descending=[True, False])
        .head(args.top)
        .collect()
    )
    return [UpdateCount.model_validate(row) for row in rows.to_dicts()]


def update_series(data: Dataset, args: UpdateSeries) -> list[UpdateBin]:
    """Announcements and withdrawals in bins of time, empty bins included.

    Bins start at multiples of `bin_seconds` since 1970 and cover the window that was asked for, or if none
    was what the files hold.

    Raises:
        ToolFailure: There would be more than `MAX_BINS` bins.
    """
    selected = args.of(data.elems()).filter(pl.col("type").is_in(["A", "W"]))
    span = args.window(data)
    if span is None:
        return []
    size = args.bin_seconds
    first, last = int(span[0] // size), int(-(-span[1] // size))
    if last - first > MAX_BINS:
        raise ToolFailure(
            "too_many_bins",
            f"{last - first:,} bins of {size} seconds are more than {MAX_BINS:,}.",
            "Ask for longer bins or a shorter window.",
        )
    counted = (
        selected.group_by((pl.col("time") // size).cast(pl.Int64).alias("bin"))
        .agg(_ANNOUNCED, _WITHDRAWN)
        .collect()
    )
    found = {row["bin"]: row for row in counted.to_dicts()}
    empty = {"announcements": 0, "withdrawals": 0}
    return [_bin(number * size, found.get(number, empty)) for number in range(first, max(last, first + 1))]


def _bin(time: float, row: dict[str, int]) -> UpdateBin:
    announced, withdrawn = row["announcements"], row["withdrawals"]
    return UpdateBin(
        time=show_time(time), announcements=announced, withdrawals=withdrawn, updates=announced + withdrawn
    )
