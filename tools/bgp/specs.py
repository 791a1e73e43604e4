"""The functions of the BGP domain, described by their own signatures.

    FUNCTIONS[0].name, FUNCTIONS[0].args_schema, FUNCTIONS[0].result

A function of `herdwick.tools.bgp.functions` takes the data set, its arguments, and perhaps data to judge
routes by; one that watches a live feed takes its arguments and the feed's address. Name, description,
arguments and result of the tool are read off it.
"""

from collections.abc import Callable
from typing import Any, get_type_hints

from herdwick.tools.bgp.functions import (
    anomalies,
    attributes,
    comparison,
    damping,
    distinct,
    flapping,
    hijacks,
    history,
    leaks,
    live,
    moas,
    origins,
    outages,
    paths,
    rpki,
    sessions,
    subprefixes,
    tables,
    topology,
    updates,
)
from herdwick.tools.functions import FunctionSpec

Function = Callable[..., Any]

FAMILIES: tuple[Function, ...] = (
    updates.count_updates,
    updates.update_series,
    updates.update_rates,
    distinct.distinct,
    history.history,
    history.vanished,
    origins.prefixes_of,
    origins.origins,
    origins.origin_changes,
    paths.path_lengths,
    paths.path_length_distribution,
    paths.path_changes,
    paths.count_path_changes,
    attributes.attribute_statistics,
    attributes.communities,
    attributes.community_carriers,
    flapping.flaps,
    damping.damping,
    hijacks.hijack_check,
    moas.moas,
    subprefixes.subprefixes,
    subprefixes.covering,
    subprefixes.deaggregation,
    subprefixes.overlapping,
    leaks.route_leaks,
    leaks.leak_summary,
    topology.neighbours,
    topology.upstreams,
    topology.as_graph,
    anomalies.prepending,
    anomalies.path_loops,
    anomalies.reserved_asns,
    rpki.rpki,
    sessions.sessions,
    outages.outages,
    tables.table_at,
    tables.table_counts,
    comparison.compare_windows,
    comparison.compare_collectors,
    live.watch,
)
"""In the order of the question families that they answer."""

LIVE: frozenset[Function] = frozenset({live.watch})
"""Those that listen to a feed for a time, and take its address instead of the data set."""


def spec_of(function: Function) -> FunctionSpec:
    """The description of `function`, whose argument `args` has the schema and whose docstring the meaning."""
    hints = get_type_hints(function, include_extras=True)
    paragraph = (function.__doc__ or "").partition("\n\n")[0]
    description = " ".join(paragraph.split())
    return FunctionSpec(
        function.__name__, description, hints["args"], hints["return"], waits=function in LIVE
    )


FUNCTIONS: tuple[FunctionSpec, ...] = tuple(spec_of(function) for function in FAMILIES)
