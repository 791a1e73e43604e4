"""Which elems a function looks at: the arguments that nearly all functions take.

selection = Selection(prefix="192.0.2.0/24", match="more", peer_asn=64496)
selection.of(data.elems())
"""

import math
from ipaddress import ip_address, ip_network
from typing import Annotated, Literal, Self

import polars as pl
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from herdwick.tools.bgp import asns, prefixes
from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.columns.schema import network_columns
from herdwick.tools.bgp.functions.routes import spells, with_route_origins
from herdwick.tools.bgp.times import (
    SPELLED,
    from_edge,
    is_clock,
    is_empty_window,
    on_day,
    parse_time,
    with_day,
)
from herdwick.tools.errors import DataError, ToolFailure
from herdwick.tools.functions import Entity

Match = Literal["exact", "more", "less", "any"]


def _asn(value: object) -> object:
    return asns.parse_asn(value) if isinstance(value, str) else value


def _moment(text: str) -> str:
    try:
        parse_time(text)
    except DataError as error:
        raise ValueError(f"{error.message} {error.hint}") from None
    return text


def _time(text: str) -> str:
    if from_edge(text):
        return text
    if not is_clock(text):
        return _moment(text)
    try:
        parse_time(on_day(text, "1970-01-01"))
    except DataError:
        raise ValueError(f"{text!r} is no time of a day, from 00:00 to 23:59:59.") from None
    return text


Prefix = Annotated[
    str, Entity("Prefix", in_question=True, spelled=prefixes.SPELLED), AfterValidator(prefixes.parse_prefix)
]
"""An IPv4 or IPv6 prefix; host bits are cleared, an address alone is its /32 or /128."""

ASN = Annotated[
    int,
    Entity("ASN", in_question=True, spelled=asns.SPELLED, together=asns.in_question),
    BeforeValidator(_asn),
    Field(ge=0, le=asns.MAX_ASN),
]
"""An AS number; `AS64496` and asdot are understood too."""

Address = Annotated[
    str,
    Entity("Address", in_question=True, spelled=prefixes.SPELLED_ADDRESS),
    AfterValidator(prefixes.parse_address),
]
"""The IPv4 or IPv6 address of a peer of the collector."""

Collector = Annotated[str, Entity("Collector", in_question=True)]
"""The name of a collector, such as rrc00 or route-views2."""

Moment = Annotated[str, AfterValidator(_moment)]
"""A moment in ISO 8601, UTC."""

Time = Annotated[
    str, Entity("Time", in_question=True, spelled=SPELLED, together=with_day), AfterValidator(_time)
]
"""A moment in ISO 8601, UTC; a time of day alone is of the day that the data is of, and `last 5 minutes` or
`first hour` are counted from where the data ends or begins."""


