"""How two windows, or two collectors, differ (question family 15).

Compared is which routes were held at any time of a window: those of the table at its start and all announced
in it. Two collectors have different peers, so that they are compared by prefix; windows by peer and prefix.
What is new and what is gone does not depend on which window is named first: the earlier one begins earlier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import polars as pl
from pydantic import Field, model_validator

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Collector, Prefix, Selection, Time
from herdwick.tools.bgp.times import is_empty_window, parse_time

_TOP = Field(default=20, ge=1, le=MAX_ROWS, description="So many examples in each list; all are counted.")


class CompareWindows(Selection):
    """Arguments of `compare_windows`; each window is `[from, until)`, and either may be the earlier one."""

    from_a: Time = Field(description="Start of window A, UTC.")
    until_a: Time = Field(description="End of window A.")
    from_b: Time = Field(description="Start of window B.")
    until_b: Time = Field(description="End of window B.")
    top: int = _TOP

    @model_validator(mode="after")
    def _two_windows(self) -> Self:
        if (self.from_time, self.until_time) != (None, None):
            raise ValueError("Give from_a, until_a, from_b and until_b, not from_time or until_time.")
        for start, end in ((self.from_a, self.until_a), (self.from_b, self.until_b)):
            if is_empty_window(start, end):
                raise ValueError(f"The window from {start} until {end} is empty.")
        return self


class CompareCollectors(Selection):
    """Arguments of `compare_collectors`."""

    a: Collector = Field(description="A collector, such as rrc00.")
    b: Collector = Field(description="Another collector.")
    top: int = _TOP

    @model_validator(mode="after")
    def _two_collectors(self) -> Self:
        if self.collector is not None or self.a == self.b:
            raise ValueError("Give two collectors as `a` and `b`.")
        return self


class Side(Row):
    """What was seen on one side.

    Attributes:
        origins: Different origin ASNs.
        paths: Different AS paths, prepending included.
    """

    peers: int
    prefixes: int
    origins: int
    paths: int
    announcements: int
    withdrawals: int


class Only(Row):
    """What was seen on one side alone; the lists are the first `top` in order."""

    prefixes: int
    prefix_list: list[Prefix]
    origins: int
    origin_list: list[ASN]
    paths: int
    path_list: list[str]


class ChangedOrigins(Row):
    """A prefix of both collectors whose origins differ."""

    prefix: Prefix
    origins_a: list[ASN]
    origins_b: list[ASN]


class OriginsBeforeAfter(Row):
    """A prefix of both windows whose origins differ."""

    prefix: Prefix
    origins_before: list[ASN]
    origins_after: list[ASN]


class Differences(Row):
    """How far two sides have the same routes.

    Attributes:
        routes_compared: Routes of both sides: of a peer and prefix for windows, of a prefix for collectors.
        paths_changed: As many of these as had not the same paths on both.
        origins_changed: Prefixes of both sides whose origins differ; `changed` has the first `top`.
    """

    routes_compared: int
    paths_changed: int
    origins_changed: int


class CollectorComparison(Differences):
    """Two collectors and their differences."""

    a: Side
    b: Side
    only_a: Only
    only_b: Only
    changed: list[ChangedOrigins]


class WindowComparison(Differences):
    """Two windows and their differences.

    Attributes:
        gone: What only the earlier window has.
        new: What only the later window has.
    """

    earlier: Side
    later: Side
    gone: Only
    new: Only
    changed: list[OriginsBeforeAfter]


def compare_windows(data: Dataset, args: CompareWindows) -> WindowComparison:
    """What is new and what is gone in the later of two windows; lists have no more than `top` entries."""
    windows = sorted(((args.from_a, args.until_a), (args.from_b, args.until_b)), key=_start)
    one, other = (args.model_copy(update={"from_time": start, "until_time": end}) for start, end in windows)
    found = _compared(data, one, other, ["collector", "peer_address", "prefix"], args.top)
    return WindowComparison(
        earlier=found.sides[0],
        later=found.sides[1],
        gone=found.only[0],
        new=found.only[1],
        changed=[
            OriginsBeforeAfter(prefix=prefix, origins_before=before, origins_after=after)
            for prefix, before, after in found.changed
        ],
        **found.differences.model_dump(),
    )


def _start(window: tuple[str, str]) -> tuple[float, float]:
    return parse_time(window[0]), parse_time(window[1])


def compare_collectors(data: Dataset, args: CompareCollectors) -> CollectorComparison:
    """What differs between two collectors; lists have no more than `top` entries."""
    one, other = (args.model_copy(update={"collector": name}) for name in (args.a, args.b))
    found = _compared(data, one, other, ["prefix"], args.top)
    return CollectorComparison(
        a=found.sides[0],
        b=found.sides[1],
        only_a=found.only[0],
        only_b=found.only[1],
        changed=[
            ChangedOrigins(prefix=prefix, origins_a=in_a, origins_b=in_b)
            for prefix, in_a, in_b in found.changed
        ],
        **found.differences.model_dump(),
    )


@dataclass(frozen=True)
class _Compared:
    """Two sides, what each alone has, and the prefixes whose origins differ, with both origins."""

    sides: tuple[Side, Side]
    only: tuple[Only, Only]
    differences: Differences
    changed: list[tuple[str, list[int], list[int]]]


_NETWORK = ["ip_version", "network_high", "network_low", "prefix_length"]


def _compared(data: Dataset, one: Selection, other: Selection, route: list[str], top: int) -> _Compared:
    key = ["collector", "peer_address", "prefix", "as_path"]
    routes_a, routes_b = (
        side.spells(data.elems()).select(*key, *_NETWORK, "origins").unique(key).collect()
        for side in (one, other)
    )
    origins_a, origins_b = (
        routes.select("prefix", *_NETWORK, "origins").explode("origins").unique()
        for routes in (routes_a, routes_b)
    )
    changed = _changed(origins_a, origins_b, ["prefix", *_NETWORK]).sort(_NETWORK)["prefix"]
    paths_changed = _changed(
        routes_a.select(*route, "as_path").unique(), routes_b.select(*route, "as_path").unique(), route
    )
    return _Compared(
        sides=(_side(data, one, routes_a), _side(data, other, routes_b)),
        only=(_only(routes_a, routes_b, top), _only(routes_b, routes_a, top)),
        differences=Differences(
            routes_compared=_common(routes_a, routes_b, route).height,
            paths_changed=paths_changed.height,
            origins_changed=len(changed),
        ),
        changed=[
            (prefix, _origins(origins_a, prefix), _origins(origins_b, prefix)) for prefix in changed.head(top)
        ],
    )


def _common(one: pl.DataFrame, other: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The groups that both have."""
    return one.select(by).unique().join(other, on=by, how="semi")


