import json

import pytest

from herdwick.evals.row_formats import read_rows
from herdwick.evals.rows import Failed, Refused, Row, Value
from herdwick.tools.errors import DataError


def write(path, *rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_full_row_is_read_as_written(tmp_path):
    written = {
        "id": "r1",
        "question": "Who?",
        "answer": ["A"],
        "plan": ["searchPerson", "getCoauthors"],
        "hop": 2,
        "files": ["updates.gz", "sub/rib.bz2"],
        "kind": "computed",
        "tags": ["own"],
    }
    (row,) = read_rows(write(tmp_path / "rows.jsonl", written))
    assert row == Row(
        id="r1",
        question="Who?",
        answer=["A"],
        plan=("searchPerson", "getCoauthors"),
        hop=2,
        files=("updates.gz", "sub/rib.bz2"),
        kind="computed",
        tags=("own",),
    )


def test_id_and_question_are_enough(tmp_path):
    (row,) = read_rows(write(tmp_path / "rows.jsonl", {"id": 7, "question": "Who?"}))
    assert (row.id, row.plan, row.kind, row.expected) == ("7", None, "computed", None)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"refuse": True}, Refused()),
        ({"error": "empty_result"}, Failed("empty_result")),
        ({"refuse": True, "name": "x"}, Value({"refuse": True, "name": "x"})),
        ({"error": "x", "name": "x"}, Value({"error": "x", "name": "x"})),
        ({"refuse": False}, Value({"refuse": False})),
        (None, Value(None)),
        ([], Value([])),
        (0, Value(0)),
    ],
)
def test_an_answer_says_what_is_expected(answer, expected):
    assert Row(id="1", question="?", answer=answer).expected == expected


def test_blank_lines_and_line_separators_inside_strings_are_no_rows(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('\n{"id": "1", "question": "a\u2028b"}\n\n', encoding="utf-8")
    assert [row.question for row in read_rows(path)] == ["a\u2028b"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "rows.jsonl, line 2 is not JSON"),
        pytest.param("[" * 100_000, "rows.jsonl, line 2 is not JSON", id="deep"),
        ('{"id": "2"}', "rows.jsonl, line 2: question: Field required"),
        ('{"id": "2", "question": "?", "hops": 1}', "line 2: hops: Extra inputs are not permitted"),
        ('{"id": "2", "question": "?", "hop": 0}', "line 2: hop:"),
        ('{"id": "2", "question": "?", "files": [""]}', "line 2: files.0:"),
        ('{"id": "1", "question": "?"}', "line 2: the id '1' was used before"),
    ],
)
def test_a_bad_line_is_named_with_its_number(tmp_path, line, message):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": "1", "question": "?"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_rows(path)
    assert caught.value.kind == "bad_row"
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("extra", "needs"),
    [
        ({"kind": "mcq"}, "2 to 26 options"),
        ({"kind": "mcq", "options": ["A"]}, "2 to 26 options"),
        ({"kind": "mcq", "options": [f"option {number}" for number in range(27)]}, "2 to 26 options"),
        ({"kind": "mcq", "options": ["yes", "yes"]}, "options that differ"),
        ({"kind": "mcq", "options": {"A": "x", "a": "y"}}, "options that differ"),
        ({"kind": "mcq", "options": ["x", "y"], "answer": "z"}, "an answer that is one of the options"),
        ({"kind": "mcq", "options": ["x", "y"], "answer": 1}, "an answer that is one of the options"),
        ({"kind": "true_false"}, "the answer true or false"),
        ({"kind": "fill_blank", "answer": ["x"]}, "an answer of text or a number"),
        ({"kind": "fill_blank", "answer": "."}, "answers that are more than marks"),
        ({"kind": "fill_blank", "answer": "x", "also": [""]}, "answers that are more than marks"),
        ({"kind": "qa"}, "a rubric"),
        ({"kind": "qa", "rubric": [["must not", "no,"]]}, "phrases of words, which 'no,' is not"),
        ({"kind": "qa", "rubric": [["= 0"]]}, "phrases of words, which '= 0' is not"),
        ({"kind": "qa", "rubric": [["no"]]}, "phrases of 3 characters"),
        ({"kind": "program"}, "a program"),
        ({"kind": "script"}, "a program"),
        ({"options": {"A": "yes"}}, "no options; those are for the kind 'mcq'"),
    ],
)
def test_a_row_that_would_be_judged_by_the_wrong_rule_is_refused(tmp_path, extra, needs):
    path = write(tmp_path / "rows.jsonl", {"id": "1", "question": "Who?", "answer": "A", **extra})
    with pytest.raises(DataError) as caught:
        read_rows(path)
    assert caught.value.kind == "bad_row"
    kind = extra.get("kind", "computed")
    assert caught.value.message.startswith(f"rows.jsonl, line 1: the kind {kind!r} needs {needs}")


@pytest.mark.parametrize("question", ["", " \t"])
def test_an_empty_question_is_refused(tmp_path, question):
    with pytest.raises(DataError) as caught:
        read_rows(write(tmp_path / "rows.jsonl", {"id": "1", "question": question}))
    assert caught.value.message.startswith("rows.jsonl, line 1: question")


@pytest.mark.parametrize(
    "extra",
    [
        {"kind": "mcq", "options": ["x", "y"], "answer": "y"},
        {"kind": "mcq", "options": {"A": "x", "B": "y"}, "answer": "b"},
        {"kind": "mcq", "options": ["x", "y"]},
        {"kind": "true_false", "answer": False},
        {"kind": "fill_blank", "answer": 179, "also": ["TCP port 179"]},
        {"kind": "qa", "answer": "Prose.", "rubric": [["prose"]]},
        {"kind": "code_task", "answer": 3},
        {"kind": "program", "program": "final_result = 1", "answer": 1},
    ],
)
def test_a_row_of_every_kind_is_read(tmp_path, extra):
    (row,) = read_rows(write(tmp_path / "rows.jsonl", {"id": "1", "question": "Who?", **extra}))
    assert row.kind == extra["kind"]


@pytest.mark.parametrize(
    ("choice", "letter"),
    [("A", "A"), ("b", "B"), ("64,512", "B"), ("C", "C"), ("64,513", None), (None, None), (1, None)],
)
def test_a_choice_is_named_by_letter_or_text(choice, letter):
    row = Row(id="1", question="?", kind="mcq", options=("one", "64,512", "A number"))
    assert row.letter_of(choice) == letter


def test_the_text_of_an_option_goes_before_the_letter_of_another():
    row = Row(id="1", question="Which elem type?", kind="mcq", options={"A": "W", "W": "A"})
    assert (row.letter_of("W"), row.letter_of("A")) == ("A", "W")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_a_data_error(tmp_path, content):
    path = tmp_path / "rows.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_rows(path)
    assert caught.value.kind == "rows_unreadable"


def test_a_field_that_few_rows_have_leaves_the_fingerprints_of_others_as_they_are():
    bare = Row(id="1", question="?", answer=1)
    assert "tolerance" not in bare.model_dump_json()
    assert Row(id="1", question="?", answer=1, tolerance={"decimals": 1}).model_dump()["tolerance"]
