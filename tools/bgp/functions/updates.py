"""How much was announced and withdrawn: in total, by what, in time (question families 1 and 4)."""

import math
import statistics
from typing import Literal, get_args

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import Selection
from herdwick.tools.bgp.times import END_S, FIRST_S, show_time
from herdwick.tools.errors import ToolFailure

UpdateKey = Literal["total", "origin_asn", "prefix", "peer_asn", "peer_address", "collector", "ip_version"]
UpdateKind = Literal["updates", "announcements", "withdrawals"]
MAX_BINS = 10_000


class CountUpdates(Selection):
    """Arguments of `count_updates`."""

    by: UpdateKey = Field(default="total", description="What to count by; total: one row for all.")
    order: UpdateKind = Field(default="updates", description="What most of comes first.")
    top: int = Field(default=10, ge=1, le=MAX_ROWS, description="So many rows, those with most first.")


class UpdateSeries(Selection):
    """Arguments of `update_series`."""

    bin_seconds: int = Field(default=60, ge=1, le=31_536_000, description="Length of a bin.")


class UpdateRates(UpdateSeries):
    """Arguments of `update_rates`."""


class UpdateCount(Row):
    """Updates of one kind.

    Attributes:
        key: An ASN, prefix, address, collector or IP version; `total` for all.
    """

    key: int | str
    announcements: int
    withdrawals: int
    updates: int


class UpdateBin(Row):
    """Updates in `[time, time + bin_seconds)`."""

    time: str
    announcements: int
    withdrawals: int
    updates: int


class UpdateRate(Row):
    """How many updates of a kind fall into a bin: fewest, most, on average."""

    kind: UpdateKind
    bins: int
    min: int
    max: int
    mean: float
    median: float


_ANNOUNCED = (pl.col("type") == "A").sum().alias("announcements")
_WITHDRAWN = (pl.col("type") == "W").sum().alias("withdrawals")


def count_updates(data: Dataset, args: CountUpdates) -> list[UpdateCount]:
    """Announcements and withdrawals, by what is asked, the most first; table entries are no updates."""
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
        .sort([args.order, "key"], descending=[True, False])
        .head(args.top)
        .collect()
    )
    return [UpdateCount.model_validate(row) for row in rows.to_dicts()]


def update_series(data: Dataset, args: UpdateSeries) -> list[UpdateBin]:
    """Announcements and withdrawals in bins of time, empty bins included.

    Bins start at multiples of `bin_seconds` since 1970 and cover the window that was asked for, or if none
    was what the files hold until the last update: a table written then is no reason for a bin.

    Raises:
        ToolFailure: There would be more than `MAX_BINS` bins, or some outside the years 1 to 9999.
    """
    selected = args.of(data.elems()).filter(pl.col("type").is_in(["A", "W"]))
    span = _span(data, args)
    if span is None:
        return []
    size = args.bin_seconds
    first = int(span[0] // size)
    last = max(int(-(-span[1] // size)), first + 1)
    if last - first > MAX_BINS:
        raise ToolFailure(
            "too_many_bins",
            f"{last - first:,} bins of {size} seconds are more than {MAX_BINS:,}.",
            "Ask for longer bins or a shorter window.",
        )
    if first * size < FIRST_S or last * size >= END_S:
        raise ToolFailure(
            "bins_without_dates",
            f"Bins of {size} seconds would begin before the year 1 or end after the year 9999.",
            "Ask for a window near the data.",
        )
    counted = (
        selected.group_by((pl.col("time") // size).cast(pl.Int64).alias("bin"))
        .agg(_ANNOUNCED, _WITHDRAWN)
        .collect()
    )
    found = {row["bin"]: row for row in counted.to_dicts()}
    empty = {"announcements": 0, "withdrawals": 0}
    return [_bin(number * size, found.get(number, empty)) for number in range(first, last)]


def _span(data: Dataset, args: UpdateSeries) -> tuple[float, float] | None:
    """From when until when there are bins."""
    span = args.window(data)
    if span is None or args.until_time is not None or data.until_time is not None:
        return span
    last = data.elems().filter(pl.col("type") != "R").select(pl.col("time").max()).collect().item()
    return span if last is None else (span[0], max(span[0], math.nextafter(last, math.inf)))


def update_rates(data: Dataset, args: UpdateRates) -> list[UpdateRate]:
    """Updates per bin of time, empty bins included: fewest, most, mean and median, one row for each kind.

    Bins are those of `update_series`.

    Raises:
        ToolFailure: There would be more than `MAX_BINS` bins, or some outside the years 1 to 9999.
    """
    bins = update_series(data, args)
    counts = {kind: [getattr(row, kind) for row in bins] for kind in get_args(UpdateKind)} if bins else {}
    return [
        UpdateRate(
            kind=kind,
            bins=len(numbers),
            min=min(numbers),
            max=max(numbers),
            mean=statistics.fmean(numbers),
            median=statistics.median(numbers),
        )
        for kind, numbers in counts.items()
    ]


def _bin(time: float, row: dict[str, int]) -> UpdateBin:
    announced, withdrawn = row["announcements"], row["withdrawals"]
    return UpdateBin(
        time=show_time(time), announcements=announced, withdrawals=withdrawn, updates=announced + withdrawn
    )
