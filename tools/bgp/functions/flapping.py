"""Routes that go and come again, and what damping would make of them (question family 6).

Table entries are no updates: they end no gap and cost nothing, but tell which route there was. A lost
session is no withdrawal.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from math import log2

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.routes import ROUTE
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.times import show_time

MAX_ROWS = 1_000

MAX_PENALTY = 50_000
"""Where a penalty stops to grow (RFC 7196, section 6: the maximum must be at least this)."""

_ATTRIBUTES = (
    "as_path",
    "origin",
    "med",
    "communities",
    "large_communities",
    "extended_communities",
)
"""What makes a route a changed one. Not LOCAL_PREF, which collectors add to table entries, nor the next hop,
which they write in several ways."""


class Flaps(Selection):
    """Arguments of `flaps`."""

    least: int = Field(default=1, ge=1, description="Only routes that came back so many times at least.")
    top: int = Field(default=20, ge=1, le=MAX_ROWS, description="So many rows, the most flaps first.")


class Damping(Selection):
    """Arguments of `damping`; the defaults are RFC 7196's for what routers use (section 3, table 1).

    Only the suppress threshold is the one it recommends (section 6) instead of 2000 (Cisco's) or 3000
    (Juniper's); 12000 is its conservative choice.
    """

    withdrawal_penalty: int = Field(default=1000, ge=0, description="For a withdrawal.")
    change_penalty: int = Field(default=500, ge=0, description="For a route with other attributes.")
    announcement_penalty: int = Field(
        default=0, ge=0, description="For a route that comes back: 0 as Cisco has it, 1000 as Juniper."
    )
    half_life_seconds: int = Field(default=900, ge=1, description="In which a penalty halves.")
    suppress_above: int = Field(
        default=6000, ge=1, description="Above this the route is suppressed: 6000; 2000 or 3000 of old."
    )
    reuse_below: int = Field(default=750, ge=1, description="Below this it is used again.")
    least_penalty: int = Field(
        default=2000, ge=1, description="Only routes whose penalty reached this at any time."
    )
    top: int = Field(default=20, ge=1, le=MAX_ROWS, description="So many rows, the highest penalty first.")

    @model_validator(mode="after")
    def _thresholds(self) -> "Damping":
        if self.reuse_below > self.suppress_above:
            raise ValueError("reuse_below must not be more than suppress_above")
        return self


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)


class FlapRow(_Row):
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


class DampingRow(_Row):
    """What damping would have made of a peer's route.

    Attributes:
        withdrawals, changes, announcements: What was punished, whether or not the penalty for it is 0.
        suppressed_from: When it was first suppressed; None if never.
        usable_from: When, after the last event known, it could be used again; None if never suppressed.
    """

    prefix: Prefix
    collector: str
    peer_asn: ASN
    peer_address: str
    withdrawals: int
    changes: int
    announcements: int
    max_penalty: float
    suppressed: bool
    suppressed_from: str | None
    usable_from: str | None


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


def damping(data: Dataset, args: Damping) -> list[DampingRow]:
    """The penalty of each peer's route under route-flap damping, the highest first; `top` rows.

    RFC 2439: each event adds to a penalty (its figure of merit), which decays with the half-life. The route
    is suppressed when the penalty exceeds one threshold, until it falls below the other. Penalties start at 0
    with the window and grow to `MAX_PENALTY` at most; a router with a maximum suppress time has a lower limit
    (RFC 7196, section 5).
    """
    found = [_damped([*events], args) for events in _punished(data, args)]
    reached = sorted(
        (row for row in found if row.max_penalty >= args.least_penalty),
        key=lambda row: (-row.max_penalty, row.prefix, row.collector, row.peer_address),
    )
    return reached[: args.top]


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


@dataclass(frozen=True)
class _Event:
    """What costs a route a penalty."""

    route: tuple[str, str, int, str]
    time: float
    kind: str
    penalty: int


def _punished(data: Dataset, args: Damping) -> Iterable[Iterable[_Event]]:
    """The events of each route that could reach the least penalty asked for, if nothing decayed."""
    kind, penalty = pl.col("kind"), pl.col("penalty")
    prices = {
        "withdrawals": args.withdrawal_penalty,
        "changes": args.change_penalty,
        "announcements": args.announcement_penalty,
    }
    route = ["prefix", "collector", "peer_asn", "peer_address"]
    events = (
        args.of(_with_kinds(data.elems()))
        .filter(kind.is_not_null())
        .with_columns(penalty=kind.replace_strict(prices, return_dtype=pl.Int64))
        .filter(penalty.sum().over(route) >= args.least_penalty)
        .sort(*route, "seq")
        .select(*route, "time", "kind", "penalty")
        .collect()
    )
    rows = (_Event(row[:4], *row[4:]) for row in events.iter_rows())
    return (found for _, found in groupby(rows, lambda event: event.route))


def _with_kinds(elems: pl.LazyFrame) -> pl.LazyFrame:
    """`elems` with `kind`: what it is to damping; null if it costs nothing, such as the same route again."""
    attributes = pl.struct(*_ATTRIBUTES).hash()
    marked = elems.with_columns(held=pl.when(pl.col("type").is_in(["R", "A"])).then(attributes))

    def before(name: str) -> pl.Expr:
        return pl.col(name).shift().over(ROUTE, order_by="seq")

    kind = pl.col("type")
    return (
        marked.with_columns(before=before("type"), held_before=before("held"))
        .with_columns(
            kind=pl.when((kind == "W") & (pl.col("before").ne_missing("W")))
            .then(pl.lit("withdrawals"))
            .when((kind == "A") & (pl.col("before") == "W"))
            .then(pl.lit("announcements"))
            .when((kind == "A") & (pl.col("held") != pl.col("held_before")))
            .then(pl.lit("changes"))
        )
        .drop("held", "held_before")
    )


@dataclass
class _Penalty:
    """RFC 2439's figure of merit of one route, and whether it suppresses the route."""

    args: Damping
    time: float
    value: float = 0.0
    highest: float = 0.0
    suppressed: bool = False
    suppressed_from: float | None = None
    released: float | None = None

    @property
    def usable_from(self) -> float | None:
        """When it falls below the reuse threshold, or last fell; None if the route never was suppressed."""
        return self.time + self._wait if self.suppressed else self.released

    def add(self, event: _Event) -> None:
        """Let time pass until the event, and count it."""
        if self.suppressed and event.time - self.time > self._wait:
            self.released = self.time + self._wait
            self.suppressed = False
        self.value *= 0.5 ** ((event.time - self.time) / self.args.half_life_seconds)
        self.value = min(self.value + event.penalty, MAX_PENALTY)
        self.time = event.time
        self.highest = max(self.highest, self.value)
        if self.value > self.args.suppress_above:
            self.suppressed = True
            self.suppressed_from = event.time if self.suppressed_from is None else self.suppressed_from

    @property
    def _wait(self) -> float:
        """Seconds until what it is now has decayed to the reuse threshold."""
        return self.args.half_life_seconds * log2(self.value / self.args.reuse_below)


def _damped(events: list[_Event], args: Damping) -> DampingRow:
    penalty = _Penalty(args, events[0].time)
    for event in events:
        penalty.add(event)
    kinds = Counter(event.kind for event in events)
    prefix, collector, peer_asn, peer_address = events[0].route
    return DampingRow(
        prefix=prefix,
        collector=collector,
        peer_asn=peer_asn,
        peer_address=peer_address,
        withdrawals=kinds["withdrawals"],
        changes=kinds["changes"],
        announcements=kinds["announcements"],
        max_penalty=round(penalty.highest, 3),
        suppressed=penalty.suppressed_from is not None,
        suppressed_from=_shown(penalty.suppressed_from),
        usable_from=_shown(penalty.usable_from),
    )


def _shown(time: float | None) -> str | None:
    return None if time is None else show_time(round(time, 3))
