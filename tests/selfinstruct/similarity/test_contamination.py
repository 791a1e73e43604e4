from pathlib import Path

import pytest

from herdwick.selfinstruct.similarity.contamination import EvaluationQuestions, Repeated
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    first.write_text('{"question": "Which AS originates 192.0.2.0/24?"}\n', encoding="utf-8")
    second.write_text(
        '{"question": "Which AS originates 10.0.0.0/8?"}\n{"question": "What is a route leak?"}\n',
        encoding="utf-8",
    )
    return [first, second]


def test_the_repeated_question_is_named_with_its_file(files: list[Path]) -> None:
    evaluations = EvaluationQuestions.of_files(files)

    assert evaluations.repeated("what is a route leak") == Repeated("second.jsonl", "What is a route leak?")
    assert evaluations.repeated("How is a route leak stopped?") is None


def test_a_question_about_another_prefix_is_repeated_where_entities_are_spelled(files: list[Path]) -> None:
    asked = "which as originates 2001:db8::/32"

    spelled = EvaluationQuestions.of_files(files, get_domain("bgp").spelled)

    assert spelled.repeated(asked) == Repeated("first.jsonl", "Which AS originates 192.0.2.0/24?")
    assert EvaluationQuestions.of_files(files).repeated(asked) is None


def test_without_files_nothing_is_repeated() -> None:
    assert EvaluationQuestions.of_files([]).repeated("What is a route leak?") is None


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        EvaluationQuestions.of_files([tmp_path / "none.jsonl"])
