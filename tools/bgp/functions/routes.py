"""What a withdrawal withdraws: the state of each (collector, peer, prefix) through time.

A withdrawal has no path. It belongs to the AS that last originated the prefix from that peer, as far as the
data goes back; before that its origins are unknown, and it is still counted.
"""

import polars as pl

from herdwick.tools.bgp.columns.dataset import Dataset

ROUTE = ("collector", "peer_address", "peer_asn", "prefix", "path_id")
"""What tells one route from another: RFC 4271's (peer, prefix), and RFC 7911's path identifier."""

SESSION = ("collector", "peer_address")
"""What tells one peer's session from another's."""

PEERS = pl.struct("collector", "peer_address").n_unique().alias("peers")
"""Sessions, not ASes: two routers of an AS are two peers, and so is one router at two collectors."""

SEEN = (pl.col("start").min().alias("first"), pl.col("until").max().alias("last"))
"""When the first peer had a route, and the last lost it or the data ended; of spells `with_until`.

Neither is cut off at a window's edges. A later table that lacks a route does not end it: only updates and
states do, so that tables alone show when a route was there first, and nothing of when it went.
"""


def with_route_origins(elems: pl.LazyFrame) -> pl.LazyFrame:
    """`elems` with `route_origins`: of a withdrawal those of the route before it; [] where unknown."""
    before = pl.col("origins").forward_fill().over(ROUTE, order_by="seq")
    return elems.with_columns(
        route_origins=pl.when(pl.col("type") == "W")
        .then(before)
        .otherwise(pl.col("origins"))
        .fill_null(pl.lit([], dtype=pl.List(pl.UInt32)))
    )


def with_previous(elems: pl.LazyFrame) -> pl.LazyFrame:
    """`elems` with `previous_type`, `previous_path` and `previous_time` of the same route; null at first."""
    return elems.with_columns(
        previous_type=pl.col("type").shift().over(ROUTE, order_by="seq"),
        previous_path=pl.col("as_path").shift().over(ROUTE, order_by="seq"),
        previous_time=pl.col("time").shift().over(ROUTE, order_by="seq"),
    )


def session_ends(elems: pl.LazyFrame, **columns: str) -> pl.LazyFrame:
    """When sessions left ESTABLISHED, which deletes their routes (RFC 4271, section 8.2.2), by `seq`.

    Args:
        elems: Of all types.
        columns: Beside `seq` and those of `SESSION`: names, and the columns of the elem that they rename.
    """
    return (
        elems.filter((pl.col("type") == "S") & (pl.col("old_state") == "ESTABLISHED"))
        .select(*SESSION, "seq", **columns)
        .sort("seq")
    )


def spells(elems: pl.LazyFrame) -> pl.LazyFrame:
    """How long each route held: one row for each table entry or announcement.

    Columns beside those of the elem: `start`, and `end` when the peer replaced or withdrew the route or its
    session left ESTABLISHED; null if the route still held when the data ended.
    """
    following = pl.col("time").shift(-1).over(ROUTE, order_by="seq")
    routes = (
        elems.filter(pl.col("type") != "S")
        .with_columns(start=pl.col("time"), following=following)
        .filter(pl.col("type") != "W")
        .sort("seq")
    )
    return routes.join_asof(
        session_ends(elems, down="time"), on="seq", by=SESSION, strategy="forward", check_sortedness=False
    ).with_columns(end=pl.min_horizontal("following", "down"))


def with_until(held: pl.LazyFrame, data: Dataset) -> pl.LazyFrame:
    """Spells with `until`: their end, or that of the data if the route still held then."""
    end_of_data = pl.lit(data.span[1] if data.span else None, pl.Float64)
    return held.with_columns(until=pl.coalesce("end", end_of_data))


def with_times(routes: pl.LazyFrame, data: Dataset) -> pl.LazyFrame:
    """Some table entries and announcements of `data`, with `start` and `until`: for `SEEN`.

    Only elems of the same routes and states can end them, so that a few among many cost little.
    """
    elems = data.elems()
    own = elems.filter(pl.col("type") != "S").join(
        routes.select(ROUTE).unique(), on=ROUTE, how="semi", nulls_equal=True
    )
    held = spells(pl.concat([own, elems.filter(pl.col("type") == "S")])).select("seq", "start", "end")
    return with_until(routes.join(held, on="seq"), data)
