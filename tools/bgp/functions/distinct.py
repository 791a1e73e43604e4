"""How many different prefixes, ASes, peers or paths there were, and which (question families 1 and 4).

What came once counts as much as what came a thousand times; `count_updates` counts messages instead.
"""

from typing import Literal

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import Selection

Thing = Literal["prefix", "origin_asn", "asn", "as_path", "peer_asn", "peer_address", "collector"]
Among = Literal["all", "routes", "announcements", "withdrawals", "updates"]

_TYPES: dict[Among, list[str]] = {
    "all": ["R", "A", "W", "S"],
    "routes": ["R", "A"],
    "announcements": ["A"],
    "withdrawals": ["W"],
    "updates": ["A", "W"],
}


class Distinct(Selection):
    """Arguments of `distinct`."""

    what: Thing = Field(
        default="prefix",
        description="What is told apart; asn: every AS of the paths, in sets too; origin_asn: the last one, "
        "and of a withdrawal the one that originated the route before.",
    )
    among: Among = Field(
        default="all",
        description="Where it is looked for; routes: table entries and announcements; all: everything.",
    )
    top: int = Field(default=MAX_ROWS, ge=1, le=MAX_ROWS, description="No more values than this.")


class DistinctValues(Row):
    """What was told apart.

    Attributes:
        count: How many different ones there are.
        values: The first `top` of them: numbers in ascending order, prefixes in the order of their networks,
            other texts by letters.
    """

    count: int
    values: list[int | str]


def distinct(data: Dataset, args: Distinct) -> DistinctValues:
    """The different prefixes, ASes, AS paths, peers or collectors that were seen, and how many these are."""
    elems = args.of(data.elems()).filter(pl.col("type").is_in(_TYPES[args.among]))
    found = (
        _values(elems, args).filter(pl.col("value").is_not_null()).unique("value").sort(pl.all()).collect()
    )
    return DistinctValues(count=len(found), values=found["value"].head(args.top).to_list())


def _values(elems: pl.LazyFrame, args: Distinct) -> pl.LazyFrame:
    """The column `value`, after what it is sorted by."""
    match args.what:
        case "prefix":
            return elems.select("ip_version", "network_high", "network_low", "prefix_length", value="prefix")
        case "origin_asn":
            return elems.select(value="route_origins").explode("value")
        case "asn":
            # The members of a set or a confederation stand in brackets.
            paths = elems.select("as_path").unique()
            return (
                paths.select(value=pl.col("as_path").str.extract_all(r"\d+")).explode("value").cast(pl.UInt32)
            )
        case _:
            return elems.select(value=args.what)
