import pytest
from pydantic import ValidationError

from herdwick.evals.matching import Tolerance, in_any_order, set_match, strict_match


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (["A", "B"], ["A", "B"]),
        (3, 3),
        (3, 3.0),
        (True, True),
        ({"A": ["x"], "B": []}, {"B": [], "A": ["x"]}),
        (None, None),
        ("", ""),
        ([{"A": 1}, 2.0], [{"A": 1.0}, 2]),
        (0.3, 0.1 + 0.2),
        (2.1, 0.7 * 3),
        ([{"A": 2.9328040827899065}], [{"A": 2.932804082789906}]),
    ],
)
def test_strict_match_takes_what_is_equal(expected, answer):
    assert strict_match(expected, answer)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (["A", "B"], ["B", "A"]),
        (["A"], ["A", "A"]),
        (["A"], "A"),
        (3, "3"),
        (True, 1),
        (1, True),
        (0, False),
        ("Ada", "ada"),
        ({"A": ["x", "y"]}, {"A": ["y", "x"]}),
        ([], None),
        ("", None),
        ([True], [1]),
        ({"A": 0}, {"A": False}),
        ({"A": 1}, {"A": 1, "B": 2}),
        (0.3, 0.3001),
        (10**12, 10**12 + 1),
        (1e12, 10**12 + 1),
        (0.0, 1e-12),
        (float("nan"), float("nan")),
        (float("inf"), 1e308),
    ],
)
def test_strict_match_takes_nothing_else(expected, answer):
    assert not strict_match(expected, answer)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (["A", "B", "A"], ["A", "A", "B"]),
        (["Ada  Mercer"], ["ada mercer"]),
        ("\uff2bing", "king"),
        (12, "12"),
        (12, " 12.0 "),
        ("-3.5", -3.5),
        ([1, "2"], ["1", 2]),
        ({"Ada": ["x", "y"]}, {"ada": ["y", "X"]}),
        (10**400, 10**400),
        (2**53 + 1, str(2**53 + 1)),
        (0.3, 0.1 + 0.2),
        ("0.3", 0.1 + 0.2),
        (1.1, "1.10"),
        ("1.10", " 1.10"),
        ("07", "7"),
        (["a", 0.3, "A", 7], ["7", 0.1 + 0.2, "A", "a"]),
    ],
)
def test_set_match_ignores_order_case_and_type_of_numbers(expected, answer):
    assert set_match(expected, answer)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        (["A"], ["A", "A"]),
        (["A", "B"], ["A"]),
        (["A"], "A"),
        (12, 13),
        (1, True),
        ("true", True),
        ("1_0", 10),
        ("nan", "inf"),
        ({"A": "x"}, {"B": "x"}),
        ([], None),
        ("", None),
        ("", []),
        (2**53, 2**53 + 1),
        (float("inf"), 10**400),
        ("9" * 5_000, 9),
        ("9" * 395 + ".1", "8" * 395 + ".1"),
        ("1.10", "1.1"),
        (["1.10", "1.2"], ["1.1", "1.20"]),
        ({"A": 1, "a": 2}, {"A": 2, "a": 1}),
    ],
)
def test_set_match_keeps_what_differs_apart(expected, answer):
    assert not set_match(expected, answer)


@pytest.mark.parametrize("match", [strict_match, set_match])
def test_in_any_order_frees_the_outer_list_alone(match):
    assert in_any_order(match)([["a", "b"], ["c"]], [["c"], ["a", "b"]])
    assert in_any_order(strict_match)([["a", "b"]], [["b", "a"]]) is False
    assert not in_any_order(match)(["a"], ["a", "a"])


@pytest.mark.parametrize("match", [strict_match, set_match])
@pytest.mark.parametrize(
    ("tolerance", "expected", "answer", "right"),
    [
        (Tolerance(decimals=1), 3.14, 3.1, True),
        (Tolerance(decimals=1), 3.05, 3.1, True),
        (Tolerance(decimals=1), 3.14, 3.2, False),
        (Tolerance(decimals=0), 31.8, 32, True),
        (Tolerance(absolute=1), 100, 101, True),
        (Tolerance(absolute=1), 100, 102, False),
        (Tolerance(relative=0.01), 200, 202, True),
        (Tolerance(relative=0.01), -200, -203, False),
        (Tolerance(relative=0.01, absolute=5), 200, 205, True),
        (Tolerance(absolute=1), True, 1, False),
        (Tolerance(absolute=1), [{"A": 1.5}], [{"A": 2}], True),
    ],
)
def test_numbers_may_be_as_far_apart_as_the_row_allows(match, tolerance, expected, answer, right):
    assert match(expected, answer, tolerance) is right


@pytest.mark.parametrize(
    "fields",
    [{}, {"relative": 0}, {"relative": 1}, {"absolute": -1}, {"decimals": -1}, {"decimals": 1.5}, {"rel": 1}],
)
def test_a_tolerance_says_something_that_can_be_meant(fields):
    with pytest.raises(ValidationError):
        Tolerance.model_validate(fields)
