import pytest

from herdwick.agents.errors import QuestionError
from herdwick.agents.questions import MAX_CHARS, MAX_WORDS, check_question, one_line


@pytest.mark.parametrize(
    ("raw", "question"),
    [
        ("Who is Ada Quill?", "Who is Ada Quill?"),
        ("  Who\tis\n\nAda\u00a0Quill? ", "Who is Ada Quill?"),
        ("Who is\x00\x1b[31m Ada?", "Who is [31m Ada?"),
        ("\ufeffWho?", "Who?"),
        ("Who is Jos\udce9?", "Who is Jos\ufffd?"),
        ("谁是图灵", "谁是图灵"),
        ("می‌خواهم", "می‌خواهم"),
    ],
)
def test_question_becomes_one_readable_line(raw, question):
    assert one_line(raw) == question


def refusal_of(question: str) -> str | None:
    try:
        check_question(question)
    except QuestionError as refused:
        return refused.kind
    return None


@pytest.mark.parametrize("question", ["", "?!…", "— 。"])
def test_question_without_words_is_refused(question):
    assert refusal_of(question) == "question_empty"


@pytest.mark.parametrize("question", [" ".join(["word"] * (MAX_WORDS + 1)), "字" * (MAX_CHARS + 1)])
def test_question_that_is_too_long_is_refused(question):
    assert refusal_of(question) == "question_too_long"


@pytest.mark.parametrize("question", ["Ada?", " ".join(["word"] * MAX_WORDS), "字" * MAX_CHARS])
def test_question_within_bounds_passes(question):
    assert refusal_of(question) is None


def test_refusal_states_size_and_bounds():
    with pytest.raises(QuestionError, match=r"10,000 words") as failure:
        check_question(" ".join(["why"] * 10_000))
    assert failure.value.hint == "Ask in at most 400 words and 4,000 characters."
