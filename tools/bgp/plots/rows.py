"""In which order, and how high, things stand in the columns of a layered graph.

    order = ordered(columns, links)             # few crossings
    heights = placed(order, links, gap)         # straight lines, nothing on top of something else

A column holds nodes and, where an edge passes, points of that edge. Links join neighbouring columns.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)

SWEEPS = 12
SETTLING_ROUNDS = 24


def ordered(columns: Sequence[Sequence[Item]], links: Sequence[tuple[Item, Item]]) -> list[list[Item]]:
    """The columns, each in an order with few crossings: the barycentre method, there and back again.

    Args:
        columns: From left to right.
        links: From an item to one in the next column.
    """
    left, right = _neighbours(links)
    current = [list(column) for column in columns]
    best, fewest = current, _crossings(current, right)
    for sweep in range(SWEEPS):
        current = [list(column) for column in current]
        rightwards = sweep % 2 == 0
        numbers = range(1, len(current)) if rightwards else range(len(current) - 2, -1, -1)
        for number in numbers:
            fixed = current[number - 1] if rightwards else current[number + 1]
            _sort_by_neighbours(current[number], fixed, left if rightwards else right)
        crossings = _crossings(current, right)
        if crossings < fewest:
            best, fewest = current, crossings
    return best


def placed(
    columns: Sequence[Sequence[Item]],
    links: Sequence[tuple[Item, Item]],
    gap: Callable[[Item, Item], float],
) -> dict[Item, float]:
    """The height of each item, from 0 downwards: near the mean of its neighbours, in its column's order.

    Args:
        columns: As `ordered` gives them.
        links: From an item to one in the next column.
        gap: The least distance of two items that follow each other in a column.
    """
    left, right = _neighbours(links)
    heights: dict[Item, float] = {}
    for column in columns:
        heights |= _stacked(column, gap)
    for turn in range(SETTLING_ROUNDS):
        towards = (left, right)[turn % 2]
        for column in columns if turn % 2 == 0 else reversed(columns):
            wished = [
                _mean(heights, [*towards[item], *_both(turn, item, left, right)], item) for item in column
            ]
            heights |= dict(zip(column, _spread(column, wished, gap), strict=True))
    lowest = min(heights.values(), default=0.0)
    return {item: height - lowest for item, height in heights.items()}


def _neighbours(
    links: Sequence[tuple[Item, Item]],
) -> tuple[Mapping[Item, list[Item]], Mapping[Item, list[Item]]]:
    left: dict[Item, list[Item]] = defaultdict(list)
    right: dict[Item, list[Item]] = defaultdict(list)
    for start, end in links:
        left[end].append(start)
        right[start].append(end)
    return left, right


def _sort_by_neighbours(
    column: list[Item], fixed: Sequence[Item], neighbours: Mapping[Item, list[Item]]
) -> None:
    place = {item: number for number, item in enumerate(fixed)}
    own = {item: number * len(fixed) / len(column) for number, item in enumerate(column)}

    def middle(item: Item) -> float:
        places = [place[other] for other in neighbours[item]]
        # What has no neighbours there keeps its place.
        return sum(places) / len(places) if places else own[item]

    column.sort(key=middle)


def _crossings(columns: Sequence[Sequence[Item]], right: Mapping[Item, list[Item]]) -> int:
    total = 0
    for column, following in pairwise(columns):
        place = {item: number for number, item in enumerate(following)}
        ends: list[int] = []
        for item in column:
            mine = sorted(place[other] for other in right[item])
            total += sum(len(ends) - bisect_right(ends, end) for end in mine)
            for end in mine:
                insort(ends, end)
    return total


def _stacked(column: Sequence[Item], gap: Callable[[Item, Item], float]) -> dict[Item, float]:
    offsets = _offsets(column, gap)
    middle = offsets[-1] / 2 if offsets else 0.0
    return {item: offset - middle for item, offset in zip(column, offsets, strict=True)}


def _offsets(column: Sequence[Item], gap: Callable[[Item, Item], float]) -> list[float]:
    """The heights in a column that is as tight as can be."""
    offsets = [0.0][: len(column)]
    for above, below in pairwise(column):
        offsets.append(offsets[-1] + gap(above, below))
    return offsets


def _mean(heights: Mapping[Item, float], others: Sequence[Item], item: Item) -> float:
    return sum(heights[other] for other in others) / len(others) if others else heights[item]


def _both(
    turn: int, item: Item, left: Mapping[Item, list[Item]], right: Mapping[Item, list[Item]]
) -> list[Item]:
    """In the last rounds both sides count, so that no side has the last word."""
    return [*left[item], *right[item]] if turn >= SETTLING_ROUNDS // 2 else []


def _spread(
    column: Sequence[Item], wished: Sequence[float], gap: Callable[[Item, Item], float]
) -> list[float]:
    """The heights nearest to those wished, in order and far enough apart.

    Less the tight column's offsets the heights need only not decrease, which is isotonic regression: pool
    adjacent violators.
    """
    offsets = _offsets(column, gap)
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wished, offsets, strict=True):
        total, number = wish - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / number:
            more, count = pools.pop()
            total, number = total + more, number + count
        pools.append((total, number))
    levels = [total / number for total, number in pools for _ in range(number)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]
