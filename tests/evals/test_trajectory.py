import pytest

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


def test_langsmith_gets_feedback(answered):
    outputs = answered(1).model_copy(update={"calls": [A, B]}).model_dump(mode="json")
    reference = {"calls": [A.model_dump(), B.model_dump()]}
    assert trajectory_right(outputs=outputs, reference_outputs=reference)["score"] is True
    assert trajectory_right(outputs=outputs, reference_outputs={"calls": [A.model_dump()]})["score"] is False
