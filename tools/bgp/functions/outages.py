"""When much of what an AS or a peer announced disappeared at once (question family 14).

An outage begins when fewer prefixes are visible than a share of what was visible at most until then, and ends
when most of them are back. There is no standard for the shares; the defaults are explained where they stand.
"""

from typing import Any, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.intervals import changes, merged
from herdwick.tools.bgp.functions.row import MAX_ROWS, Row
from herdwick.tools.bgp.functions.selection import ASN, Prefix, Selection
from herdwick.tools.bgp.times import show_time


class Outages(Selection):
    """Arguments of `outages`."""

    by: Literal["origin_asn", "peer_address"] = Field(
        default="origin_asn",
        description="Outages of the ASes that originate prefixes, or of the collector's peers.",
    )
    visible: Literal["any", "most"] = Field(
        default="any",
        description="When a prefix of an AS is visible: while any peer shows it, or while more than half of "
        "those peers do that ever showed it, which also finds what a part of the Internet lost.",
    )
    below: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="An outage begins below this share of the prefixes; half is more than maintenance of one "
        "site takes away from most networks.",
    )
    recovered: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="It ends at this share again; less than all, as some prefixes may stay away for good.",
    )
    min_prefixes: int = Field(
        default=5,
        ge=1,
        description="Only where so many prefixes were visible: of one or two, every flap would be an outage.",
    )
    top: int = Field(default=100, ge=1, le=MAX_ROWS, description="So many rows, those that lost most first.")

    @model_validator(mode="after")
    def _recovers(self) -> Self:
        if self.recovered < self.below:
            raise ValueError("`recovered` must not be less than `below`.")
        return self


class OutageRow(Row):
    """An outage.

    Attributes:
        origin_asn: Whose, or None if it is a peer's: then the next three say whose.
        start: When fewer prefixes than the share were left.
        end: When enough were back; None if they were not while the data lasts.
        seconds: From start to end.
        prefixes_before: As many as were visible at most, until `start`.
        prefixes_at_lowest: As many as were left, at the worst moment.
        prefixes_lost: As many as were visible when there were most, and not at the worst moment.
        lost: Which; the first `MAX_NAMED` by their text.
    """

    origin_asn: ASN | None
    collector: str | None
    peer_address: str | None
    peer_asn: ASN | None
    start: str
    end: str | None
    seconds: float | None
    prefixes_before: int
    prefixes_at_lowest: int
    prefixes_lost: int
    lost: list[Prefix]


MAX_NAMED = 20
"""Lost prefixes that are named."""

_OWNERS = {"origin_asn": ["origin_asn"], "peer_address": ["collector", "peer_address", "peer_asn"]}


def outages(data: Dataset, args: Outages) -> list[OutageRow]:
    """Outages that touch the window; no more than `top` rows.

    What was visible is known from a table or announcements in the data set; without a table only what was
    announced since counts. If the session of a collector's only peer fails, every AS has an outage: look at
    those of peers too.
    """
    bounds = args.window(data)
    if bounds is None:
        return []
    start, end = bounds
    owner = _OWNERS[args.by]
    visible = _visible(data, args, owner).collect().lazy()
    found = _outages(changes(visible, owner), args, owner).filter(
        pl.col("start") < end, pl.col("end").is_null() | (pl.col("end") > start)
    )
    rows = (
        _with_lost(found.collect().lazy(), visible, owner)
        .sort(["prefixes_lost", "start", *owner], descending=[True, *[False] * (1 + len(owner))])
        .head(args.top)
        .collect()
    )
    return [_row(row) for row in rows.to_dicts()]


def _visible(data: Dataset, args: Outages, owner: list[str]) -> pl.LazyFrame:
    """The stretches in which each prefix of each owner was visible."""
    whole = args.model_copy(update={"from_time": None, "until_time": None})
    spells = whole.spells(data.elems())
    if args.by == "peer_address":
        return merged(spells, [*owner, "prefix"])
    by_peer = merged(
        spells.explode("origins").filter(pl.col("origins").is_not_null()).rename({"origins": "origin_asn"}),
        [*owner, "prefix", "collector", "peer_address"],
    )
    if args.visible == "any":
        return merged(by_peer, [*owner, "prefix"])
    peers = pl.struct("collector", "peer_address").n_unique().over(*owner, "prefix")
    needed = by_peer.with_columns(needed=peers // 2 + 1)
    return merged(needed, [*owner, "prefix", "needed"], pl.col("needed"))


def _outages(counts: pl.LazyFrame, args: Outages, owner: list[str]) -> pl.LazyFrame:
    """Outages by owner with `start`, `end`, the most before, the least during, and when these were."""
    held, most = pl.col("held"), pl.col("most")
    down = (
        pl.when((held < args.below * most) & (most >= args.min_prefixes))
        .then(pl.lit(value=True))
        .when(held >= args.recovered * most)
        .then(pl.lit(value=False))
    )
    return (
        counts.with_columns(most=held.cum_max().over(owner))
        .with_columns(
            down=down.forward_fill().over(owner).fill_null(value=False),
            peak=pl.when(held == most).then("time").forward_fill().over(owner),
        )
        .with_columns(begins=pl.col("down") & ~pl.col("down").shift(fill_value=False).over(owner))
        .with_columns(number=pl.col("begins").cum_sum().over(owner))
        .filter(pl.col("number") > 0)
        .group_by(*owner, "number")
        .agg(
            pl.col("peak").first(),
            start=pl.col("time").first(),
            end=pl.col("time").filter(~pl.col("down")).first(),
            prefixes_before=most.first(),
            prefixes_at_lowest=held.filter("down").min(),
            lowest=pl.col("time").filter("down").get(held.filter("down").arg_min()),
        )
    )


def _with_lost(found: pl.LazyFrame, visible: pl.LazyFrame, owner: list[str]) -> pl.LazyFrame:
    """Outages with the prefixes that were visible at the peak and not at the lowest point."""
    stretches = found.join(visible.rename({"start": "from", "end": "until"}), on=owner)
    lost = (
        stretches.group_by(*owner, "number", "prefix")
        .agg(at_peak=_covers("peak").any(), at_lowest=_covers("lowest").any())
        .filter(pl.col("at_peak") & ~pl.col("at_lowest"))
        .group_by(*owner, "number")
        .agg(prefixes_lost=pl.len(), lost=pl.col("prefix").sort().head(MAX_NAMED))
    )
    return found.join(lost, on=[*owner, "number"])


def _covers(moment: str) -> pl.Expr:
    return (pl.col("from") <= pl.col(moment)) & (
        pl.col("until").is_null() | (pl.col(moment) < pl.col("until"))
    )


def _row(row: dict[str, Any]) -> OutageRow:
    known = {name: row.get(name) for name in OutageRow.model_fields}
    end = row["end"]
    return OutageRow.model_validate(
        known
        | {
            "start": show_time(row["start"]),
            "end": None if end is None else show_time(end),
            "seconds": None if end is None else end - row["start"],
        }
    )
