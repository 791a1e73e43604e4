"""What route-flap damping would make of updates (question family 6; RFC 2439, RFC 7196).

Table entries cost nothing, but tell which route there was. A lost session is no withdrawal.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from math import log2

import polars as pl
from pydantic import Field, model_validator

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.routes import ROUTE
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.times import show_time

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


class Damping(Selection):
    """Arguments of `damping`; the defaults are RFC 7196's for what routers use (section 3, table 1).

    But the suppress threshold is the one it recommends (section 6) instead of 2000 (Cisco's) or 3000
    (Juniper's); 12000 is its conservative choice. And no longest suppression limits the penalty, as theirs of
    an hour does.
    """

    withdrawal_penalty: int = Field(default=1000, ge=0, description="For a withdrawal.")
    change_penalty: int = Field(default=500, ge=0, description="For a route with other attributes.")
    announcement_penalty: int = Field(
        default=0, ge=0, description="For a route that comes back: 0 as Cisco has it, 1000 as Juniper."
    )
    half_life_seconds: int = Field(default=900, ge=1, le=31_536_000, description="In which a penalty halves.")
    suppress_above: int = Field(
        default=6000, ge=1, description="Above this the route is suppressed: 6000; 2000 or 3000 of old."
    )
    reuse_below: int = Field(default=750, ge=1, description="Below this it is used again.")
    max_suppress_seconds: int | None = Field(
        default=None,
        ge=1,
        description="Longest suppression, by which routers limit the penalty; 3600 limits it to 12000.",
    )
    least_penalty: int = Field(
        default=2000, ge=1, description="Only routes whose penalty reached this at any time."
    )
    top: int = Field(default=20, ge=1, le=MAX_ROWS, description="So many rows, the highest penalty first.")

    @model_validator(mode="after")
    def _thresholds(self) -> "Damping":
        if self.reuse_below > self.suppress_above:
            raise ValueError("reuse_below must not be more than suppress_above")
        if self.ceiling <= self.suppress_above:
            raise ValueError(
                "nothing would be suppressed: let max_suppress_seconds be longer, or leave it out"
            )
        return self

    @property
    def ceiling(self) -> float:
        """Where a penalty stops to grow: what decays to the reuse threshold in the longest suppression."""
        if self.max_suppress_seconds is None:
            return MAX_PENALTY
        half_lives = min(self.max_suppress_seconds / self.half_life_seconds, 64)
        return min(float(self.reuse_below * 2.0**half_lives), MAX_PENALTY)


class DampingRow(Row):
    """What damping would have made of a peer's route.

    Attributes:
        withdrawals, changes, announcements: What was punished, whether or not the penalty for it is 0.
        suppressed_from: When it was first suppressed; None if never.
        usable_from: When the last suppression ends, which may be after the data; None if never suppressed.
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


def damping(data: Dataset, args: Damping) -> list[DampingRow]:
    """The penalty of each peer's route under route-flap damping, the highest first; `top` rows.

    RFC 2439: each event adds to a penalty (its figure of merit), which decays with the half-life. The route
    is suppressed when the penalty exceeds one threshold, until it falls below the other. Penalties start at 0
    with the window. They grow to `MAX_PENALTY` at most, or as far as a longest suppression allows (RFC 7196,
    section 5).
    """
    found = [_damped([*events], args) for events in _punished(data, args)]
    reached = sorted(
        (row for row in found if row.max_penalty >= args.least_penalty),
        key=lambda row: (-row.max_penalty, row.prefix, row.collector, row.peer_address),
    )
    return reached[: args.top]


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
        self.value = min(self.value + event.penalty, self.args.ceiling)
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
