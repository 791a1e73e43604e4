"""The elems a question is about: some files, a window, a filter.

    data = Dataset(convert_all(find_files(paths)), from_time=t0, until_time=t1)
    data.elems().filter(pl.col("type") == "A").collect()
    data.described()      # files, collectors, window and counts, for the answer

Elems are in the order of time; of equal times, in the order of the files and within them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl
from pydantic import JsonValue

from herdwick.tools.bgp.columns.convert import Converted
from herdwick.tools.bgp.columns.schema import SCHEMA
from herdwick.tools.bgp.times import show_time

MAX_LISTED = 20
"""Files named one by one in a description; of more only the number is given."""


@dataclass(frozen=True)
class Dataset:
    """Converted files seen through a window `[from_time, until_time)`.

    Attributes:
        converted: The files.
        from_time, until_time: In seconds since 1970 UTC; None leaves the window open.
    """

    converted: Sequence[Converted]
    from_time: float | None = None
    until_time: float | None = None

    def elems(self) -> pl.LazyFrame:
        """All elems with the columns of `SCHEMA`, and `collector`, `project` and `seq`, their order."""
        frames = [
            pl.scan_parquet([*item.parts]).with_columns(
                collector=pl.lit(item.file.source.collector), project=pl.lit(item.file.source.project)
            )
            for item in self.converted
            if item.parts
        ]
        if not frames:
            empty = pl.LazyFrame(schema={**SCHEMA, "collector": pl.String, "project": pl.String})
            return empty.with_row_index("seq")
        elems = pl.concat(frames)
        if self.from_time is not None:
            elems = elems.filter(pl.col("time") >= self.from_time)
        if self.until_time is not None:
            elems = elems.filter(pl.col("time") < self.until_time)
        return elems.sort("time", maintain_order=True).with_row_index("seq")

    @cached_property
    def span(self) -> tuple[float, float] | None:
        """First and last moment of the elems in the window; None if there are none."""
        found = self.elems().select(first=pl.col("time").min(), last=pl.col("time").max()).collect()
        first, last = found.row(0)
        return None if first is None else (first, last)

    def described(self) -> dict[str, JsonValue]:
        """What was really read, for the `data` of an answer."""
        names: list[JsonValue] = [item.file.path.name for item in self.converted]
        skipped: dict[str, int] = {}
        for item in self.converted:
            for reason, number in item.read.skipped.items():
                skipped[reason] = skipped.get(reason, 0) + number
        cut: list[JsonValue] = [
            f"{item.file.path.name}: {item.read.ended_early}"
            for item in self.converted
            if item.read.ended_early
        ]
        files: JsonValue = (
            names
            if len(names) <= MAX_LISTED
            else [*names[:MAX_LISTED], f"and {len(names) - MAX_LISTED} more"]
        )
        return {
            "files": files,
            "collectors": [*sorted({item.file.source.collector for item in self.converted})],
            "window": self._window(),
            "records": sum(item.read.records for item in self.converted),
            "elems": sum(item.read.elems for item in self.converted),
            "left_out": dict(skipped),
            "not_read_to_the_end": cut,
            "problems": [_problem(item) for item in self.converted if item.read.skipped],
        }

    def _window(self) -> JsonValue:
        """The window asked for, or where it is open what the files hold."""
        firsts = [item.read.first_time for item in self.converted if item.read.first_time is not None]
        lasts = [item.read.last_time for item in self.converted if item.read.last_time is not None]
        start = self.from_time if self.from_time is not None else min(firsts, default=None)
        end = self.until_time if self.until_time is not None else max(lasts, default=None)
        return {
            "from": None if start is None else show_time(start),
            "until": None if end is None else show_time(end),
        }


def _problem(item: Converted) -> str:
    """What was read of a file of which something was lost, and what was lost."""
    read = item.read
    lost = [f"all after {read.ended_early}"] if read.ended_early else []
    # Why it ended is among the reasons too.
    others = {reason: number for reason, number in read.skipped.items() if reason not in read.ended_early}
    lost += [f"{reason} ({number:,})" for reason, number in others.items()]
    return (
        f"{item.file.path.name}: {read.records:,} records with {read.elems:,} elems were read; "
        f"lost: {', '.join(lost)}"
    )
