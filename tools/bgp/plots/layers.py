"""In which column of a graph each AS stands, so that nearly all edges point to the right.

layers = assign_layers([(1, 2), (2, 3)], peers={1})      # {1: 0, 2: 1, 3: 2}

The first step of Sugiyama's method: Sugiyama, Tagawa, Toda: Methods for Visual Understanding of Hierarchical
System Structures (1981).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

Pair = tuple[int, int]


def assign_layers(edges: Sequence[Pair], peers: Collection[int]) -> dict[int, int]:
    """The column of each node: peers in the first, everything else right of what leads to it.

    Args:
        edges: The most important first: of edges in a circle the last one is made to point back.
        peers: Nodes that must stand in the first column, whatever leads to them.
    """
    nodes = list(dict.fromkeys(node for edge in edges for node in edge))
    first = [node for node in nodes if node in peers]
    forward = _without_circles([edge for edge in edges if edge[1] not in peers])
    before: dict[int, list[int]] = defaultdict(list)
    after: dict[int, list[int]] = defaultdict(list)
    for upstream, downstream in forward:
        before[downstream].append(upstream)
        after[upstream].append(downstream)
    layers: dict[int, int] = {}
    for node in _from_left(nodes, before, after):
        layers[node] = 0 if node in peers else 1 + max((layers[other] for other in before[node]), default=-1)
    if first:
        _pull_right([node for node in nodes if not before[node] and node not in peers], after, layers)
    return layers


def _without_circles(edges: Iterable[Pair]) -> list[Pair]:
    after: dict[int, set[int]] = defaultdict(set)
    kept = []
    for upstream, downstream in edges:
        if upstream != downstream and not _reaches(downstream, upstream, after):
            after[upstream].add(downstream)
            kept.append((upstream, downstream))
    return kept


def _reaches(start: int, goal: int, after: Mapping[int, set[int]]) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        if node == goal:
            return True
        fresh = after.get(node, set()) - seen
        seen |= fresh
        waiting += fresh
    return False


def _from_left(
    nodes: Iterable[int], before: Mapping[int, list[int]], after: Mapping[int, list[int]]
) -> Iterable[int]:
    """The nodes of a graph without circles, each behind all that lead to it."""
    missing = {node: len(before.get(node, [])) for node in nodes}
    ready = [node for node, number in missing.items() if number == 0]
    while ready:
        node = ready.pop(0)
        yield node
        for other in after.get(node, []):
            missing[other] -= 1
            if missing[other] == 0:
                ready.append(other)


def _pull_right(starts: Iterable[int], after: Mapping[int, list[int]], layers: dict[int, int]) -> None:
    """Beginnings that are no peers stand next to what they lead to, not among the peers."""
    for node in starts:
        behind = [layers[other] for other in after.get(node, [])]
        layers[node] = max(min(behind) - 1, 0) if behind else 1
