"""MED, LOCAL_PREF and communities of routes (question family 5).

A value that a route does not have is not 0: MED is optional (RFC 4271, section 5.1.4), and LOCAL_PREF does
not leave an AS (section 5.1.5), so that a collector mostly has none, or in its tables its own default.
"""

import re
from typing import Annotated, Literal

import polars as pl
from pydantic import AfterValidator, Field

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.hops import SHOWN, seen_routes
from herdwick.tools.bgp.functions.routes import PEERS, SEEN, with_times
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import Prefix, Selection
from herdwick.tools.bgp.times import show_time
from herdwick.tools.functions import Entity

Attribute = Literal["med", "local_pref"]
Kind = Literal["standard", "large", "extended"]

WELL_KNOWN = {
    "65535:0": "GRACEFUL_SHUTDOWN",
    "65535:666": "BLACKHOLE",
    "65535:65281": "NO_EXPORT",
    "65535:65282": "NO_ADVERTISE",
    "65535:65283": "NO_EXPORT_SUBCONFED",
}
"""Of IANA's registry "BGP Well-known Communities": RFC 8326, RFC 7999, and three of RFC 1997."""

_COLUMNS: dict[Kind, str] = {
    "standard": "communities",
    "large": "large_communities",
    "extended": "extended_communities",
}
_NAMED = {name: community for community, name in WELL_KNOWN.items()}


def _pattern(text: str) -> str:
    cleaned = text.strip()
    # As the engine writes them: `rt:…`, and `soo:…` for what RFC 4360 calls route origin.
    written = re.sub(r"^ro:", "soo:", cleaned.lower())
    cleaned = _NAMED.get(cleaned.upper().replace("-", "_"), written)
    # Opaque extended communities have one part, `0x` and hexadecimal digits.
    if ":" not in cleaned and not cleaned.startswith("0x"):
        raise ValueError(f"{text!r} is no community such as 64496:100, 64496:* or BLACKHOLE")
    return cleaned


_SPELLED = (
    r"(?<![\w./])(?<![0-9A-Fa-f:]:)(?:\d{1,10}:(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?"
    r"|(?i:rt|ro|soo):[\d.]+:(?:\d+|\*)|0x[0-9A-Fa-f]+)"
    # A colon may follow it in a sentence.
    r"(?![\w/]|:[\w:*]|\.\d)"
)

CommunityPattern = Annotated[
    str,
    Entity("Community", in_question=True, spelled=_SPELLED, well_known=tuple(WELL_KNOWN.values())),
    AfterValidator(_pattern),
]
"""A community in which `*` stands for any part, or the name of a well-known one."""


class AttributeStatistics(Selection):
    """Arguments of `attribute_statistics`."""

    attributes: list[Attribute] = Field(default=["med", "local_pref"], description="Which attributes.")
    values: int = Field(default=5, ge=0, le=100, description="So many of the most frequent values.")


class _OfCommunities(Selection):
    kinds: list[Kind] = Field(
        default=["standard", "large", "extended"],
        min_length=1,
        description="standard: RFC 1997; large: RFC 8092; extended: RFC 4360.",
    )
    top: int = Field(default=20, ge=1, le=MAX_ROWS, description="So many rows, the most routes first.")


class Communities(_OfCommunities):
    """Arguments of `communities`."""

    community: CommunityPattern | None = Field(
        default=None, description="Only these, such as 64496:100, 64496:* (any value) or BLACKHOLE."
    )
    by_prefix: bool = Field(default=False, description="Whether to count for each prefix.")


class CommunityCarriers(_OfCommunities):
    """Arguments of `community_carriers`."""

    community: CommunityPattern = Field(
        description="Such as 64496:100, 64496:* (any value), 64496:1:* (large) or BLACKHOLE."
    )
    by: Literal["prefix", "origin_asn", "peer_address"] = Field(
        default="prefix", description="What carries it."
    )


class ValueCount(Row):
    """So many routes have this value."""

    value: int
    routes: int


class AttributeRow(Row):
    """An attribute's values; None where no route has it.

    Attributes:
        routes: Table entries and announcements looked at.
        with_value: How many of them have the attribute.
        frequent: The most frequent values, the most frequent first.
    """

    attribute: Attribute
    routes: int
    with_value: int
    min: int | None
    max: int | None
    mean: float | None
    median: float | None
    frequent: list[ValueCount]


class CommunityRow(Row):
    """How often a community stands in routes.

    Attributes:
        name: Of a well-known community; None of others.
        prefix: If counted by prefix; otherwise None.
        routes: Table entries and announcements that carry it.
    """

    community: str
    kind: Kind
    name: str | None
    prefix: Prefix | None
    routes: int
    prefixes: int
    peers: int


