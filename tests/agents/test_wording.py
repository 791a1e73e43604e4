import pytest

from herdwick.agents.wording import MAX_ITEMS, describe

YEAR = 'p = searchPublication(publication_info="Ferns")[0]\nfinal_result = p["year"]'
COUNT = 'final_result = searchPerson(name="Ada")[0]["num_citation"]'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (42, "The answer is 42."),
        (0.5, "The answer is 0.5."),
        (True, "Yes."),
        (False, "No."),
        ("Tarn College", "Tarn College."),
        ("We grew ferns.", "We grew ferns."),
        (["Ada Quill"], "1 result: Ada Quill."),
        (["Ada Quill", "Bo Lindqvist"], "2 results: Ada Quill; Bo Lindqvist."),
        ([["a", "b"], ["c"]], "2 results: a, b; c."),
        ({"year": 2019, "venue": ""}, "year: 2019, venue: not known."),
    ],
)
def test_value_is_said_in_words(value, text):
    assert describe(value) == text


@pytest.mark.parametrize("value", [[], {}, None])
def test_nothing_found_is_said_to_match_nothing(value):
    assert describe(value) == "The data holds nothing that matches."


def test_empty_field_is_said_to_be_unknown():
    assert describe("") == "The data does not know this: the field is empty."


def test_year_zero_is_unknown():
    assert describe(0, YEAR) == "The data does not know this: the field is empty."


def test_count_of_zero_is_a_number():
    assert describe(0, COUNT) == "The answer is 0."


def test_false_is_no_even_where_a_year_is_asked_for():
    assert describe(False, YEAR) == "No."


def test_record_is_named_without_its_ids():
    people = [{"person_id": "p1", "name": "Ada Quill", "num_pubs": 3}]
    assert describe(people) == "1 result: Ada Quill (num_pubs: 3)."


def test_long_list_is_cut_and_counted():
    names = [f"n{number}" for number in range(MAX_ITEMS + 5)]
    assert describe(names) == "15 results: n0; n1; n2; n3; n4; n5; n6; n7; n8; n9; and 5 more."


def test_program_that_is_no_python_does_not_matter():
    assert describe(0, "final_result = (") == "The answer is 0."
