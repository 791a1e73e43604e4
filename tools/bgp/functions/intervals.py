"""When something of a group held: stretches of time, put together and counted.

merged(spells, ["prefix", "peer_address"])         # start and end of each stretch; end is null while it lasts
changes(spells, ["peer_address"])                  # how many were held after each moment of change
"""

from collections.abc import Sequence

import polars as pl


def changes(spells: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """How many stretches of a group are open after each moment: `by`, `time` and `held`, in order.

    Args:
        spells: Rows with `start` and `end`, which is null where nothing ended it.
        by: Columns that make a group.
    """
    opened = spells.select(*by, time=pl.col("start"), step=pl.lit(1, pl.Int32))
    closed = spells.select(*by, time=pl.col("end"), step=pl.lit(-1, pl.Int32)).filter(
        pl.col("time").is_not_null()
    )
    # What ends and starts at one moment, as a route that is replaced, is no change.
    steps = pl.concat([opened, closed]).group_by(*by, "time").agg(pl.col("step").sum())
    return (
        steps.filter(pl.col("step") != 0)
        .sort(*by, "time")
        .with_columns(held=pl.col("step").cum_sum().over(by))
        .drop("step")
    )


def merged(spells: pl.LazyFrame, by: Sequence[str], at_least: int | pl.Expr = 1) -> pl.LazyFrame:
    """The stretches in which a group holds: `by`, `start` and `end`, which is null where it lasts.

    Args:
        spells: Rows with `start` and `end`.
        by: Columns that make a group.
        at_least: So many must be open at once; an expression may use the columns of `by`.
    """
    return (
        changes(spells, by)
        .with_columns(holds=pl.col("held") >= at_least)
        .filter(pl.col("holds") != pl.col("holds").shift(fill_value=False).over(by))
        .with_columns(start=pl.col("time"), end=pl.col("time").shift(-1).over(by))
        .filter(pl.col("holds"))
        .select(*by, "start", "end")
    )


def overlap(one: str = "", other: str = "_other") -> pl.Expr:
    """Whether the stretches `start…end` with these two suffixes have a moment in common."""
    return _before(f"start{one}", f"end{other}") & _before(f"start{other}", f"end{one}")


def _before(start: str, end: str) -> pl.Expr:
    return pl.col(end).is_null() | (pl.col(start) < pl.col(end))
