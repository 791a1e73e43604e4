"""Where the ASes of a graph stand and how the edges run between them, in inches.

    layout = lay_out([(64496, 64498), (64498, 64503)], peers={64496})
    layout.boxes[64496].x, layout.routes[64496, 64498]

Paths run from left, where the collector's peers are, to right, where the origins are. An edge that passes
columns on its way has a place of its own in each, so that it crosses no box.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from herdwick.tools.bgp.plots.layers import Pair, assign_layers
from herdwick.tools.bgp.plots.rows import ordered, placed

ROW_IN = 0.27
PASSING_IN = 0.09
FOLDED_ROW_IN = 0.35
"""Where boxes stand side by side there is room for lines between two rows."""
BOX_HEIGHT_IN = 0.19
CHAR_IN, BOX_PADDING_IN = 0.068, 0.14
BETWEEN_IN = 1.15
"""Between two columns, for the edges."""
ARC_IN = 0.75
"""How far an edge within a column may bend out of it."""
TALLEST_IN = 11.0
"""A column that would be taller is folded: its boxes stand in turns at two or three places side by side."""
MOST_FOLDS = 3
LANE_IN = 0.06
"""What points back runs so far beside what points forth."""
STEPS = 16
"""Straight pieces of which a curve is made."""

Point = tuple[float, float]
Item = tuple[int, ...]
"""`(asn,)`, or where an edge passes a column `(upstream, downstream, column)`."""


@dataclass(frozen=True)
class Box:
    """The label of an AS: its middle and its size."""

    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Layout:
    """A graph laid out; y grows downwards.

    Attributes:
        routes: For each edge the points of cubic Bézier curves, 1 + 3 n of them, from box to box.
    """

    boxes: Mapping[int, Box]
    routes: Mapping[Pair, Sequence[Point]]
    width: float
    height: float


def lay_out(edges: Sequence[Pair], peers: Collection[int]) -> Layout:
    """Place the ASes of `edges`, the most important of which are first; `peers` at the left."""
    layers = assign_layers(edges, peers)
    columns, links = _with_passing(edges, layers)
    order = ordered(columns, links)
    folds = [_folds(column) for column in order]
    heights = placed(order, links, _gaps(order, folds))
    boxes, lefts, rights = _boxes(order, folds, heights, has_arcs=_has_arcs(edges, layers))
    routes = {edge: _route(edge, layers, boxes, heights, lefts, rights) for edge in edges}
    return Layout(
        boxes=boxes,
        routes=routes,
        width=max(rights, default=0.0) + BOX_PADDING_IN,
        height=max(heights.values(), default=0.0) + 2 * ROW_IN,
    )


def box_width(asn: int) -> float:
    """How wide the label of an AS is."""
    return len(f"AS{asn}") * CHAR_IN + BOX_PADDING_IN


def straightened(points: Sequence[Point]) -> list[Point]:
    """The curves of a route as straight pieces."""
    straight = [points[0]]
    for start in range(0, len(points) - 1, 3):
        piece = points[start : start + 4]
        straight += [_on_curve(piece, step / STEPS) for step in range(1, STEPS + 1)]
    return straight


def _on_curve(piece: Sequence[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    x = sum(weight * point[0] for weight, point in zip(weights, piece, strict=True))
    y = sum(weight * point[1] for weight, point in zip(weights, piece, strict=True))
    return x, y


def _with_passing(
    edges: Sequence[Pair], layers: Mapping[int, int]
) -> tuple[list[list[Item]], list[tuple[Item, Item]]]:
    """The columns with all that stands in or passes them, and what is to be joined, from left to right."""
    columns: list[list[Item]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for asn, layer in layers.items():
        columns[layer].append((asn,))
    links: list[tuple[Item, Item]] = []
    for edge in edges:
        chain = _chain(edge, layers)
        for number, item in enumerate(chain[1:-1], start=min(layers[asn] for asn in edge) + 1):
            columns[number].append(item)
        links += pairwise(chain)
    return columns, links


def _chain(edge: Pair, layers: Mapping[int, int]) -> list[Item]:
    """The items of an edge from left to right; one within a column has none, for it joins no columns."""
    start, end = sorted(edge, key=lambda asn: layers[asn])
    if layers[start] == layers[end]:
        return []
    passing = [(*edge, layer) for layer in range(layers[start] + 1, layers[end])]
    return [(start,), *passing, (end,)]


def _has_arcs(edges: Sequence[Pair], layers: Mapping[int, int]) -> bool:
    return any(layers[start] == layers[end] for start, end in edges)


def _folds(column: Sequence[Item]) -> int:
    # What passes cannot be folded: it would run below the boxes.
    tall = sum(ROW_IN for item in column if len(item) == 1)
    return min(MOST_FOLDS, max(1, math.ceil(tall / TALLEST_IN)))


def _row(fold: int) -> float:
    return ROW_IN if fold == 1 else FOLDED_ROW_IN / fold


def _gaps(order: Sequence[Sequence[Item]], folds: Sequence[int]) -> Callable[[Item, Item], float]:
    """Tells the least distance between two items that follow each other in a column."""
    rows = {
        item: _row(fold) if len(item) == 1 else PASSING_IN
        for column, fold in zip(order, folds, strict=True)
        for item in column
    }

    def gap(above: Item, below: Item) -> float:
        return (rows[above] + rows[below]) / 2

    return gap


def _boxes(
    order: Sequence[Sequence[Item]],
    folds: Sequence[int],
    heights: Mapping[Item, float],
    *,
    has_arcs: bool,
) -> tuple[dict[int, Box], list[float], list[float]]:
    """The boxes, and where each column begins and ends."""
    boxes: dict[int, Box] = {}
    lefts, rights = [], []
    left = BOX_PADDING_IN + (ARC_IN if has_arcs else 0.0)
    for column, fold in zip(order, folds, strict=True):
        asns = [item[0] for item in column if len(item) == 1]
        widest = max(map(box_width, asns), default=0.0)
        for number, asn in enumerate(asns):
            x = left + widest / 2 + (number % fold) * widest
            boxes[asn] = Box(x, heights[(asn,)] + ROW_IN, box_width(asn))
        lefts.append(left)
        rights.append(left + widest * fold)
        left = rights[-1] + BETWEEN_IN
    return boxes, lefts, rights


def _route(
    edge: Pair,
    layers: Mapping[int, int],
    boxes: Mapping[int, Box],
    heights: Mapping[Item, float],
    lefts: Sequence[float],
    rights: Sequence[float],
) -> list[Point]:
    if layers[edge[0]] == layers[edge[1]]:
        return _arc(boxes[edge[0]], boxes[edge[1]])
    back = layers[edge[0]] > layers[edge[1]]
    start, end = edge[::-1] if back else edge
    first, last = boxes[start], boxes[end]
    lane = LANE_IN if back else 0.0
    points = [(first.x + first.width / 2, first.y + lane), (rights[layers[start]], first.y + lane)]
    for item in _chain(edge, layers)[1:-1]:
        y = heights[item] + ROW_IN
        points += [(lefts[item[2]], y), (rights[item[2]], y)]
    points += [(lefts[layers[end]], last.y + lane), (last.x - last.width / 2, last.y + lane)]
    curve = _smooth(points)
    return curve[::-1] if back else curve


def _arc(start: Box, end: Box) -> list[Point]:
    """Between two boxes of a column, bent out to its left; what runs up is bent more than what runs down."""
    x, other = start.x - start.width / 2, end.x - end.width / 2
    distance = abs(start.y - end.y)
    bend = min(ARC_IN, 0.2 + 0.12 * distance) * (1.3 if start.y > end.y else 1.0)
    return [(x, start.y), (x - bend, start.y), (other - bend, end.y), (other, end.y)]


def _smooth(points: Sequence[Point]) -> list[Point]:
    """Curves that leave and reach every point horizontally; where the same point follows itself, nothing."""
    curve = [points[0]]
    for (x, y), (other_x, other_y) in pairwise(points):
        if math.isclose(x, other_x):
            continue
        middle = (x + other_x) / 2
        curve += [(middle, y), (middle, other_y), (other_x, other_y)]
    return curve
