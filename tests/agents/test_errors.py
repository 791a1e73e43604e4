import pytest

from herdwick.agents.answer import AnswerError
from herdwick.agents.errors import DraftError, ModelError, QuestionError, UsageError
from herdwick.agents.refusals import Refusal


@pytest.mark.parametrize(
    "error",
    [
        ModelError("endpoint_timeout", "It took too long."),
        ModelError("endpoint_down", "It is down."),
        ModelError("rate_limited", "Too many."),
        UsageError("style_unsupported", "It has no such style."),
    ],
)
def test_endpoints_and_settings_are_external(error):
    assert error.external
    assert AnswerError.of(error).external


@pytest.mark.parametrize(
    "error",
    [
        ModelError("bad_reply", "It broke off."),
        ModelError("context_too_long", "Too long."),
        ModelError("too_many_steps", "It did not end."),
        DraftError("no_program", "There is none."),
        QuestionError("question_empty", "No words."),
        Refusal("off_topic"),
    ],
)
def test_what_a_model_made_of_a_question_is_not(error):
    assert not error.external
    assert not AnswerError.of(error).external


def test_the_json_of_an_answer_does_not_say_whose_fault_it_was():
    assert set(AnswerError.of(ModelError("endpoint_down", "Down.")).model_dump()) == {
        "kind",
        "message",
        "hint",
    }
