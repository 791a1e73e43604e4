"""Routes held against the RPKI (question family 13): validation of origins as RFC 6811 has it.

The file is a snapshot of one moment and the routes may be of another; its date is part of the answer.
"""

from collections import Counter
from typing import Any, Literal

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.hops import seen_routes
from herdwick.tools.bgp.functions.routes import PEERS, SEEN, with_times
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.functions.vrps import State, Vrps
from herdwick.tools.bgp.times import show_time
from herdwick.tools.errors import ToolFailure

MAX_COVERING = 20
"""VRPs named for a route, the longest first; more only repeat."""

_ORDER: tuple[State, ...] = ("invalid_asn", "invalid_length", "not_found", "valid")
_INVALID: tuple[State, ...] = ("invalid_asn", "invalid_length")


class Rpki(Selection):
    """Arguments of `rpki`."""

    state: State | Literal["invalid"] | None = Field(
        default=None,
        description="Only routes of this state, invalid for both kinds; default: all, invalid first.",
    )
    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="No more routes than this; all are counted.")


class CoveringVrp(Row):
    """A VRP whose prefix contains the route's."""

    prefix: Prefix
    max_length: int
    asn: ASN
    trust_anchor: str


class RpkiRow(Row):
    """A prefix with an origin, and its state.

    Attributes:
        origin_asns: The origin, or the members of an AS_SET.
        as_set: The path ends in an AS_SET, which no VRP matches: the route is `invalid_asn` if VRPs cover it
            and `not_found` if none does (RFC 6811, section 2; RFC 6907, section 7.1).
        covering_vrps: `MAX_COVERING` at most, the longest prefixes first.
        peers: How many peers of the collectors showed it.
        first_seen, last_seen: When the first of these was told, and the last was lost or the data ended.
    """

    prefix: Prefix
    origin_asns: list[ASN]
    as_set: bool
    state: State
    covering_vrps: list[CoveringVrp]
    peers: int
    first_seen: str
    last_seen: str


class StateCount(Row):
    """Pairs of prefix and origin, and prefixes, of a state; a prefix may have origins of several."""

    state: State
    routes: int
    prefixes: int


class RpkiAnswer(Row):
    """What the RPKI says of the routes.

    Attributes:
        source: The file of VRPs.
        snapshot: When it was made, UTC; None if it does not say.
        vrps: How many it has.
        counts: Of all routes selected, one for each state asked for, zero included.
        routes: Those of the state asked for; `top` at most.
    """

    source: str
    snapshot: str | None
    vrps: int
    counts: list[StateCount]
    routes: list[RpkiRow]


def rpki(data: Dataset, args: Rpki, vrps: Vrps | None) -> RpkiAnswer:
    """The state of each prefix and origin seen, whatever their number; no more than `top` of them as rows.

    A path that is empty or ends in a confederation has the peer's AS as its origin (RFC 6811, section 2).

    Raises:
        ToolFailure: There are no VRPs.
    """
    if vrps is None:
        raise ToolFailure(
            "no_vrps",
            "Without VRPs nothing can be validated (RFC 6811).",
            "Give the JSON of routinator or rpki-client: --rpki FILE (Python: rpki=FILE).",
        )
    routes = _routes(data, args)
    states = [vrps.state(prefix, asn) for prefix, asn in routes.select("prefix", "origin_asn").iter_rows()]
    judged = routes.with_columns(state=pl.Series(states, dtype=pl.Enum(_ORDER)))
    shown = judged.filter(pl.col("state").is_in(_states(args)))
    rows = shown.sort("state", *_NETWORK, "origins").head(args.top)
    return RpkiAnswer(
        source=vrps.source,
        snapshot=vrps.snapshot,
        vrps=len(vrps),
        counts=_counts(judged, _states(args)),
        routes=[_row(row, vrps) for row in rows.to_dicts()],
    )


_NETWORK = ("ip_version", "network_high", "network_low", "prefix_length")


def _routes(data: Dataset, args: Rpki) -> pl.DataFrame:
    """Each prefix with each origin, `origin_asn` being null for a set."""
    last = pl.col("hops").list.last()
    own = last.is_null() | last.str.contains(r"^[(\[]")
    return (
        with_times(seen_routes(data, args), data)
        .with_columns(
            origin_asn=pl.when(own).then(pl.col("peer_asn")).otherwise(last.cast(pl.UInt32, strict=False)),
            as_set=last.str.starts_with("{").fill_null(value=False),
            origins=pl.when(own).then(pl.concat_list("peer_asn")).otherwise(pl.col("origins").list.sort()),
        )
        .group_by("prefix", *_NETWORK, "origins", "origin_asn", "as_set")
        .agg(PEERS, *SEEN)
        .collect()
    )


def _states(args: Rpki) -> tuple[State, ...]:
    """The states asked for."""
    match args.state:
        case None:
            return _ORDER
        case "invalid":
            return _INVALID
        case state:
            return (state,)


def _counts(judged: pl.DataFrame, states: tuple[State, ...]) -> list[StateCount]:
    routes = Counter(judged["state"])
    prefixes = Counter(judged.select("state", "prefix").unique()["state"])
    return [StateCount(state=state, routes=routes[state], prefixes=prefixes[state]) for state in states]


def _row(row: dict[str, Any], vrps: Vrps) -> RpkiRow:
    covering = [
        CoveringVrp.model_validate(vrp._asdict())
        for vrp, _ in zip(vrps.covering(row["prefix"]), range(MAX_COVERING), strict=False)
    ]
    return RpkiRow(
        prefix=row["prefix"],
        origin_asns=row["origins"],
        as_set=row["as_set"],
        state=row["state"],
        covering_vrps=covering,
        peers=row["peers"],
        first_seen=show_time(row["first"]),
        last_seen=show_time(row["last"]),
    )
