import json

import pytest
from jsonschema import Draft202012Validator, ValidationError

from herdwick.agents.answer import Answer, AnswerError, Timings, answer_schema
from herdwick.tools.errors import ProgramError
from herdwick.tools.sandbox import CallRecord

ANSWERED = Answer(
    question="How many papers has Ada Quill?",
    domain="aminer",
    strategy="one-shot",
    model="embedded",
    plan=["searchPerson"],
    program='final_result = searchPerson(name="Ada Quill")[0]["num_pubs"]',
    answer=12,
    text="The answer is 12.",
    status="ok",
    attempts=1,
    calls=[CallRecord(tool="searchPerson", args={"name": "Ada Quill"}, ok=True, seconds=0.001)],
    timings=Timings(draft_s=1.0, check_s=0.01, run_s=0.02, total_s=1.05),
    data={"backend": "local", "records": {"people": 3}},
)
FAILED = ANSWERED.model_copy(
    update={
        "answer": None,
        "text": "Nothing found.",
        "status": "error",
        "error": AnswerError(kind="empty_result", message="Nothing found.", hint="Check the name."),
    }
)
VALIDATOR = Draft202012Validator(answer_schema())


def test_schema_is_itself_valid():
    metaschema = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    assert list(metaschema.iter_errors(answer_schema())) == []


@pytest.mark.parametrize("answer", [ANSWERED, FAILED], ids=["answered", "failed"])
def test_answers_match_the_schema(answer):
    assert list(VALIDATOR.iter_errors(json.loads(answer.model_dump_json()))) == []


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "", [], ["a", 1], {"name": "Ada"}])
def test_any_json_value_is_an_answer(value):
    answer = ANSWERED.model_copy(update={"answer": value}).model_dump(mode="json")
    assert list(VALIDATOR.iter_errors(answer)) == []


def test_schema_and_model_have_the_same_fields():
    schema = answer_schema()
    assert list(schema["properties"]) == list(Answer.model_fields)
    assert schema["required"] == list(Answer.model_fields)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "error"},
        {"status": "ok", "error": {"kind": "x", "message": "m", "hint": ""}},
        {"status": "error", "error": {"kind": "x", "message": "m", "hint": ""}, "answer": 1},
        {"calls": [{"tool": "searchPerson"}]},
        {"attempts": -1},
        {"extra": 1},
    ],
)
def test_schema_refuses_what_contradicts_itself(wrong):
    with pytest.raises(ValidationError):
        VALIDATOR.validate(json.loads(ANSWERED.model_dump_json()) | wrong)


def test_answer_is_printed_on_one_line():
    text = ANSWERED.model_copy(update={"program": "a = 1\nfinal_result = a"}).model_dump_json()
    assert "\n" not in text


def test_error_becomes_an_answer_with_what_was_known():
    error = ProgramError("no_result", "It sets no final_result.", "Set it.")
    answer = Answer.of_error(
        error, question="Who?", domain="aminer", strategy="run", model="", plan=("f",), calls=ANSWERED.calls
    )
    VALIDATOR.validate(json.loads(answer.model_dump_json()))
    assert (answer.status, answer.text) == ("error", "It sets no final_result. Set it.")
    assert (answer.error, answer.plan, answer.calls) == (AnswerError.of(error), ["f"], ANSWERED.calls)


def test_error_keeps_kind_message_and_hint():
    error = AnswerError.of(ProgramError("no_result", "It sets no final_result.", "Set it."))
    assert error.model_dump() == {
        "kind": "no_result",
        "message": "It sets no final_result.",
        "hint": "Set it.",
    }


def test_whatever_text_it_is_made_of_it_can_be_printed():
    error = AnswerError.of(ProgramError("odd", "No \udcff.", "Not \udcff."))
    call = CallRecord(tool="searchPerson", args={"name": "\ud800"}, ok=True, seconds=0.0)
    answer = Answer(
        question="\udcff",
        domain="aminer",
        strategy="run",
        model="\udcff",
        plan=["a\udcff"],
        program="\ud800",
        text="\udcff",
        status="error",
        error=error,
        calls=[call],
        data={"graph": "\udcff.sqlite"},
    )
    printed = json.loads(answer.model_dump_json())
    VALIDATOR.validate(printed)
    assert (printed["data"], printed["calls"][0]["args"]) == ({"graph": "\ufffd.sqlite"}, {"name": "\ufffd"})
    assert printed["error"] == {"kind": "odd", "message": "No \ufffd.", "hint": "Not \ufffd."}
