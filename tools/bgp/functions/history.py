"""What happened to routes, one event after another (question families 1, 2 and 15).

    history(data, History(prefix="192.0.2.0/24", kind="withdrawals"))

`vanished` tells where such a history ended: with a withdrawal that nothing followed.
"""

from typing import Literal

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.times import parse_time, show_time

Event = Literal["announcement", "withdrawal"]
_EVENTS: dict[str, Event] = {"A": "announcement", "W": "withdrawal"}
_KINDS = {"updates": ["A", "W"], "announcements": ["A"], "withdrawals": ["W"]}


class History(Selection):
    """Arguments of `history`."""

    kind: Literal["updates", "announcements", "withdrawals"] = Field(
        default="updates", description="Announcements, withdrawals, or both."
    )
    top: int = Field(default=MAX_ROWS, ge=1, le=MAX_ROWS, description="No more rows than this, the earliest.")


class Vanished(Selection):
    """Arguments of `vanished`."""

    top: int = Field(default=MAX_ROWS, ge=1, le=MAX_ROWS, description="No more rows than this.")


class HistoryRow(Row):
    """A peer announced or withdrew a prefix.

    Attributes:
        as_path: As it came; '' of a withdrawal.
        origin_asns: Of a withdrawal those of the route that it ended, where the data has it.
    """

    time: str
    event: Event
    prefix: Prefix
    collector: str
    peer_asn: ASN
    peer_address: str
    as_path: str
    origin_asns: list[ASN]


class VanishedRow(Row):
    """A prefix that was withdrawn and to which no peer had a route in the end.

    Attributes:
        withdrawn: When it was withdrawn last.
        peers: How many peers withdrew it.
        origin_asns: Who had originated it, where the data has the route before.
    """

    prefix: Prefix
    withdrawn: str
    peers: int
    origin_asns: list[ASN]


def history(data: Dataset, args: History) -> list[HistoryRow]:
    """Announcements and withdrawals one by one in the order of time; table entries are none."""
    rows = (
        args.of(data.elems())
        .filter(pl.col("type").is_in(_KINDS[args.kind]))
        .sort("seq")
        .head(args.top)
        .select("time", "type", "prefix", "collector", "peer_asn", "peer_address", "as_path", "route_origins")
        .collect()
    )
    return [
        HistoryRow(
            time=show_time(row["time"]),
            event=_EVENTS[row["type"]],
            prefix=row["prefix"],
            collector=row["collector"],
            peer_asn=row["peer_asn"],
            peer_address=row["peer_address"],
            as_path=row["as_path"] or "",
            origin_asns=row["route_origins"],
        )
        for row in rows.to_dicts()
    ]


def vanished(data: Dataset, args: Vanished) -> list[VanishedRow]:
    """Prefixes that were withdrawn and not announced again: no peer had a route at the end of the window.

    A peer that kept its route, or whose session never ended, keeps the prefix from having vanished.
    """
    elems = data.elems()
    until = None if args.until_time is None else parse_time(args.until_time)
    # Who originates a prefix does not matter for whether it is still there.
    routes = args.model_copy(update={"origin_asn": None}).spells(elems)
    lasts = pl.col("end").is_null() if until is None else pl.col("end").is_null() | (pl.col("end") >= until)
    order = ["ip_version", "network_high", "network_low", "prefix_length", "prefix"]
    rows = (
        args.of(elems)
        .filter(pl.col("type") == "W")
        .join(routes.filter(lasts).select("prefix").unique(), on="prefix", how="anti")
        .group_by(order)
        .agg(
            withdrawn=pl.col("time").max(),
            peers=pl.struct("collector", "peer_address").n_unique(),
            origin_asns=pl.col("route_origins").explode().drop_nulls().unique().sort(),
        )
        .sort(order)
        .head(args.top)
        .collect()
    )
    return [
        VanishedRow(
            prefix=row["prefix"],
            withdrawn=show_time(row["withdrawn"]),
            peers=row["peers"],
            origin_asns=row["origin_asns"],
        )
        for row in rows.to_dicts()
    ]
