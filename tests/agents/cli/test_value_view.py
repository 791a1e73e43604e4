import io

import pytest
from rich.console import Console

from herdwick.agents.cli.value_view import cell, is_shown_below, value_views


def shown(value, width: int = 80) -> list[str]:
    text = io.StringIO()
    console = Console(file=text, width=width, highlight=False, markup=False)
    for part in value_views(value, console):
        console.print(part)
    return [line.rstrip() for line in text.getvalue().splitlines()]


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "text", [], ["one"], {}])
def test_what_words_say_as_well_has_no_view(value):
    assert shown(value) == []
    assert not is_shown_below(value)


@pytest.mark.parametrize("value", [["one", "two"], [{"a": 1}], {"a": 1}])
def test_what_has_a_view_is_said_to_be_shown_below(value):
    assert shown(value)
    assert is_shown_below(value)


def test_records_share_one_table_even_when_fields_differ():
    lines = shown([{"name": "Ada", "papers": 3}, {"name": "Bo", "tags": ["x", "y"]}])
    assert [line.split() for line in lines] == [
        ["name", "papers", "tags"],
        ["1", "Ada", "3", "-"],
        ["2", "Bo", "-", "x,", "y"],
    ]


def test_a_table_that_does_not_fit_is_shown_record_by_record():
    records = [
        {"prefix": "10.0.0.0/8", "seen": "2026-01-01T00:00:00Z", "peers": 3},
        {"prefix": "10.1.0.0/16"},
    ]
    assert shown(records, width=40) == [
        "1  prefix  10.0.0.0/8",
        "   seen    2026-01-01T00:00:00Z",
        "   peers   3",
        "2  prefix  10.1.0.0/16",
        "   seen    -",
        "   peers   -",
    ]


def test_a_table_gives_way_where_there_are_spaces():
    lines = shown([{"path": "64496 64500 65544", "at": "2026-01-01T00:00:00Z"}], width=37)
    assert [line.split() for line in lines] == [
        ["path", "at"],
        ["1", "64496", "2026-01-01T00:00:00Z"],
        ["64500"],
        ["65544"],
    ]


def test_a_word_longer_than_any_address_is_broken():
    lines = shown([{"url": "u" * 200}], width=60)
    assert lines[0].split() == ["url"]
    assert "".join(line.split()[-1] for line in lines[1:]) == "u" * 200


def test_a_list_is_numbered():
    assert shown(["Ada", 3]) == ["1  Ada", "2  3"]


def test_a_long_list_is_wrapped_into_columns_read_downwards():
    lines = shown([f"10.0.{number}.0/24" for number in range(30)], width=40)
    assert len(lines) == 10
    assert lines[1].split() == ["10.0.1.0/24", "10.0.11.0/24", "10.0.21.0/24"]


def test_a_long_list_of_long_texts_stays_numbered():
    lines = shown(["A title of a paper with many words"] * 30, width=60)
    assert lines[29] == "30  A title of a paper with many words"


def test_a_record_is_shown_field_by_field():
    assert shown({"name": "Ada", "email": "", "old": False}) == ["name   Ada", "email  -", "old    no"]


def test_records_inside_of_a_record_stand_behind_a_dot_and_lists_of_them_are_tables():
    lines = shown({"a": {"peers": 7}, "routes": [{"state": "valid"}, {"state": "invalid"}], "vrps": 41})
    assert lines == ["a.peers  7", "vrps     41", "", "routes (2)", "   state", "1  valid", "2  invalid"]


def test_control_characters_of_the_data_are_replaced():
    assert cell("a\x1b[31m") == "a\ufffd[31m"
    assert "\x1b" not in "".join(shown({"a\x1b": [{"b\x1b": "\x1b"}]}))
