"""Sessions of the collector with its peers: when they went down and came up (question family 14).

What is known of them are changes of state (RFC 4271, section 8.2.2). Only ESTABLISHED carries routes: a
session that leaves it is down, one that reaches it is up. A collector that writes no states shows none.
"""

from typing import Literal, Self

import polars as pl
from pydantic import Field, model_validator

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Selection
from herdwick.tools.bgp.times import show_time

Change = Literal["up", "down", "other"]


class Sessions(Selection):
    """Arguments of `sessions`; a session has no prefix and no origin."""

    changes: Literal["up_and_down", "all"] = Field(
        default="up_and_down",
        description="up_and_down: to and from ESTABLISHED; all: also those between other states.",
    )
    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="No more rows than this, the earliest.")

    @model_validator(mode="after")
    def _no_routes(self) -> Self:
        if (self.prefix, self.origin_asn, self.ip_version) != (None, None, None):
            raise ValueError(
                "Sessions have no prefix, origin or IP version: choose them by peer or collector."
            )
        return self


class SessionRow(Row):
    """A change of a session's state.

    Attributes:
        change: `down` from ESTABLISHED, `up` to it, or `other`.
        seconds_down: How long the session was, or would be, without ESTABLISHED: of `down` until it came up
            again, of `up` since it went down; None where the data does not show the other end.
    """

    time: str
    collector: str
    peer_asn: ASN
    peer_address: str
    change: Change
    old_state: str
    new_state: str
    seconds_down: float | None


def sessions(data: Dataset, args: Sessions) -> list[SessionRow]:
    """Changes of state in the order of time; no more than `top` rows."""
    bounds = args.window(data)
    if bounds is None:
        return []
    start, end = bounds
    left, reached = pl.col("old_state") == "ESTABLISHED", pl.col("new_state") == "ESTABLISHED"
    states = (
        args.sessions(data.elems())
        .filter(pl.col("type") == "S")
        .with_columns(
            change=pl.when(left & ~reached)
            .then(pl.lit("down"))
            .when(reached & ~left)
            .then(pl.lit("up"))
            .otherwise(pl.lit("other"))
        )
    )
    key = ["collector", "peer_address", pl.col("change") == "other"]
    change, time = pl.col("change"), pl.col("time")
    # Within the ups and downs of a session the neighbour is the other end.
    before, after = change.shift().over(key, order_by="seq"), change.shift(-1).over(key, order_by="seq")
    seconds = (
        pl.when((change == "up") & (before == "down"))
        .then(time - time.shift().over(key, order_by="seq"))
        .when((change == "down") & (after == "up"))
        .then(time.shift(-1).over(key, order_by="seq") - time)
    )
    found = states.with_columns(seconds_down=seconds).filter(time >= start, time < end)
    if args.changes == "up_and_down":
        found = found.filter(change != "other")
    rows = found.sort("seq").head(args.top).collect()
    return [
        SessionRow.model_validate(
            {name: row[name] for name in SessionRow.model_fields} | {"time": show_time(row["time"])}
        )
        for row in rows.to_dicts()
    ]
