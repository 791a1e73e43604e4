import pytest

from herdwick.evals.langsmith import answer_right, examples
from herdwick.evals.rows import Row
from herdwick.evals.trajectory import trajectory_match, trajectory_right
from herdwick.tools.call_record import CallRecord


def call(tool, seconds=0.1, ok=True, **args):
    return CallRecord(tool=tool, args=args, ok=ok, seconds=seconds)


A, B = call("searchPerson", name="Ada"), call("getCoauthors", person_id="1")


@pytest.mark.parametrize(
    ("calls", "strict", "unordered", "superset"),
    [
        ([A, B], True, True, True),
        ([call("searchPerson", seconds=9, name="Ada"), B], True, True, True),
        ([B, A], False, True, True),
        ([A, B, B], False, False, True),
        ([A, A, B], False, False, True),
        ([A], False, False, False),
        ([], False, False, False),
        ([call("searchPerson", name="ada"), B], False, False, False),
        ([call("searchPerson", name="Ada", interest="x"), B], False, False, False),
        ([call("searchPublication", name="Ada"), B], False, False, False),
    ],
)
def test_calls_match_in_order_in_any_or_among_others(calls, strict, unordered, superset):
    found = [trajectory_match([A, B], calls, mode) for mode in ("strict", "unordered", "superset")]
    assert found == [strict, unordered, superset]


def test_the_same_call_twice_is_expected_twice():
    assert not trajectory_match([B, B], [A, B], "superset")
    assert trajectory_match([B, B], [B, A, B], "superset")


def test_numbers_compare_as_numbers_and_truth_values_do_not():
    assert trajectory_match([call("f", n=1)], [call("f", n=1.0)])
    assert not trajectory_match([call("f", n=1)], [call("f", n=True)])


def row_with(calls):
    return Row(id="1", question="?", domain="aminer", answer=1, calls=calls)


@pytest.mark.parametrize(
    ("calls", "score"),
    [
        ([A.model_dump(), B.model_dump()], True),
        ([{"tool": "searchPerson", "args": {"name": "Ada"}}], False),
        ([], False),
        (None, None),
    ],
)
def test_rows_with_calls_work_with_all_evaluators_of_langsmith(answered, calls, score):
    (example,) = examples([row_with(calls)])
    outputs = answered(1).model_copy(update={"calls": [A, B]}).model_dump(mode="json")
    given = {"inputs": example.inputs, "outputs": outputs, "reference_outputs": example.outputs}
    assert trajectory_right(**given)["score"] is score
    assert answer_right(**given)["score"] is True


def test_a_row_without_calls_looks_as_it_did():
    assert "calls" not in row_with(None).model_dump_json()
