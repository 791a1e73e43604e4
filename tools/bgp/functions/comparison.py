"""How two windows, or two collectors, differ (question family 15).

Compared is which routes were held at any time of a window: those of the table at its start and all announced
in it. Two collectors have different peers, so that they are compared by prefix; windows by peer and prefix.
"""

from collections.abc import Sequence
from typing import Self

import polars as pl
from pydantic import Field, model_validator

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Collector, Prefix, Selection, Time
from herdwick.tools.bgp.times import is_empty_window

_TOP = Field(default=20, ge=1, le=MAX_ROWS, description="So many examples in each list; all are counted.")


class CompareWindows(Selection):
    """Arguments of `compare_windows`; each window is `[from, until)`."""

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
    """A prefix of both sides whose origins differ."""

    prefix: Prefix
    origins_a: list[ASN]
    origins_b: list[ASN]


class Comparison(Row):
    """Two sides and their differences.

    Attributes:
        routes_compared: Routes of both sides: of a peer and prefix for windows, of a prefix for collectors.
        paths_changed: As many of these as had not the same paths on both.
        origins_changed: Prefixes of both sides whose origins differ; `changed` has the first `top`.
    """

    a: Side
    b: Side
    only_a: Only
    only_b: Only
    routes_compared: int
    paths_changed: int
    origins_changed: int
    changed: list[ChangedOrigins]


def compare_windows(data: Dataset, args: CompareWindows) -> Comparison:
    """What differs between two windows; lists have no more than `top` entries."""
    windows = ((args.from_a, args.until_a), (args.from_b, args.until_b))
    one, other = (args.model_copy(update={"from_time": start, "until_time": end}) for start, end in windows)
    return _comparison(data, one, other, ["collector", "peer_address", "prefix"], args.top)


def compare_collectors(data: Dataset, args: CompareCollectors) -> Comparison:
    """What differs between two collectors; lists have no more than `top` entries."""
    one, other = (args.model_copy(update={"collector": name}) for name in (args.a, args.b))
    return _comparison(data, one, other, ["prefix"], args.top)


_NETWORK = ["ip_version", "network_high", "network_low", "prefix_length"]


def _comparison(data: Dataset, one: Selection, other: Selection, route: list[str], top: int) -> Comparison:
    key = ["collector", "peer_address", "prefix", "as_path"]
    routes_a, routes_b = (
        side.spells(data.elems()).select(*key, *_NETWORK, "origins").unique(key).collect()
        for side in (one, other)
    )
    origins_a, origins_b = (
        routes.select("prefix", *_NETWORK, "origins").explode("origins").unique()
        for routes in (routes_a, routes_b)
    )
    by_prefix = ["prefix", *_NETWORK]
    changed = _changed(origins_a, origins_b, by_prefix).sort(_NETWORK)
    return Comparison(
        a=_side(data, one, routes_a),
        b=_side(data, other, routes_b),
        only_a=_only(routes_a, routes_b, top),
        only_b=_only(routes_b, routes_a, top),
        routes_compared=_common(routes_a, routes_b, route).height,
        paths_changed=_changed(
            routes_a.select(*route, "as_path").unique(), routes_b.select(*route, "as_path").unique(), route
        ).height,
        origins_changed=changed.height,
        changed=[
            ChangedOrigins(
                prefix=prefix, origins_a=_origins(origins_a, prefix), origins_b=_origins(origins_b, prefix)
            )
            for prefix in changed["prefix"].head(top)
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
