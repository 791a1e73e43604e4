"""An AS graph as a page of HTML, where it can be enlarged and every edge says how much it carried.

graph_page(caption, edges, kinds, layout, thickness)
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from plotly.graph_objects import Figure, Scatter

from herdwick.tools.bgp.functions.topology import Edge
from herdwick.tools.bgp.plots.caption import Caption
from herdwick.tools.bgp.plots.colours import ARROW, INK, LINE, PAPER
from herdwick.tools.bgp.plots.layout import Layout, Point, straightened
from herdwick.tools.bgp.plots.page import page, styled

if TYPE_CHECKING:
    from herdwick.tools.bgp.plots.graph import Kind

DOTS_PER_INCH = 100
POINT_PX = DOTS_PER_INCH / 72
PADDING_PX = 2
SMALLEST_WIDTH_IN = 11.0
"""Narrower, the legend would be cut."""
WIDTHS = 5
"""Different widths of lines; each is a trace."""


def graph_page(
    caption: Caption,
    edges: Sequence[Edge],
    kinds: Mapping[int, "Kind"],
    layout: Layout,
    thickness: Callable[[int], float],
) -> bytes:
    """The page.

    Args:
        caption: The words above the graph.
        edges: The most prefixes first.
        kinds: Of each AS.
        layout: Where everything is.
        thickness: Of a line for so many prefixes, in points.
    """
    figure = styled(Figure())
    for trace in [*_lines(edges, layout, thickness), _what_edges_say(edges, layout)]:
        figure.add_trace(trace)
    for trace in _boxes(edges, kinds, layout):
        figure.add_trace(trace)
    for asn, box in layout.boxes.items():
        figure.add_annotation(
            x=box.x,
            y=box.y,
            text=f"AS{asn}",
            showarrow=False,
            captureevents=False,
            font={"size": 12, "color": INK},
            width=box.width * DOTS_PER_INCH - 2 * PADDING_PX,
            bgcolor=kinds[asn].fill,
            bordercolor=kinds[asn].border,
            borderwidth=kinds[asn].border_pt,
            borderpad=PADDING_PX,
        )
    width = max(layout.width, SMALLEST_WIDTH_IN)
    figure.update_layout(
        width=width * DOTS_PER_INCH + 40,
        height=layout.height * DOTS_PER_INCH + 100,
        hovermode="closest",
        dragmode="pan",
        margin={"l": 20, "r": 20, "t": 80, "b": 20},
    )
    figure.update_xaxes(visible=False, range=[(layout.width - width) / 2, (layout.width + width) / 2])
    figure.update_yaxes(visible=False, range=[layout.height, 0])
    return page(caption, figure)


def _lines(edges: Sequence[Edge], layout: Layout, thickness: Callable[[int], float]) -> list[Scatter]:
    """The edges, one trace for all of about the same width."""
    most = thickness(edges[0].prefixes)
    classes: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        classes[min(WIDTHS - 1, int(thickness(edge.prefixes) / most * WIDTHS))].append(edge)
    traces = []
    for number in sorted(classes, reverse=True):
        members = classes[number]
        line_px = thickness(members[len(members) // 2].prefixes) * POINT_PX
        xs: list[float | None] = []
        ys: list[float | None] = []
        tips: list[float] = []
        for edge in members:
            curve = straightened(layout.routes[edge.upstream_asn, edge.downstream_asn])
            xs += [*(x for x, _ in curve), None]
            ys += [*(y for _, y in curve), None]
            # Only the last point of an edge has its marker shown: the head of the arrow.
            tips += [*[0.0] * (len(curve) - 1), 7 + 1.6 * line_px, 0.0]
        traces.append(
            Scatter(
                x=xs,
                y=ys,
                mode="lines+markers",
                name=_range(members),
                line={"color": LINE, "width": line_px},
                marker={
                    "symbol": "arrow",
                    "angleref": "previous",
                    "size": tips,
                    "color": ARROW,
                    "opacity": 1,
                    "line": {"width": 0},
                },
                hoverinfo="skip",
            )
        )
    return traces


def _what_edges_say(edges: Sequence[Edge], layout: Layout) -> Scatter:
    middles = [_middle(layout.routes[edge.upstream_asn, edge.downstream_asn]) for edge in edges]
    return Scatter(
        x=[x for x, _ in middles],
        y=[y for _, y in middles],
        mode="markers",
        marker={"size": 12, "color": LINE, "opacity": 0},
        hovertext=[
            f"AS{edge.upstream_asn} → AS{edge.downstream_asn}: prefixes {edge.prefixes:,}, "
            f"routes {edge.routes:,}, peers {edge.peers:,}"
            for edge in edges
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _boxes(edges: Sequence[Edge], kinds: Mapping[int, "Kind"], layout: Layout) -> list[Scatter]:
    """What ASes say, and their kinds in the legend; the boxes that are seen are annotations above it."""
    upstreams = defaultdict(int, _counted([edge.downstream_asn for edge in edges]))
    downstreams = defaultdict(int, _counted([edge.upstream_asn for edge in edges]))
    traces = []
    for kind in sorted(set(kinds.values()), key=lambda kind: kind.name):
        asns = [asn for asn in layout.boxes if kinds[asn] == kind]
        traces.append(
            Scatter(
                x=[layout.boxes[asn].x for asn in asns],
                y=[layout.boxes[asn].y for asn in asns],
                mode="markers",
                name=kind.name,
                marker={
                    "symbol": "square",
                    "size": 15,
                    "color": kind.fill,
                    "line": {"color": kind.border or PAPER, "width": kind.border_pt},
                },
                hovertext=[
                    f"AS{asn}, {kind.name}: {upstreams[asn]} towards the collector, "
                    f"{downstreams[asn]} towards origins"
                    for asn in asns
                ],
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
    return traces


def _counted(asns: Sequence[int]) -> dict[int, int]:
    return {asn: asns.count(asn) for asn in asns}


def _range(members: Sequence[Edge]) -> str:
    """The numbers of prefixes of some edges, the most of which are first."""
    most, least = members[0].prefixes, members[-1].prefixes
    if most == least:
        return "1 prefix" if most == 1 else f"{most:,} prefixes"
    return f"{least:,} to {most:,} prefixes"


def _middle(points: Sequence[Point]) -> Point:
    straight = straightened(points)
    return straight[len(straight) // 2]