class CarrierRow(Row):
    """What carried a community.

    Attributes:
        carrier: A prefix, the ASN of an origin, or the address of a peer.
        communities: Those of the pattern that it carried, 20 at most.
        first_seen, last_seen: When the first of these was told, and the last was lost or the data ended.
    """

    carrier: int | str
    communities: list[str]
    routes: int
    peers: int
    first_seen: str
    last_seen: str


def attribute_statistics(data: Dataset, args: AttributeStatistics) -> list[AttributeRow]:
    """How many routes have MED or LOCAL_PREF, and its values: one row for each attribute asked."""
    routes = seen_routes(data, args).select(*dict.fromkeys(args.attributes)).collect()
    return [_statistics(routes, name, args.values) for name in dict.fromkeys(args.attributes)]


def communities(data: Dataset, args: Communities) -> list[CommunityRow]:
    """Communities by how many routes carry them, the most frequent first; `top` rows.

    A route that carries a community twice counts once.
    """
    keys = ["community", "kind", *(["prefix"] if args.by_prefix else [])]
    rows = (
        _carried(seen_routes(data, args), args, args.community)
        .group_by(keys)
        .agg(*SHOWN if not args.by_prefix else (SHOWN[0], pl.lit(1).alias("prefixes"), PEERS))
        .sort(["routes", *keys], descending=[True, *[False] * len(keys)])
        .head(args.top)
        .collect()
    )
    return [
        CommunityRow(
            community=row["community"],
            kind=row["kind"],
            name=WELL_KNOWN.get(row["community"]) if row["kind"] == "standard" else None,
            prefix=row.get("prefix"),
            routes=row["routes"],
            prefixes=row["prefixes"],
            peers=row["peers"],
        )
        for row in rows.to_dicts()
    ]


def community_carriers(data: Dataset, args: CommunityCarriers) -> list[CarrierRow]:
    """The prefixes, origins or peers whose routes carry a community, the most routes first; `top` rows.

    A route counts once, however many communities of the pattern it carries.
    """
    carried = with_times(_carried(seen_routes(data, args), args, args.community), data)
    if args.by == "origin_asn":
        # A set of origins counts for each of them; an empty path for none.
        carried = carried.explode("origins").filter(pl.col("origins").is_not_null())
    key = {"prefix": "prefix", "origin_asn": "origins", "peer_address": "peer_address"}[args.by]
    rows = (
        carried.group_by(carrier=key)
        .agg(
            pl.col("community").unique().sort().head(20).alias("communities"),
            pl.col("seq").n_unique().alias("routes"),
            PEERS,
            *SEEN,
        )
        .sort(["routes", "carrier"], descending=[True, False])
        .head(args.top)
        .collect()
    )
    return [
        CarrierRow(
            carrier=row["carrier"],
            communities=row["communities"],
            routes=row["routes"],
            peers=row["peers"],
            first_seen=show_time(row["first"]),
            last_seen=show_time(row["last"]),
        )
        for row in rows.to_dicts()
    ]


def _statistics(routes: pl.DataFrame, name: Attribute, values: int) -> AttributeRow:
    column = pl.col(name)
    found = routes.select(
        routes=pl.len(),
        with_value=column.count(),
        min=column.min(),
        max=column.max(),
        mean=column.mean(),
        median=column.median(),
    )
    frequent = (
        routes.filter(column.is_not_null())
        .group_by(value=name)
        .agg(routes=pl.len())
        .sort(["routes", "value"], descending=[True, False])
        .head(values)
    )
    return AttributeRow(
        attribute=name,
        **found.row(0, named=True),
        frequent=[ValueCount.model_validate(row) for row in frequent.to_dicts()],
    )


def _carried(routes: pl.LazyFrame, args: _OfCommunities, pattern: str | None) -> pl.LazyFrame:
    """One row for each route and each different community of it that is asked for."""
    of_kinds = [
        routes.with_columns(community=pl.col(_COLUMNS[kind]).list.unique(), kind=pl.lit(kind))
        .drop(*_COLUMNS.values())
        .explode("community")
        .filter(pl.col("community").is_not_null())
        for kind in dict.fromkeys(args.kinds)
    ]
    carried = pl.concat(of_kinds)
    return carried if pattern is None else carried.filter(_matches(pattern))


def _matches(pattern: str) -> pl.Expr:
    """Whether the column `community` is the pattern, each `*` standing for what is between two colons."""
    if "*" not in pattern:
        return pl.col("community") == pattern
    parts = "[^:]*".join(map(re.escape, pattern.split("*")))
    return pl.col("community").str.contains(f"^{parts}$")
