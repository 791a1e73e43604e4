import pytest

from herdwick.evals.evaluators import (
    Outcome,
    Verdict,
    is_refusal,
    judge,
    outcome,
    plan_match,
    soaybench_score,
)
from herdwick.tools.domain import get_domain

ONE, TWO = ("searchPerson",), ("searchPerson", "getCoauthors")
LIBRARY = [ONE, TWO]


def test_a_plan_matches_call_by_call():
    assert plan_match(TWO, list(TWO)) is True
    assert plan_match(TWO, list(reversed(TWO))) is False
    assert plan_match(TWO, []) is False
    assert plan_match(None, list(TWO)) is None


@pytest.mark.parametrize(
    ("plan", "value", "expected"),
    [
        (TWO, ["A"], Outcome.EM),
        (ONE, ["A"], Outcome.DS),
        (("searchPerson", "getPublication"), ["A"], Outcome.WS),
        (ONE, ["B"], Outcome.WS),
        (TWO, ["B"], Outcome.WC),
    ],
)
def test_the_outcome_of_a_program_that_ran(row, answered, plan, value, expected):
    assert outcome(row(answer=["A"], plan=TWO), answered(value, plan), LIBRARY) is expected


@pytest.mark.parametrize(
    ("plan", "expected", "published"),
    [
        (("searchPerson", "getCoauthors", "searchPerson", "getPersonPubs"), Outcome.DS, Outcome.WS),
        (("searchPerson", "getPersonInterest", "getCoauthors", "getPersonPubs"), Outcome.WS, Outcome.WS),
        (("getCoauthors", "searchPerson", "getCoauthors", "getCoauthors"), Outcome.WS, Outcome.WS),
        (("searchPerson", "noSuchFunction"), Outcome.WS, Outcome.WS),
        (("searchPerson", "getPersonPubs"), Outcome.DS, Outcome.DS),
        ((), Outcome.WS, Outcome.WS),
    ],
)
def test_a_chain_is_legal_by_its_types_however_long_it_is(row, answered, plan, expected, published):
    library = get_domain("aminer").library
    asked, answer = row(answer=["A"], plan=TWO), answered(["A"], plan)
    assert outcome(asked, answer, library) is expected
    assert outcome(asked, answer, library.plans) is published


def test_a_program_that_did_not_run_is_an_execution_error_whatever_its_plan(row, failed):
    assert outcome(row(answer=["A"], plan=TWO), failed("runtime", TWO), LIBRARY) is Outcome.EE


def test_without_an_expected_plan_a_right_answer_is_exact_and_a_wrong_one_wrong_code(row, answered):
    assert outcome(row(answer=1), answered(1), LIBRARY) is Outcome.EM
    assert outcome(row(answer=1), answered(2), LIBRARY) is Outcome.WC


def test_an_expected_error_is_right_when_it_is_of_that_kind(row, failed, answered):
    nobody = row(answer={"error": "empty_result"}, plan=ONE)
    assert outcome(nobody, failed("empty_result", ONE), LIBRARY) is Outcome.EM
    assert outcome(nobody, failed("runtime", ONE), LIBRARY) is Outcome.EE
    assert outcome(nobody, answered([], ONE), LIBRARY) is Outcome.WC


def test_only_the_kind_refused_is_a_refusal(answered, failed):
    assert is_refusal(failed("refused"))
    assert not is_refusal(failed("runtime"))
    assert not is_refusal(answered([]))


def test_a_refusal_where_one_is_right(row, failed):
    assert judge(row(answer={"refuse": True}), failed("refused"), LIBRARY) == Verdict(
        "1", answerable=False, refused=True, plan=None, strict=True, loose=True, outcome=None
    )


def test_an_answer_where_a_refusal_is_right(row, answered):
    assert judge(row(answer={"refuse": True}), answered({"refuse": True}), LIBRARY) == Verdict(
        "1", answerable=False, refused=False, plan=None, strict=False, loose=False, outcome=None
    )


def test_a_refusal_where_an_answer_is_right(row, failed):
    assert judge(row(answer=3, plan=ONE), failed("refused"), LIBRARY) == Verdict(
        "1", answerable=True, refused=True, plan=False, strict=False, loose=False, outcome=Outcome.EE
    )


def test_an_error_is_no_answer_even_where_null_is_expected(row, failed):
    verdict = judge(row(answer=None), failed("runtime"), LIBRARY)
    assert verdict is not None
    assert not verdict.strict


def test_a_row_without_answer_is_not_judged(row, answered):
    assert judge(row(), answered(3), LIBRARY) is None


def test_the_score_weighs_hops_by_their_length():
    assert soaybench_score({1: 0.986, 2: 0.796, 3: 0.845}) == pytest.approx(0.8522, abs=5e-5)
    assert soaybench_score({1: 1.0, 2: 1.0, 3: 1.0}) == 1
    assert soaybench_score({1: 1.0, 3: 1.0}) is None


@pytest.mark.parametrize(("answer", "right"), [(64500, True), ([64500], True), ([64501], False), ([], False)])
def test_what_is_said_to_be_as_right_is_right(row, answered, answer, right):
    verdict = judge(row(answer=64500, also=[[64500]], plan=ONE), answered(answer, ONE), LIBRARY)

    assert (verdict.strict, verdict.loose) == (right, right)
    assert (verdict.outcome is Outcome.EM) is right


@pytest.mark.parametrize(
    ("expected", "answer", "right"),
    [
        ([2, 10, 1], [10, 1, 2], True),
        (["B", "a", "C"], ["C", "B", "a"], True),
        (
            [{"asn": 2, "path": [1, 2]}, {"asn": 1, "path": []}],
            [{"asn": 1, "path": []}, {"path": [1, 2], "asn": 2}],
            True,
        ),
        ([[1, 2], [3]], [[3], [2, 1]], False),
        (["A", "B"], ["b", "A"], False),
        ([1, 1, 2], [1, 2, 2], False),
        ([1, 2], [1, 2, 3], False),
        ([1], 1, False),
    ],
)
def test_where_no_order_is_asked_for_only_the_order_of_the_list_is_free(
    row, answered, expected, answer, right
):
    asked = row(answer=expected, plan=ONE, unordered=True)

    assert judge(asked, answered(answer, ONE), LIBRARY).strict is right
    if right:
        assert not judge(row(answer=expected, plan=ONE), answered(answer, ONE), LIBRARY).strict
