"""Pictures of BGP data, for what is looked at rather than read.

    PLOTS["update_series"](Shown(args, value, toolkit)).png()

Each has a module, which is imported when it draws: what opens the domain must not wait for plotting
libraries, nor need them.
"""

from collections.abc import Mapping

from herdwick.tools.plot import Drawer, Picture, Shown


def _timeline(shown: Shown) -> Picture:
    from herdwick.tools.bgp.plots.timeline import Timeline

    return Timeline.of(shown)


def _lengths(shown: Shown) -> Picture:
    from herdwick.tools.bgp.plots.lengths import Lengths

    return Lengths.of(shown)


def _graph(shown: Shown) -> Picture:
    from herdwick.tools.bgp.plots.graph import GraphPicture

    return GraphPicture.of(shown)


PLOTS: Mapping[str, Drawer] = {
    "update_series": _timeline,
    "path_length_distribution": _lengths,
    "as_graph": _graph,
}
"""The functions whose results can be drawn."""
