"""Who is next to whom in paths: an AS graph, the collector's peers at the left, origins at the right.

GraphPicture.of(Shown(args, graph, toolkit)).png()
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import polars as pl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import BoxStyle, FancyBboxPatch, Patch, PathPatch, Polygon
from matplotlib.path import Path as Curve

from herdwick.tools.bgp.functions.topology import AsGraph, Edge, Graph
from herdwick.tools.bgp.plots.caption import Caption
from herdwick.tools.bgp.plots.colours import (
    ARROW,
    BLUE,
    FAINT_INK,
    INK,
    LINE,
    PALE_BLUE,
    PALE_GREY,
    PALE_VERMILION,
    PAPER,
    VERMILION,
)
from herdwick.tools.bgp.plots.layout import BOX_HEIGHT_IN, Layout, Point, lay_out, straightened
from herdwick.tools.bgp.plots.sheet import Margins, Sheet
from herdwick.tools.bgp.toolkit import BGPToolkit
from herdwick.tools.errors import PlotError
from herdwick.tools.plot import Shown

MOST_EDGES = 200
"""What can still be read; the rest is told of in the caption."""
THINNEST_PT = 0.8
THICKEST_PT, THICKEST_OF_MANY_PT, MANY_EDGES = 5.0, 3.5, 80
"""Many thick lines would be one grey area."""
READING = "Arrows point along the path, from the collector towards the origin; the wider, the more prefixes"
LEGEND_IN = 0.45
SEAMLESS_IN = 0.5
SMALLEST_WIDTH_IN, SMALLEST_HEIGHT_IN = 8.0, 1.6


@dataclass(frozen=True)
class Kind:
    """How the boxes of some ASes look."""

    name: str
    fill: str
    border: str
    border_pt: float


PEER = Kind("peer of the collector", PALE_BLUE, BLUE, 1.6)
ASKED = Kind("AS asked about", PALE_VERMILION, VERMILION, 2.4)
OTHER = Kind("other AS", PALE_GREY, FAINT_INK, 0.7)


@dataclass(frozen=True)
class GraphPicture:
    """A graph, laid out and ready to be drawn.

    Attributes:
        edges: Those drawn, the most prefixes first.
        kinds: Of each AS.
    """

    caption: Caption
    edges: tuple[Edge, ...]
    kinds: dict[int, Kind]
    layout: Layout

    @classmethod
    def of(cls, shown: Shown) -> Self:
        """The picture of what `as_graph` returned.

        Raises:
            PlotError: There are no edges.
        """
        graph: Graph = shown.value
        args = AsGraph.model_validate(shown.args.model_dump())
        if not graph.edges:
            raise PlotError(
                "nothing_to_draw",
                "No two ASes are next to each other in these paths.",
                "Select less narrowly.",
            )
        edges = tuple(graph.edges[:MOST_EDGES])
        asns = {asn for edge in edges for asn in (edge.upstream_asn, edge.downstream_asn)}
        peers = _peers(shown, args) & asns
        left_out = graph.edges_left_out + len(graph.edges) - len(edges)
        note = (
            f"The {len(edges)} edges with the most prefixes; {left_out:,} more are left out"
            if left_out
            else ""
        )
        about = "AS graph: which ASes are next to each other in AS paths"
        return cls(
            caption=Caption.of(about, shown, READING, note),
            edges=edges,
            kinds={asn: _kind(asn, args.asn, peers) for asn in asns},
            layout=lay_out([(edge.upstream_asn, edge.downstream_asn) for edge in edges], peers),
        )

    def png(self) -> bytes:
        """As a PNG file."""
        width = max(self.layout.width, SMALLEST_WIDTH_IN)
        height = max(self.layout.height, SMALLEST_HEIGHT_IN)
        margins = Margins(left_in=0.3, right_in=0.3, bottom_in=LEGEND_IN, top_in=0.1)
        sheet = Sheet.blank(self.caption, width_in=width, height_in=height, margins=margins)
        axes = sheet.axes
        left, top = (width - self.layout.width) / 2, (height - self.layout.height) / 2
        axes.set(xlim=(-left, width - left), ylim=(height - top, -top))
        axes.axis("off")
        # The thinnest last, so that thick ones do not bury them.
        for edge in self.edges:
            points = self.layout.routes[edge.upstream_asn, edge.downstream_asn]
            _draw_edge(axes, points, self.thickness(edge.prefixes))
        for asn, box in self.layout.boxes.items():
            kind = self.kinds[asn]
            axes.add_patch(
                FancyBboxPatch(
                    (box.x - box.width / 2, box.y - BOX_HEIGHT_IN / 2),
                    box.width,
                    BOX_HEIGHT_IN,
                    boxstyle=BoxStyle("Round", pad=0, rounding_size=0.04),
                    facecolor=kind.fill,
                    edgecolor=kind.border,
                    linewidth=kind.border_pt,
                    zorder=3,
                )
            )
            axes.text(
                box.x, box.y, f"AS{asn}", size=8, ha="center", va="center_baseline", color=INK, zorder=4
            )
        handles = [
            *(
                Patch(facecolor=kind.fill, edgecolor=kind.border, linewidth=kind.border_pt, label=kind.name)
                for kind in self._kinds_shown()
            ),
            *(
                Line2D([], [], color=LINE, linewidth=self.thickness(number), label=_prefixes(number))
                for number in self._examples()
            ),
        ]
        sheet.figure.legend(
            handles=handles,
            loc="lower center",
            ncols=len(handles),
            frameon=False,
            fontsize=8.5,
        )
        return sheet.png()

    def html(self) -> bytes:
        """As one page of HTML."""
        from herdwick.tools.bgp.plots.graph_page import graph_page

        return graph_page(self.caption, self.edges, self.kinds, self.layout, self.thickness)

    def _kinds_shown(self) -> list[Kind]:
        used = set(self.kinds.values())
        return [kind for kind in (PEER, ASKED, OTHER) if kind in used]

    def thickness(self, prefixes: int) -> float:
        """Of a line, in points: a tenfold number of prefixes must not hide the rest, hence the root."""
        most = self.edges[0].prefixes
        thickest = THICKEST_OF_MANY_PT if len(self.edges) > MANY_EDGES else THICKEST_PT
        return THINNEST_PT + (thickest - THINNEST_PT) * math.sqrt((prefixes - 1) / max(most - 1, 1))

    def _examples(self) -> list[int]:
        """Numbers of prefixes for the legend: few, some, and the most there are."""
        most, least = self.edges[0].prefixes, self.edges[-1].prefixes
        return sorted({least, round(math.sqrt(least * most)), most})


def _draw_edge(axes: Axes, points: Sequence[Point], thickness: float) -> None:
    """A curve that ends in an arrow's head; both ends are horizontal."""
    length, half = 0.07 + 0.012 * thickness, 0.026 + 0.011 * thickness
    (x, y), before = points[-1], points[-2]
    base = x - math.copysign(length, x - before[0])
    ends = [*points[:-1], (base, y)]
    curve = Curve(ends, [Curve.MOVETO, *[Curve.CURVE4] * (len(ends) - 1)])
    # A white seam keeps apart what crosses; near the ends, where lines meet, it would hide the others.
    start = points[0][0]
    middle = [
        point for point in straightened(points) if min(abs(point[0] - start), abs(point[0] - x)) > SEAMLESS_IN
    ]
    axes.plot([px for px, _ in middle], [py for _, py in middle], color=PAPER, lw=thickness + 1.4, zorder=1)
    axes.add_patch(
        PathPatch(curve, fill=False, edgecolor=LINE, linewidth=thickness, capstyle="butt", zorder=1)
    )
    head = [(x, y), (base, y - half), (base, y + half)]
    axes.add_patch(Polygon(head, facecolor=ARROW, edgecolor="none", zorder=2))


def _peers(shown: Shown, args: AsGraph) -> set[int]:
    """The ASes of the collectors' peers, which the graph itself does not tell."""
    if not isinstance(shown.toolkit, BGPToolkit):
        raise TypeError(f"an AS graph is drawn from BGP data, not of a {type(shown.toolkit).__name__}")
    sessions = args.sessions(shown.toolkit.dataset.elems())
    return set(sessions.select(pl.col("peer_asn").unique()).collect()["peer_asn"].to_list())


def _kind(asn: int, asked: int | None, peers: set[int]) -> Kind:
    if asn == asked:
        return ASKED
    return PEER if asn in peers else OTHER


def _prefixes(number: int) -> str:
    return "1 prefix" if number == 1 else f"{number:,} prefixes"
