"""Routes that were passed on where they should not be (question family 10).

Paths go uphill from customers to providers, once across between peers, and downhill to customers; they have
no valley (Gao, "On inferring autonomous system relationships in the Internet", IEEE/ACM ToN 2001). An AS
leaks a route that it learnt from a provider or peer and tells another provider or peer. RFC 7908 numbers the
four kinds; its types 5 and 6 do not show in paths.
"""

from typing import Any, Literal

import polars as pl
from pydantic import Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.relationships import Relation, Relationships
from herdwick.tools.bgp.functions.routes import PEERS, SEEN, with_until
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.times import show_time
from herdwick.tools.errors import ToolFailure

LeakType = Literal[1, 2, 3, 4]

_TYPES: dict[tuple[Relation, Relation], LeakType] = {
    ("provider", "provider"): 1,
    ("peer", "peer"): 2,
    ("provider", "peer"): 3,
    ("peer", "provider"): 4,
}
"""RFC 7908, sections 3.1 to 3.4, by what the source and the receiver of the route are to the leaking AS:
a hairpin turn, lateral to lateral, provider's routes to a peer, peer's routes to a provider."""


class Leaks(Selection):
    """Arguments of `route_leaks` and `leak_summary`."""

    leaker_asn: ASN | None = Field(default=None, description="Only what this AS leaked.")
    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="No more rows than this.")


class _Leak(Row):
    """A leak at one place.

    Attributes:
        leaker_asn: Who passed on what it should not.
        learnt_from, told_to: Its neighbours in the path, and what they are to it: `source`, `receiver`.
        leak_type: Of RFC 7908.
        peers: How many peers of the collectors had such a route.
        first_seen, last_seen: When the first of them had it and the last one lost it, or the data ended.
    """

    leaker_asn: ASN
    learnt_from: ASN
    source: Relation
    told_to: ASN
    receiver: Relation
    leak_type: LeakType
    peers: int
    first_seen: str
    last_seen: str


class LeakRow(_Leak):
    """A leaked prefix."""

    prefix: Prefix
    origin_asns: list[ASN]
    peer_asns: list[ASN]
    as_path: str = Field(description="One of the paths.")


class LeakSummary(_Leak):
    """All that leaked at one place."""

    prefixes: int
    origin_asns: list[ASN]


_PLACE = ("leaker_asn", "learnt_from", "source", "told_to", "receiver")
MAX_ORIGINS = 50
"""Origins named in a summary; the lowest."""


def route_leaks(data: Dataset, args: Leaks, relationships: Relationships | None) -> list[LeakRow]:
    """Prefixes whose paths have a valley and where, those that most peers had first; no more than `top` rows.

    A place counts only where both relationships are known. Sets and confederations are no neighbours; a path
    in which an AS comes back is left out, as what lies in between was written there and never had the route.

    Raises:
        ToolFailure: There are no relationships to judge paths by.
    """
    rows = (
        _leaked(data, args, relationships)
        .group_by(*_PLACE, "prefix")
        .agg(
            PEERS,
            *SEEN,
            peer_asns=pl.col("peer_asn").unique().sort(),
            origin_asns=pl.col("origins").explode().unique().drop_nulls().sort(),
            as_path=pl.col("as_path").min(),
        )
        .sort(["peers", "prefix", *_PLACE], descending=[True, *[False] * 6])
        .head(args.top)
        .collect()
    )
    return [LeakRow.model_validate(_shown(row)) for row in rows.to_dicts()]


def leak_summary(data: Dataset, args: Leaks, relationships: Relationships | None) -> list[LeakSummary]:
    """The places at which routes leaked, with most prefixes first; no more than `top` rows.

    Raises:
        ToolFailure: There are no relationships to judge paths by.
    """
    rows = (
        _leaked(data, args, relationships)
        .group_by(_PLACE)
        .agg(
            PEERS,
            *SEEN,
            prefixes=pl.col("prefix").n_unique(),
            origin_asns=pl.col("origins").explode().unique().drop_nulls().sort().head(MAX_ORIGINS),
        )
        .sort(["prefixes", *_PLACE], descending=[True, *[False] * 5])
        .head(args.top)
        .collect()
    )
    return [LeakSummary.model_validate(_shown(row)) for row in rows.to_dicts()]


def _leaked(data: Dataset, args: Leaks, relationships: Relationships | None) -> pl.LazyFrame:
    """The spells of leaked routes, one for each place of their path at which they leaked."""
    if relationships is None:
        raise ToolFailure(
            "no_relationships",
            "Without AS relationships nobody can tell a leak: paths do not say who pays whom (RFC 7908).",
            "Give CAIDA's serial-1 or serial-2: --relationships FILE (Python: relationships=FILE).",
        )
    spells = with_until(args.spells(data.elems()), data)
    valleys = _valleys(spells, relationships)
    if args.leaker_asn is not None:
        valleys = valleys.filter(pl.col("leaker_asn") == args.leaker_asn)
    return spells.join(valleys, on="as_path")


def _valleys(spells: pl.LazyFrame, relationships: Relationships) -> pl.LazyFrame:
    """`as_path` and each place in it at which its route leaked; every different path is judged once."""
    known = relationships.frame().lazy().filter(pl.col("relation") != "customer")
    # A confederation is one AS to those outside, and its members are none (RFC 5065).
    hops = (
        spells.select("as_path", "hops")
        .unique("as_path")
        .with_row_index("path")
        .explode("hops")
        .filter(~pl.col("hops").str.contains(r"^[(\[]").fill_null(value=True))
        .filter((pl.col("hops") != pl.col("hops").shift().over("path")).fill_null(value=True))
    )
    in_line = hops.with_columns(
        told_to=pl.col("hops").shift().over("path"), learnt_from=pl.col("hops").shift(-1).over("path")
    ).filter(pl.col("hops").n_unique().over("path") == pl.len().over("path"))
    # A set, in braces, is no number and so null, for which no relationship is known.
    places = in_line.select(
        "as_path",
        leaker_asn=pl.col("hops").cast(pl.UInt32, strict=False),
        learnt_from=pl.col("learnt_from").cast(pl.UInt32, strict=False),
        told_to=pl.col("told_to").cast(pl.UInt32, strict=False),
    )
    return places.join(
        known.rename({"relation": "source"}), left_on=["leaker_asn", "learnt_from"], right_on=["asn", "other"]
    ).join(
        known.rename({"relation": "receiver"}), left_on=["leaker_asn", "told_to"], right_on=["asn", "other"]
    )


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "leak_type": _TYPES[row["source"], row["receiver"]],
        "first_seen": show_time(row.pop("first")),
        "last_seen": show_time(row.pop("last")),
    }
