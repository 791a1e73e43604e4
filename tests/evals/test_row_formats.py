import json

import pytest

from herdwick.evals.row_formats import read_rows
from herdwick.evals.rows import Refused, Row, Value
from herdwick.tools.errors import DataError


def test_csv_cells_are_json_where_they_read_so(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        "id,question,answer,plan,hop,tags,unordered\n"
        '7,"How many, all told?",3,searchPerson,1,"[""own""]",\n'
        '8,Who?,"[""A"", ""B""]",searchPerson -> getCoauthors,2,,true\n'
        '9,Weather?,"{""refuse"": true}",,,,\n'
        "10,Where?,King's College,,,,\n"
        "11,Anything?,,,,,\n",
        encoding="utf-8-sig",
    )
    rows = read_rows(path)
    assert rows[0] == Row(
        id="7", question="How many, all told?", answer=3, plan=("searchPerson",), hop=1, tags=("own",)
    )
    assert rows[1].plan == ("searchPerson", "getCoauthors")
    assert rows[1].unordered is True
    assert [row.expected for row in rows[2:]] == [Refused(), Value("King's College"), None]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,question\n1\n", "rows.csv, line 2 has not as many cells as the first line"),
        ("id,question\n1,a,b\n", "rows.csv, line 2 has not as many cells as the first line"),
        ('id,question\n1,"a\n', "rows.csv, after line 1: unexpected end of data"),
        ("id,answer\n1,2\n", "rows.csv, line 2: question: Field required"),
    ],
)
def test_broken_csv_is_named_with_its_line(tmp_path, text, message):
    path = tmp_path / "rows.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_rows(path)
    assert message in caught.value.message


def test_an_array_is_read_item_by_item(tmp_path):
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([{"id": "a", "question": "1?"}, {"id": "b"}]), encoding="utf-8")
    with pytest.raises(DataError, match=r"rows\.json, item 2: question"):
        read_rows(path)
    path.write_text(json.dumps([{"id": "a", "question": "1?"}], indent=2), encoding="utf-8")
    assert [row.id for row in read_rows(path)] == ["a"]


def test_soaybenchs_layout_is_told_by_its_names(tmp_path):
    path = tmp_path / "bench.jsonl"
    records = [
        {
            "Query_en": "Who works with Ada Quill?",
            "Query_zh": "x",
            "Answer": ["Bo Reed"],
            "Base_Question_en": "Who works with XX?",
            "API combination": "searchPerson -> getCoauthors",
            "Entity_Information": {"name": "Ada Quill"},
        },
        {"ID": 12, "Query": "How many papers?", "Answer": 3, "Solution": ["searchPerson"]},
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    assert read_rows(path) == (
        Row(
            id="1",
            question="Who works with Ada Quill?",
            answer=["Bo Reed"],
            plan=("searchPerson", "getCoauthors"),
            hop=2,
            template="Who works with XX?",
        ),
        Row(id="12", question="How many papers?", answer=3, plan=("searchPerson",), hop=1),
    )


def test_our_own_layout_keeps_its_strictness(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"id": "1", "question": "?", "Query": "x"}), encoding="utf-8")
    with pytest.raises(DataError, match="Query: Extra inputs"):
        read_rows(path)


@pytest.mark.parametrize("line", ["3", '"text"', "null", "[1]"])
def test_what_is_no_object_is_no_row(tmp_path, line):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": "1", "question": "?"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 2"):
        read_rows(path)


@pytest.mark.parametrize("meant", ["searhPerson -> getCoauthors", ["searhPerson", "getCoauthors"]])
def test_a_function_that_soaybench_misspells_is_the_one_that_is_meant(tmp_path, meant):
    path = tmp_path / "bench.json"
    path.write_text(json.dumps([{"Query": "Who?", "Answer": [], "Solution": meant}]), encoding="utf-8")
    (row,) = read_rows(path)
    assert row.plan == ("searchPerson", "getCoauthors")


def test_a_question_of_soaybench_without_an_answer_is_an_error(tmp_path):
    path = tmp_path / "bench.jsonl"
    path.write_text(json.dumps({"Query": "Who?", "answr": 3}), encoding="utf-8")
    with pytest.raises(DataError, match=r"bench\.jsonl, line 1 has no answer") as caught:
        read_rows(path)
    assert caught.value.hint == "SoAyBench calls it 'Answer' or 'answer'."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"id": "a", "question": "?", "answer": NaN}', "NaN is no number"),
        ('{"id": "a", "question": "?", "answer": [-Infinity]}', "-Infinity is no number"),
        ('{"id": "a", "question": "?", "answer": 1e400}', "1e400 is too large"),
        ('{"id": "a", "question": "?", "answer": 1, "answer": 2}', "'answer' stands twice"),
        ('{"id": "a", "question": "?", "answer": {"x": 1, "y": 2, "x": 1}}', "'x' stands twice"),
    ],
)
def test_json_that_others_read_otherwise_is_an_error(tmp_path, text, message):
    path = tmp_path / "rows.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_rows(path)
    assert message in caught.value.message


def test_cells_that_read_as_no_number_are_text(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,question,answer\na,?,NaN\nb,?,1e400\nc,?,-Infinity\n", encoding="utf-8")
    assert [row.answer for row in read_rows(path)] == ["NaN", "1e400", "-Infinity"]


def test_a_column_that_stands_twice_is_an_error(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,question,answer,answer\na,?,1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="names the column 'answer' twice"):
        read_rows(path)
