"""Who originates what: prefixes of an AS, origins of a prefix, changes (question family 2).

An origin is the last AS of the path; a set at its end is a set of origins (RFC 4271, section 9.2.2.2).
"""

from typing import Literal

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.routes import PEERS, ROUTE, SEEN, with_until
from herdwick.tools.bgp.functions.row import Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.times import show_time


class PrefixesOf(Selection):
    """Arguments of `prefixes_of`."""

    asn: ASN = Field(description="The AS.")
    role: Literal["origin", "transit"] = Field(
        default="origin", description="origin: it originates them; transit: it only passes them on."
    )


class Origins(Selection):
    """Arguments of `origins` and `origin_changes`."""


class PrefixRow(Row):
    """A prefix of an AS, how many peers showed it, and from when until when: see `OriginRow`."""

    prefix: Prefix
    peers: int
    first_seen: str
    last_seen: str


class OriginRow(Row):
    """An origin of a prefix.

    Attributes:
        peers: How many sessions showed it.
        in_set: It only stood in an AS_SET.
        first_seen, last_seen: When the first peer had the route and the last one lost it, or the data ended.
    """

    prefix: Prefix
    origin_asn: ASN
    peers: int
    in_set: bool
    first_seen: str
    last_seen: str


class OriginChange(Row):
    """A peer's route to a prefix moved from some origins to others."""

    time: str
    prefix: Prefix
    peer_asn: ASN
    old_origins: list[ASN]
    new_origins: list[ASN]


_ROUTES = pl.col("type").is_in(["R", "A"])


def prefixes_of(data: Dataset, args: PrefixesOf) -> list[PrefixRow]:
    """Prefixes that an AS originates, or those that it only transits, in the order of prefixes."""
    originated = pl.col("origins").list.contains(args.asn)
    passed_on = pl.col("hops").list.contains(str(args.asn)) & ~originated
    routes = with_until(args.spells(data.elems()), data)
    found = routes.filter(originated if args.role == "origin" else passed_on)
    network = ("ip_version", "network_high", "network_low", "prefix_length")
    rows = found.group_by("prefix", *network).agg(PEERS, *SEEN)
    if args.role == "transit":
        own = routes.filter(originated).select("prefix").unique()
        rows = rows.join(own, on="prefix", how="anti")
    ordered = rows.sort(network).collect()
    return [
        PrefixRow(
            prefix=row["prefix"],
            peers=row["peers"],
            first_seen=show_time(row["first"]),
            last_seen=show_time(row["last"]),
        )
        for row in ordered.to_dicts()
    ]


def origins(data: Dataset, args: Origins) -> list[OriginRow]:
    """The origins of the selected prefixes, by prefix, those that most peers saw first."""
    rows = (
        with_until(args.spells(data.elems()), data)
        .with_columns(in_set=pl.col("origins").list.len() > 1)
        .explode("origins")
        .filter(pl.col("origins").is_not_null())
        .group_by("prefix", "origins")
        .agg(PEERS, *SEEN, pl.col("in_set").all())
        .sort(["prefix", "peers", "origins"], descending=[False, True, False])
        .collect()
    )
    return [
        OriginRow(
            prefix=row["prefix"],
            origin_asn=row["origins"],
            peers=row["peers"],
            in_set=row["in_set"],
            first_seen=show_time(row["first"]),
            last_seen=show_time(row["last"]),
        )
        for row in rows.to_dicts()
    ]


def origin_changes(data: Dataset, args: Origins) -> list[OriginChange]:
    """When a peer's route to a prefix changed its origins, also across a withdrawal in between."""
    known = pl.col("origins").list.sort()
    # The route before a change may lie before the window.
    routes = data.elems().filter(_ROUTES)
    rows = (
        args.of(routes.with_columns(new=known, old=known.shift().over(ROUTE, order_by="seq")))
        .filter(pl.col("old").is_not_null() & (pl.col("old") != pl.col("new")))
        .sort("seq")
        .collect()
    )
    return [
        OriginChange(
            time=show_time(row["time"]),
            prefix=row["prefix"],
            peer_asn=row["peer_asn"],
            old_origins=row["old"],
            new_origins=row["new"],
        )
        for row in rows.to_dicts()
    ]
