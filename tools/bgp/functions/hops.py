"""Paths taken apart in columns: which ASes stand in them, where, and how often in a row.

    routes = seen_routes(data, args)
    path_hops(routes).filter(pl.col("asn") == 64496)

Only different paths are taken apart; `as_path` joins them to their routes again. A hop in brackets, a set
(RFC 4271, section 4.3) or part of a confederation (RFC 5065, section 3), is one hop without an `asn`.
"""

import polars as pl

from herdwick.tools.bgp.columns.dataset import Dataset
from herdwick.tools.bgp.functions.routes import PEERS
from herdwick.tools.bgp.functions.selection import Selection

SHOWN = (pl.len().alias("routes"), pl.col("prefix").n_unique().alias("prefixes"), PEERS)
"""How many table entries and announcements, of how many prefixes, from how many peers."""

_HOP = r"\{[^}]*\}|\([^)]*\)|\[[^\]]*\]|\d+"


def seen_routes(data: Dataset, args: Selection) -> pl.LazyFrame:
    """The table entries and announcements selected."""
    return args.of(data.elems()).filter(pl.col("type").is_in(["R", "A"]))


def path_hops(routes: pl.LazyFrame) -> pl.LazyFrame:
    """Every hop of every different path, prepending taken out.

    Columns: `as_path`; `place`, from 0 at the peer's end; `places`, how many there are; `hop` as text; `asn`,
    null of a hop in brackets. An empty path has no rows.
    """
    return (
        routes.select("as_path", hop="hops")
        .unique("as_path")
        .with_columns(places=pl.col("hop").list.len(), place=pl.int_ranges(0, pl.col("hop").list.len()))
        .explode("hop", "place")
        .filter(pl.col("hop").is_not_null())
        .with_columns(asn=pl.col("hop").cast(pl.UInt32, strict=False))
    )


def path_runs(routes: pl.LazyFrame) -> pl.LazyFrame:
    """Every AS of every different path with how many times it stands there in a row.

    Columns: `as_path`; `run`, from 1 at the peer's end, hops in brackets counted too; `asn`; `times`; `last`,
    whether the path ends with it. Hops in brackets have no rows: to repeat them is no prepending.
    """
    hop, path = pl.col("hop"), pl.col("as_path")
    # `over` is of the shift too: the first hop of a path has none before it.
    run = (hop != hop.shift()).fill_null(value=True).cum_sum().over("as_path")
    return (
        routes.select("as_path")
        .unique()
        .with_columns(hop=path.str.extract_all(_HOP))
        .explode("hop")
        .filter(hop.is_not_null())
        .with_columns(run=run)
        .group_by("as_path", "run", "hop")
        .agg(times=pl.len())
        .with_columns(
            asn=hop.cast(pl.UInt32, strict=False), last=pl.col("run") == pl.col("run").max().over("as_path")
        )
        .filter(pl.col("asn").is_not_null())
    )
