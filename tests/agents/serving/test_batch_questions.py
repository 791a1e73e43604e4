import pytest

from herdwick.agents.errors import UsageError
from herdwick.agents.serving.batch_questions import BatchQuestion, is_worth_asking, read_questions
from herdwick.agents.serving.config import EngineConfig

CONFIG = EngineConfig(base="x", adapters={"aminer": "lora"})


def write(folder, *lines):
    file = folder / "questions.jsonl"
    file.write_text("\n".join(lines))
    return file


def test_questions_are_read_in_order(tmp_path):
    file = write(
        tmp_path,
        '{"question": "One?", "domain": "aminer", "id": 1, "hop": 2}',
        "",
        '{"question": "Two?", "domain": "aminer"}',
    )
    assert read_questions(file, CONFIG) == [
        BatchQuestion(question="One?", domain="aminer", id="1"),
        BatchQuestion(question="Two?", domain="aminer"),
    ]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("{", "bad_question"),
        ('{"domain": "aminer"}', "bad_question"),
        ('{"question": "One?", "domain": "bgp"}', "no_adapter"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, kind):
    file = write(tmp_path, '{"question": "One?", "domain": "aminer"}', line)
    with pytest.raises(UsageError, match=r"questions\.jsonl, line 2") as failure:
        read_questions(file, CONFIG)
    assert failure.value.kind == kind


def test_a_line_may_hold_a_line_separator(tmp_path):
    file = write(tmp_path, '{"question": "One\u2028two?", "domain": "aminer"}')
    assert [question.question for question in read_questions(file, CONFIG)] == ["One\u2028two?"]


def test_an_empty_question_costs_no_draft():
    assert not is_worth_asking(" \n")
    assert is_worth_asking("Who?")
