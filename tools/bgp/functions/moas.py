"""Prefixes that several ASes originate at the same time (question family 8).

MOAS: multiple origin AS (Zhao et al., "An analysis of BGP multiple origin AS conflicts", IMW 2001). Two
origins one after the other are a change, not a conflict.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.row import Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.times import show_time

Kind = Literal["moas", "siblings", "as_set"]


class Moas(Selection):
    """Arguments of `moas`."""

    siblings: list[list[ASN]] = Field(
        default=[],
        description="Groups of ASNs of one organization; prefixes of one group alone are set apart.",
    )


class MoasRow(Row):
    """A prefix that several ASes originated at the same time.

    Attributes:
        kind: `moas`; `siblings` if one organization has them all; `as_set` if only sets make it so.
        peers: How many peers showed any of the origins.
        first_seen, last_seen: The first and the last moment at which there were several.
    """

    prefix: Prefix
    origin_asns: list[ASN]
    kind: Kind
    peers: int
    first_seen: str
    last_seen: str


@dataclass(frozen=True)
class _Spell:
    """A route's time with one origin."""

    prefix: str
    asn: int
    peer: tuple[str, str]
    in_set: bool
    start: float
    end: float


@dataclass
class _Conflict:
    """What overlaps of a prefix have shown so far."""

    first: float = float("inf")
    last: float = float("-inf")
    asns: set[int] = field(default_factory=set)


def moas(data: Dataset, args: Moas) -> list[MoasRow]:
    """Prefixes with several origins overlapping in time, in the order of their text.

    A route holds from its announcement until its peer withdraws or replaces it or loses its session, or the
    data ends.
    """
    groups = [frozenset(group) for group in args.siblings]
    rows = []
    for prefix, found in groupby(_candidates(data, args), lambda spell: spell.prefix):
        of_prefix = [*found]
        conflict = _overlap(of_prefix)
        if conflict.asns:
            rows.append(_row(prefix, of_prefix, conflict, groups, data))
    return rows


def _candidates(data: Dataset, args: Moas) -> Iterator[_Spell]:
    """The spells of prefixes that had several origins at any time, by prefix and start."""
    held = (
        args.spells(data.elems())
        .select("collector", "peer_address", "prefix", "origins", "start", "end")
        .with_columns(in_set=pl.col("origins").list.len() > 1)
        .explode("origins")
        .filter(pl.col("origins").is_not_null())
    )
    several = held.group_by("prefix").agg(pl.col("origins").n_unique()).filter(pl.col("origins") > 1)
    chosen = held.join(several.select("prefix"), on="prefix", how="semi").sort("prefix", "start").collect()
    for row in chosen.iter_rows(named=True):
        end = float("inf") if row["end"] is None else row["end"]
        peer = (row["collector"], row["peer_address"])
        yield _Spell(row["prefix"], row["origins"], peer, row["in_set"], row["start"], end)


def _overlap(found: Iterable[_Spell]) -> _Conflict:
    """When, and between whom, several origins held at once."""
    events = sorted(
        (time, opening, spell.asn)
        for spell in found
        if spell.end > spell.start
        for time, opening in ((spell.start, 1), (spell.end, 0))
    )
    active: dict[int, int] = {}
    conflict = _Conflict()
    for time, opening, asn in events:
        if len(active) > 1:
            conflict.last = time
        active[asn] = active.get(asn, 0) + (1 if opening else -1)
        if not active[asn]:
            del active[asn]
        if len(active) > 1:
            conflict.first = min(conflict.first, time)
            conflict.asns |= active.keys()
    return conflict


def _row(
    prefix: str, found: list[_Spell], conflict: _Conflict, groups: list[frozenset[int]], data: Dataset
) -> MoasRow:
    outside_sets = _overlap(spell for spell in found if not spell.in_set)
    kind: Kind = "moas"
    if any(conflict.asns <= group for group in groups):
        kind = "siblings"
    elif not outside_sets.asns:
        kind = "as_set"
    # What still holds when the data ends, holds until then.
    latest = data.span[1] if data.span and conflict.last == float("inf") else conflict.last
    return MoasRow(
        prefix=prefix,
        origin_asns=sorted(conflict.asns),
        kind=kind,
        peers=len({spell.peer for spell in found if spell.asn in conflict.asns}),
        first_seen=show_time(conflict.first),
        last_seen=show_time(latest),
    )