class Selection(BaseModel):
    """Arguments that narrow what a function looks at; without them it looks at everything."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prefix: Prefix | None = Field(default=None, description="Only this prefix, as `match` says.")
    match: Match = Field(
        default="exact",
        description="exact: the prefix alone; more: and what lies in it; less: and what it is in; any: all.",
    )
    origin_asn: ASN | None = Field(
        default=None, description="Only routes this AS originates; a withdrawal is of the AS that did last."
    )
    peer_asn: ASN | None = Field(default=None, description="Only what this peer of the collector said.")
    peer_address: Address | None = Field(
        default=None, description="Only what the peer with this address said."
    )
    collector: Collector | None = Field(default=None, description="Only this collector, such as rrc00.")
    ip_version: Literal[4, 6] | None = Field(default=None, description="Only prefixes of IPv4 or of IPv6.")
    from_time: Time | None = Field(default=None, description="From this moment, UTC.")
    until_time: Time | None = Field(default=None, description="Before this moment, UTC.")

    @model_validator(mode="after")
    def _window_is_one(self) -> Self:
        if self.from_time and self.until_time and is_empty_window(self.from_time, self.until_time):
            raise ValueError(f"The window from {self.from_time} until {self.until_time} is empty.")
        return self

    def of(self, elems: pl.LazyFrame) -> pl.LazyFrame:
        """The elems selected, with the column `route_origins`; states only if nothing about routes is asked.

        Who originated a withdrawn route is known from all elems, before any is left out.
        """
        start, end = self._bounds()
        return _filtered(
            with_route_origins(elems),
            *self._sessions(),
            *self._routes(),
            *([pl.col("time") >= start] if start is not None else []),
            *([pl.col("time") < end] if end is not None else []),
        )

    def spells(self, elems: pl.LazyFrame) -> pl.LazyFrame:
        """How long each route selected held, as `spells` says; those that held at any time of the window."""
        start, end = self._bounds()
        return _filtered(
            spells(with_route_origins(elems)),
            *self._sessions(),
            *self._routes(),
            *([_lasts_until(start)] if start is not None else []),
            *([pl.col("start") < end] if end is not None else []),
        )

    def sessions(self, elems: pl.LazyFrame) -> pl.LazyFrame:
        """The elems of the sessions selected, whatever their prefixes and times."""
        return _filtered(elems, *self._sessions())

    def refuse_peer_as_prefix(self, elems: pl.LazyFrame) -> None:
        """Refuse the address of a peer as the prefix: nothing found would look like nothing there.

        Raises:
            ToolFailure: `prefix` is such an address alone, and none of `elems` is about a route to it.
        """
        address, _, length = (self.prefix or "").partition("/")
        if self.prefix is None or self.match != "exact" or int(length) != ip_address(address).max_prefixlen:
            return
        if _has_any(elems, pl.col("peer_address") == address) and not _has_any(
            elems, lies(self.prefix, "exact")
        ):
            raise ToolFailure(
                "peer_as_prefix",
                f"{address} is the address of a peer of the collector, and no route is to {self.prefix}.",
                "Give it as `peer_address`; what contains it is found with `covering`.",
            )

    def window(self, data: Dataset) -> tuple[float, float] | None:
        """`[from, until)` in seconds since 1970: as asked, as the data set's, or as its elems span.

        None if nothing bounds it.
        """
        start, end = self._bounds()
        start = data.from_time if start is None else start
        end = data.until_time if end is None else end
        if start is not None and end is not None:
            return start, end
        span = data.span
        if span is None:
            return None
        # The last elem is inside the window, so that it ends a moment later.
        return span[0] if start is None else start, math.nextafter(span[1], math.inf) if end is None else end

    def _bounds(self) -> tuple[float | None, float | None]:
        return (
            None if self.from_time is None else parse_time(self.from_time),
            None if self.until_time is None else parse_time(self.until_time),
        )

    def _sessions(self) -> list[pl.Expr]:
        conditions = []
        if self.peer_asn is not None:
            conditions.append(pl.col("peer_asn") == self.peer_asn)
        if self.peer_address is not None:
            conditions.append(pl.col("peer_address") == self.peer_address)
        if self.collector is not None:
            conditions.append(pl.col("collector") == self.collector)
        return conditions

    def _routes(self) -> list[pl.Expr]:
        conditions = []
        if self.prefix is not None:
            conditions.append(lies(self.prefix, self.match))
        if self.ip_version is not None:
            conditions.append(pl.col("ip_version") == self.ip_version)
        if self.origin_asn is not None:
            conditions.append(pl.col("route_origins").list.contains(self.origin_asn))
        return conditions


def _lasts_until(start: float) -> pl.Expr:
    """Whether a spell has a moment in a window from `start`; one that ends when it starts has just that."""
    return pl.col("end").is_null() | (pl.col("end") > start) | (pl.col("start") >= start)


def _has_any(elems: pl.LazyFrame, condition: pl.Expr) -> bool:
    return not elems.filter(condition).head(1).collect().is_empty()


def _filtered(frame: pl.LazyFrame, *conditions: pl.Expr) -> pl.LazyFrame:
    return frame.filter(*conditions) if conditions else frame


def lies(prefix: str, match: Match) -> pl.Expr:
    """Whether the prefix of an elem lies to `prefix` as `match` says."""
    version, length, high, low = network_columns(prefix)
    same_version = pl.col("ip_version") == version
    if match == "exact":
        return same_version & (pl.col("prefix") == prefix)
    mask = ((1 << 128) - 1) ^ ((1 << (128 - length)) - 1)
    inside = (
        (pl.col("prefix_length") >= length)
        & (pl.col("network_high").and_(pl.lit(mask >> 64, pl.UInt64)) == pl.lit(high, pl.UInt64))
        & (pl.col("network_low").and_(pl.lit(mask & ((1 << 64) - 1), pl.UInt64)) == pl.lit(low, pl.UInt64))
    )
    outside = pl.col("prefix").is_in(covering(prefix))
    return same_version & {"more": inside, "less": outside, "any": inside | outside}[match]


def covering(prefix: str) -> list[str]:
    """The prefix and all that contain it, the longest first: 33 at most for IPv4, 129 for IPv6."""
    network = ip_network(prefix)
    return [
        prefixes.written(network.supernet(new_prefix=length)) for length in range(network.prefixlen, -1, -1)
    ]
