import itertools
import operator
import random

import pytest

from herdwick.evals.pairing import paired


def near(one, other):
    return abs(one - other) <= 1


@pytest.mark.parametrize(
    ("expected", "answer", "right"),
    [
        ([], [], True),
        ([1], [], False),
        ([1], [1, 1], False),
        ([2, 1, 3], [3, 2, 4], True),
        ([1, 2, 3, 10], [4, 10, 3, 2], True),
        ([1, 1, 3], [2, 4, 4], False),
        ([5, 5], [5, 9], False),
    ],
)
def test_a_pairing_is_found_where_the_first_that_fits_is_needed_by_another(expected, answer, right):
    assert paired(expected, answer, near) is right


def test_a_pairing_is_found_if_any_order_of_the_answer_is_one():
    rng = random.Random(7)
    for _ in range(300):
        expected, answer = ([rng.randrange(8) for _ in range(4)] for _ in range(2))
        any_order = any(all(map(near, expected, order)) for order in itertools.permutations(answer))
        assert paired(expected, answer, near) is any_order, (expected, answer)


def test_long_lists_are_paired_at_once():
    numbers = list(range(20_000))
    assert paired(numbers, numbers[::-1], operator.eq)
    assert not paired(numbers, [*numbers[:0:-1], 20_000], operator.eq)