def _changed(one: pl.DataFrame, other: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The groups that both have, but with other values: a row in which only one of them has it is enough."""
    differing = [
        here.join(there, on=here.columns, how="anti").select(by)
        for here, there in ((one, other), (other, one))
    ]
    return _common(one, other, by).join(pl.concat(differing), on=by, how="semi")


def _origins(origins: pl.DataFrame, prefix: str) -> list[int]:
    return origins.filter(pl.col("prefix") == prefix)["origins"].sort().to_list()


def _side(data: Dataset, chosen: Selection, routes: pl.DataFrame) -> Side:
    updates = chosen.of(data.elems()).select(
        announcements=(pl.col("type") == "A").sum(), withdrawals=(pl.col("type") == "W").sum()
    )
    announced, withdrawn = updates.collect().row(0)
    return Side(
        peers=routes.select("collector", "peer_address").n_unique(),
        prefixes=routes["prefix"].n_unique(),
        origins=routes["origins"].explode().n_unique(),
        paths=routes["as_path"].n_unique(),
        announcements=announced,
        withdrawals=withdrawn,
    )


def _only(one: pl.DataFrame, other: pl.DataFrame, top: int) -> Only:
    prefixes = one.unique("prefix").join(other, on="prefix", how="anti").sort(_NETWORK)["prefix"]
    origins = _difference(
        one.select("origins").explode("origins"), other.select("origins").explode("origins")
    )
    paths = _difference(one.select("as_path"), other.select("as_path"))
    return Only(
        prefixes=len(prefixes),
        prefix_list=prefixes.head(top).to_list(),
        origins=len(origins),
        origin_list=origins.head(top).to_list(),
        paths=len(paths),
        path_list=paths.head(top).to_list(),
    )


def _difference(one: pl.DataFrame, other: pl.DataFrame) -> pl.Series:
    """The values that only the one has, in order."""
    return one.unique().join(other, on=one.columns, how="anti").to_series().sort()
