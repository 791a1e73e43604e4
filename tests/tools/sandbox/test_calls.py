"""The host's side of a call, without a sandbox."""

import json

import pytest
from pydantic import BaseModel

from herdwick.tools.errors import BackendError, ToolFailure
from herdwick.tools.functions import FunctionSpec
from herdwick.tools.sandbox import Limits, ProgramFailure
from herdwick.tools.sandbox.calls import CallDesk, render_call
from herdwick.tools.sandbox.contract import CallRecord
from herdwick.tools.tool import FunctionTool


class Args(BaseModel):
    first: str
    second: int = 0


SPEC = FunctionSpec("pick", "Picks.", Args, list[str])


def desk_for(implementation, **limits: int) -> CallDesk:
    return CallDesk({"pick": FunctionTool.of(SPEC, implementation)}, Limits(**limits))


def answer(desk: CallDesk, *positional: object, **keyword: object):
    return desk.answer("pick", json.dumps([positional, keyword]))


def test_positional_arguments_are_named_in_the_functions_order():
    desk = desk_for(lambda first, second: [first * second])
    assert answer(desk, "a", 3) == {"return_value": ["aaa"]}
    assert desk.records[0].args == {"first": "a", "second": 3}


@pytest.mark.parametrize(
    ("positional", "keyword", "message"),
    [
        (("a", 1, 2), {}, "pick takes first, second; it was given 3 arguments"),
        (("a",), {"third": 1}, "pick takes first, second; it has no parameter third"),
        (("a",), {"first": "b"}, "pick takes first, second; first was given twice"),
    ],
)
def test_arguments_that_do_not_fit_are_a_type_error_in_the_program(positional, keyword, message):
    desk = desk_for(lambda first, second: [])
    assert answer(desk, *positional, **keyword) == {"exc_type": "TypeError", "message": message}
    assert desk.records == []


@pytest.mark.parametrize("encoded", ["", "5", "[1, 2]", "[[], {}, 1]", '{"a": 1}', "[[], {}"])
def test_unreadable_arguments_are_a_type_error_in_the_program(encoded):
    answered = desk_for(lambda first, second: []).answer("pick", encoded)
    assert answered == {"exc_type": "TypeError", "message": "the arguments cannot be read"}


def test_invalid_value_is_a_failed_call():
    desk = desk_for(lambda first, second: [])
    assert answer(desk, "a", "many")["exc_type"] == "RuntimeError"
    assert [record.ok for record in desk.records] == [False]


def test_tool_failure_reaches_the_program_with_its_hint():
    def fail(first: str, second: int) -> list[str]:
        raise ToolFailure("unknown", "No such thing.", "Look it up first.")

    desk = desk_for(fail)
    assert answer(desk, "a") == {"exc_type": "RuntimeError", "message": "No such thing. (Look it up first.)"}
    assert desk.failures["No such thing. (Look it up first.)"].kind == "unknown"


def test_service_trouble_is_recorded_and_raised():
    def fail(first: str, second: int) -> list[str]:
        raise BackendError("down", "The service is down.")

    desk = desk_for(fail)
    with pytest.raises(BackendError):
        answer(desk, "a")
    assert [record.ok for record in desk.records] == [False]


def test_empty_answers_are_remembered():
    desk = desk_for(lambda first, second: [] if second else ["x"])
    answer(desk, "a", 0)
    answer(desk, "b", 1)
    assert desk.empty == {1}


def test_call_limit():
    desk = desk_for(lambda first, second: [], calls=1)
    answer(desk, "a")
    with pytest.raises(ProgramFailure) as caught:
        answer(desk, "a")
    assert (caught.value.kind, len(desk.records)) == ("call_limit", 1)


def test_call_reads_as_a_program_would_write_it():
    record = CallRecord(tool="pick", args={"first": "O'Hara", "second": 2}, ok=True, seconds=0.1)
    assert render_call(record) == 'pick(first="O\'Hara", second=2)'


def test_function_that_is_no_tool_is_unknown_to_the_program():
    desk = desk_for(lambda first, second: [])
    answered = desk.answer("drop", "[[], {}]")
    assert answered == {"exc_type": "NameError", "message": "name 'drop' is not defined"}
    assert (desk.functions, desk.records) == (("pick",), [])


def test_arguments_are_measured_in_bytes_before_they_are_kept():
    desk = desk_for(lambda first, second: [], argument_bytes=20)
    assert "return_value" in desk.answer("pick", '[["牧牧牧"], {}]')
    answered = desk.answer("pick", '[["牧牧牧牧"], {}]')
    assert answered["exc_type"] == "OverflowError"
    assert answered["message"].startswith("the arguments of pick has too many values or too much text")
    assert len(desk.records) == 1


def test_nested_arguments_are_refused_before_they_are_kept():
    desk = desk_for(lambda first, second: [], result_depth=5)
    assert answer(desk, [[[1]]])["exc_type"] == "RuntimeError"
    assert answer(desk, [[[[1]]]])["exc_type"] == "OverflowError"
    assert len(desk.records) == 1


def test_arguments_of_all_calls_together_are_limited():
    desk = desk_for(lambda first, second: [], evidence_bytes=35)
    answer(desk, "aaa")
    answer(desk, first=7)
    with pytest.raises(ProgramFailure) as caught:
        answer(desk, "a")
    assert (caught.value.kind, len(desk.records)) == ("call_limit", 2)
