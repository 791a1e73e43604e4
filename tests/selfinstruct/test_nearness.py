from pathlib import Path

import pytest

from herdwick.selfinstruct.nearness import Nearness
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError

EVALUATION = Nearness(["Who are the coauthors of Ada Quill at Reed College?", "李雷的合作者有哪些"])


@pytest.mark.parametrize(
    "question",
    [
        "Who are the coauthors of Ada Quill at Reed College?",
        "who are the  coauthors of ada quill, at REED college",
        "Who were the coauthors of Ada Quill at Reed College",
        "Please: who are the coauthors of Ada Quill at Reed College?",
    ],
)
def test_equal_and_nearly_equal_questions_are_found(question: str) -> None:
    assert EVALUATION.nearest(question) == "Who are the coauthors of Ada Quill at Reed College?"


@pytest.mark.parametrize(
    "question",
    [
        "Who are the coauthors of Bo Mercer at Kent University?",
        "Which papers did Ada Quill of Reed College write?",
        "Who are the coauthors of Ada Quill?",
        "the the the the the the of of of at",
        "",
    ],
)
def test_other_questions_are_not(question: str) -> None:
    assert EVALUATION.nearest(question) is None


def test_chinese_is_compared_by_character() -> None:
    assert EVALUATION.nearest("李雷的合作者都有哪些") == "李雷的合作者有哪些"
    assert EVALUATION.nearest("韩梅梅的论文有哪些") is None


def test_a_wording_with_other_entities_is_the_same_wording() -> None:
    routing = Nearness(
        ["Which AS originated 10.20.0.0/16 at 00:05?", "How many IPv4 prefixes does AS64500 originate?"],
        get_domain("bgp").spelled,
    )

    assert routing.nearest("which as originated 2001:db8::/32 at 2015-04-01 12:00 UTC") is not None
    assert routing.nearest("How many IPv4 prefixes does 65550 originate") is not None
    assert routing.nearest("How many IPv6 prefixes does AS64500 originate?") is None
    assert routing.nearest("Which AS originated it?") is None


def test_questions_are_read_from_an_evaluation_file(tmp_path: Path) -> None:
    file = tmp_path / "dev.jsonl"
    file.write_text('{"id": "1", "question": "Who is Ada Quill?"}\n')

    assert Nearness.of_file(file).nearest("who is ada quill") == "Who is Ada Quill?"


def test_a_line_without_a_question_is_named(tmp_path: Path) -> None:
    file = tmp_path / "dev.jsonl"
    file.write_text('{"question": "Who?"}\n{"id": "2"}\n')

    with pytest.raises(DataError) as failure:
        Nearness.of_file(file)

    assert (failure.value.kind, failure.value.message) == (
        "bad_data",
        "dev.jsonl, line 2: needs a `question` ('question').",
    )


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as failure:
        Nearness.of_file(tmp_path / "none.jsonl")

    assert failure.value.kind == "no_data"


def test_a_line_nested_too_deeply_is_named(tmp_path: Path) -> None:
    file = tmp_path / "dev.jsonl"
    file.write_text("[" * 100_000)

    with pytest.raises(DataError, match="line 1"):
        Nearness.of_file(file)
