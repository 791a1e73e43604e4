import random
from itertools import combinations, pairwise

import pytest

from herdwick.tools.bgp.plots.layout import BOX_HEIGHT_IN, Layout, lay_out, straightened


def overlaps(layout: Layout) -> list[tuple[int, int]]:
    return [
        (one, other)
        for (one, box), (other, second) in combinations(layout.boxes.items(), 2)
        if abs(box.x - second.x) < (box.width + second.width) / 2 - 1e-6
        and abs(box.y - second.y) < BOX_HEIGHT_IN - 1e-6
    ]


def made_up(edges: int) -> tuple[list[tuple[int, int]], set[int]]:
    """Peers, transit in the middle with circles, and many origins."""
    chance = random.Random(edges)
    peers, transit, origins = range(100, 115), range(200, 212), range(4_200_000_000, 4_200_000_090)
    pairs: dict[tuple[int, int], None] = {}
    while len(pairs) < edges:
        path = [
            chance.choice(peers),
            *chance.sample(transit, chance.choice([1, 2, 3])),
            chance.choice(origins),
        ]
        pairs |= dict.fromkeys(pairwise(path))
    return [*pairs][:edges], {*peers}


@pytest.mark.parametrize("number", [1, 20, 200])
def test_no_box_lies_on_another_and_all_lie_on_the_sheet(number: int) -> None:
    edges, peers = made_up(number)
    layout = lay_out(edges, peers)
    assert overlaps(layout) == []
    for box in layout.boxes.values():
        assert box.x - box.width / 2 >= 0
        assert box.x + box.width / 2 <= layout.width
        assert box.y - BOX_HEIGHT_IN / 2 >= 0
        assert box.y + BOX_HEIGHT_IN / 2 <= layout.height


def test_a_hub_with_many_neighbours_is_folded() -> None:
    layout = lay_out([(1, 1000 + number) for number in range(199)], set())
    assert overlaps(layout) == []
    assert len({round(box.x, 3) for box in layout.boxes.values()}) > 3
    assert layout.height < 26


def test_edges_run_from_box_to_box() -> None:
    edges, peers = made_up(120)
    layout = lay_out(edges, peers)
    assert set(layout.routes) == set(edges)
    for (upstream, downstream), route in layout.routes.items():
        for asn, (x, y) in ((upstream, route[0]), (downstream, route[-1])):
            box = layout.boxes[asn]
            assert abs(x - box.x) == pytest.approx(box.width / 2)
            assert abs(y - box.y) < BOX_HEIGHT_IN / 2
        assert (len(route) - 1) % 3 == 0


def test_an_edge_and_the_one_back_are_two_lines() -> None:
    layout = lay_out([(1, 2), (2, 1)], set())
    there, back = layout.routes[1, 2], layout.routes[2, 1]
    assert there[0][0] < there[-1][0]
    assert back[0][0] > back[-1][0]
    assert there[0][1] != back[-1][1]


def test_peers_next_to_each_other_are_joined_by_a_bow_at_their_left() -> None:
    layout = lay_out([(1, 2), (1, 3)], {1, 2})
    box = layout.boxes[1]
    assert all(0 <= x <= box.x for x, _ in straightened(layout.routes[1, 2]))


def test_nothing_takes_no_room_for_edges() -> None:
    layout = lay_out([], set())
    assert (layout.boxes, layout.routes) == ({}, {})
