"""Chains of calls, on flows written down by hand."""

import itertools

from herdwick.tools.sandbox.chains import CallFlow
from herdwick.tools.sandbox.values import Site


def site(name: str, line: int = 1) -> Site:
    return Site(name, line, (line, 0, line, 1))


def flow(feeds: dict[Site, list[Site]]) -> CallFlow:
    return CallFlow({at: frozenset(before) for at, before in feeds.items()}, {}, {})


A, B, C = site("a"), site("b", 2), site("c", 3)


def test_longest_chain_wins():
    assert flow({A: [], B: [A], C: [A, B]}).plans(3) == {("a", "b", "c")}


def test_equally_long_chains_are_all_given():
    assert flow({A: [], B: [A], C: [A]}).plans(3) == {("a", "b"), ("a", "c")}


def test_chains_to_each_call_are_given():
    assert flow({A: [], B: [A], C: [A, B]}).plans_to(3) == {
        A: {("a",)},
        B: {("a", "b")},
        C: {("a", "b", "c")},
    }


def test_no_calls_make_no_plan():
    assert flow({}).plans(3) == frozenset()


def test_order_of_meeting_does_not_matter():
    assert flow({B: [A], A: []}).plans(3) == {("a", "b")}


def test_of_too_long_chains_one_example_is_kept():
    layers = [(site("a", line), site("b", line)) for line in range(60)]
    feeds = {layers[0][0]: [], layers[0][1]: []}
    for before, after in itertools.pairwise(layers):
        feeds |= {after[0]: list(before), after[1]: list(before)}
    [plan] = {len(plan) for plan in flow(feeds).plans(3)}
    assert plan == 60
    assert len(flow(feeds).plans(3)) <= 2


def test_circle_is_found():
    assert flow({A: [], B: [A, C], C: [B]}).circular() in (B, C)
    assert flow({A: [A]}).circular() == A
    assert flow({A: [], B: [A]}).circular() is None
