from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from herdwick.tools.bgp.plots.rows import ordered, placed


def gap(above: str, below: str) -> float:
    return 1.0


def test_lines_that_need_not_cross_do_not() -> None:
    columns = [["a", "b", "c"], ["z", "y", "x"]]
    order = ordered(columns, [("a", "x"), ("b", "y"), ("c", "z")])
    assert [order[0].index(item) for item in "abc"] == [order[1].index(item) for item in "xyz"]


def test_an_only_child_stands_level_with_its_parent() -> None:
    heights = placed([["a", "b"], ["x", "y"]], [("a", "x"), ("b", "y")], gap)
    assert heights["a"] == heights["x"]
    assert heights["b"] == heights["y"]


def test_a_parent_stands_in_the_middle_of_its_children() -> None:
    heights = placed([["a"], ["x", "y", "z"]], [("a", "x"), ("a", "y"), ("a", "z")], gap)
    assert heights == {"a": 1.0, "x": 0.0, "y": 1.0, "z": 2.0}


@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 5))),
)
def test_columns_keep_their_items_in_order_and_apart(sizes, drawn) -> None:
    columns = [[(number, place) for place in range(size)] for number, size in enumerate(sizes)]
    links = [
        ((number, start), (number + 1, end))
        for number, start, end in drawn
        if number + 1 < len(sizes) and start < sizes[number] and end < sizes[number + 1]
    ]
    order = ordered(columns, links)
    assert [sorted(column) for column in order] == columns
    heights = placed(order, links, gap)
    assert min(heights.values()) == 0
    for column in order:
        assert all(heights[below] - heights[above] > 1 - 1e-9 for above, below in pairwise(column))
