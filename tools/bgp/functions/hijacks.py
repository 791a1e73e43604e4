"""Who else originates the prefixes of an AS (question family 7).

A hijack is an origin that should not be there (RFC 4272), on the prefix itself or on a more-specific, which
draws traffic from everywhere because the longest match wins (RFC 4632, section 5.1). Data alone cannot tell
it from consent: a customer may announce a part of its provider's block, an anycast prefix has several
origins. Every row therefore says whether the rightful AS stands in the paths too.
"""

from typing import Any, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.prefix_map import PrefixMap
from herdwick.tools.bgp.functions.routes import PEERS, SEEN, with_until
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.times import show_time
from herdwick.tools.errors import ToolFailure

Kind = Literal["exact", "subprefix"]


class HijackCheck(Selection):
    """Arguments of `hijack_check`; with neither `asn` nor `prefix` there is nothing to check."""

    prefix: Prefix | None = Field(
        default=None, description="Check this prefix and what lies in it; default: all prefixes of `asn`."
    )
    asn: ASN | None = Field(
        default=None,
        description="The rightful origin; default: the one that peers showed for `prefix` most of the time.",
    )
    siblings: list[ASN] = Field(default=[], description="Other ASNs that may originate the prefixes too.")
    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="So many rows, the longest seen first.")

    @model_validator(mode="after")
    def _something_to_check(self) -> Self:
        if self.asn is None and self.prefix is None:
            raise ValueError("Give `asn`, `prefix` or both.")
        return self


class HijackRow(Row):
    """An origin on a prefix that is expected from others.

    Attributes:
        prefix: What was announced.
        origin_asn: By whom.
        kind: `exact`, or `subprefix` of `expected_prefix`.
        expected_prefix, expected_asns: What is rightfully announced, and by whom.
        in_set: The origin only stood in an AS_SET, as in an aggregate.
        through_expected: Every path leads through a rightful AS: it passes the route on itself, as a provider
            does for its customer.
        peers, peer_asns: How many peers of the collectors showed it, and of which ASes.
        first_seen, last_seen: When the first peer had the route and the last one lost it, or the data ended.
        peer_seconds: How long, summed over peers.
    """

    prefix: Prefix
    origin_asn: ASN
    kind: Kind
    expected_prefix: Prefix
    expected_asns: list[ASN]
    in_set: bool
    through_expected: bool
    peers: int
    peer_asns: list[ASN]
    first_seen: str
    last_seen: str
    peer_seconds: float


def hijack_check(data: Dataset, args: HijackCheck) -> list[HijackRow]:
    """Other origins on the expected prefixes and on more-specifics of them; no more than `top` rows.

    The prefixes of an AS are those that it originates at any time of the data set, whatever the window asked
    for. A hijacker's look like its own: check the victim, or the prefix.

    Raises:
        ToolFailure: Nobody is known to be the rightful origin, or the AS originates nothing.
    """
    bounds = args.window(data)
    if bounds is None or data.span is None:
        return []
    routes = _routes(data, args)
    known = _expected(routes, args)
    if not known:
        raise _nothing_to_check(args)
    suspects = _suspects(routes, args, known, bounds)
    return [_row(row, known) for row in suspects.to_dicts()]


def _nothing_to_check(args: HijackCheck) -> ToolFailure:
    if args.asn is not None:
        return ToolFailure(
            "originates_nothing", f"AS{args.asn} originates no prefix in this data.", "Give the prefix too."
        )
    return ToolFailure(
        "no_expected_origin",
        f"Nobody originates {args.prefix} in this data, so that no origin of it is the usual one.",
        "Give `asn`, who should originate it.",
    )


def _routes(data: Dataset, args: HijackCheck) -> pl.LazyFrame:
    """All spells of the sessions selected that could matter, one for each origin."""
    whole = args.model_copy(
        update={"match": "more", "origin_asn": None, "from_time": None, "until_time": None}
    )
    return (
        with_until(whole.spells(data.elems()), data)
        .with_columns(in_set=pl.col("origins").list.len() > 1)
        .explode("origins")
        .filter(pl.col("origins").is_not_null())
    )


def _expected(routes: pl.LazyFrame, args: HijackCheck) -> PrefixMap[list[int]]:
    """The rightful origins of the prefixes to check."""
    known: PrefixMap[list[int]] = PrefixMap()
    if args.prefix is not None:
        origins = [args.asn] if args.asn is not None else _usual_origins(routes, args.prefix)
        if origins:
            known[args.prefix] = origins
    elif args.asn is not None:
        own = routes.filter(pl.col("origins") == args.asn).select(pl.col("prefix").unique())
        for prefix in own.collect()["prefix"]:
            known[prefix] = [args.asn]
    return known


def _usual_origins(routes: pl.LazyFrame, prefix: str) -> list[int]:
    """Who originated a prefix for most of the time, summed over peers; several if they are equal.

    Of those with equal times the ones that most peers showed: in a table alone no route lasts at all.
    """
    usual = (
        routes.filter(pl.col("prefix") == prefix)
        .group_by("origins")
        .agg(PEERS, seconds=(pl.col("until") - pl.col("start")).sum())
        .filter(pl.col("seconds") == pl.col("seconds").max())
        .filter(pl.col("peers") == pl.col("peers").max())
        .sort("origins")
        .collect()
    )
    return usual["origins"].to_list()


def _suspects(
    routes: pl.LazyFrame,
    args: HijackCheck,
    known: PrefixMap[list[int]],
    bounds: tuple[float, float],
) -> pl.DataFrame:
    start, end = bounds
    in_window = routes.filter(pl.col("start") < end, pl.col("end").is_null() | (pl.col("end") > start))
    prefixes = in_window.select(pl.col("prefix").unique()).collect()["prefix"]
    rows = [
        (prefix, covering, asns)
        for prefix in prefixes
        for covering, asns in [next(known.covering(prefix), ("", []))]
        if covering
    ]
    expected = pl.LazyFrame(
        rows,
        schema={"prefix": pl.String, "expected_prefix": pl.String, "expected": pl.List(pl.UInt32)},
        orient="row",
    )
    rightful = pl.col("expected").list.contains(pl.col("origins")) | pl.col("origins").is_in(args.siblings)
    through = pl.col("hops").list.set_intersection(pl.col("expected").cast(pl.List(pl.String))).list.len() > 0
    chosen = in_window.join(expected, on="prefix").filter(~rightful)
    if args.origin_asn is not None:
        chosen = chosen.filter(pl.col("origins") == args.origin_asn)
    return (
        chosen.group_by("prefix", "origins", "expected_prefix")
        .agg(
            pl.col("in_set").all(),
            through.all().alias("through_expected"),
            PEERS,
            pl.col("peer_asn").unique().sort().alias("peer_asns"),
            *SEEN,
            seconds=(pl.col("until") - pl.col("start")).sum(),
        )
        .sort(["seconds", "peers", "prefix", "origins"], descending=[True, True, False, False])
        .head(args.top)
        .collect()
    )


def _row(row: dict[str, Any], known: PrefixMap[list[int]]) -> HijackRow:
    expected_prefix = row["expected_prefix"]
    return HijackRow.model_validate(
        {
            **{key: row[key] for key in ("prefix", "in_set", "through_expected", "peers", "peer_asns")},
            "origin_asn": row["origins"],
            "kind": "exact" if row["prefix"] == expected_prefix else "subprefix",
            "expected_prefix": expected_prefix,
            "expected_asns": known.get(expected_prefix),
            "first_seen": show_time(row["first"]),
            "last_seen": show_time(row["last"]),
            "peer_seconds": row["seconds"],
        }
    )
