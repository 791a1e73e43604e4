import pytest

from herdwick.evals.rows import Row
from herdwick.evals.values import CONTROL, MAX_PROSE_WORDS, is_right_without_data, rubric_points, value_match

CHOICE = Row(id="1", question="?", kind="mcq", options=("one", "two", "three"), answer="three")
GAP = Row(id="1", question="Port ____.", kind="fill_blank", answer="LOCAL_PREF", also=("local preference",))
PROSE = Row(
    id="1",
    question="Why?",
    kind="qa",
    answer="…",
    rubric=(("loop*",), ("own AS", "its own number"), ("discard*", "reject*")),
)
COUNT = Row(id="1", question="?", kind="code_task", answer=3)


@pytest.mark.parametrize(
    ("given", "right"), [("three", True), ("C", True), ("two", False), ("c", True), (3, False)]
)
def test_a_choice_is_judged_by_its_letter(answered, given, right):
    assert value_match(CHOICE, answered(given)) is right
    assert value_match(CHOICE, answered(given), loose=True) is right


@pytest.mark.parametrize(
    ("given", "strict", "loose"),
    [
        ("LOCAL_PREF", True, True),
        ("Local-Pref.", True, True),
        ("local  preference", True, True),
        ("the LOCAL_PREF attribute", False, True),
        ("LOCAL", False, False),
        ("NOLOCAL_PREF", False, False),
        ("MED", False, False),
        (
            "ORIGIN AS_PATH NEXT_HOP MED LOCAL_PREF ATOMIC_AGGREGATE AGGREGATOR COMMUNITY a b c d e",
            False,
            False,
        ),
    ],
)
def test_a_gap_takes_its_words_and_only_loosely_what_stands_around_them(answered, given, strict, loose):
    assert value_match(GAP, answered(given)) is strict
    assert value_match(GAP, answered(given), loose=True) is loose


@pytest.mark.parametrize(
    ("said", "points"),
    [
        ("To find loops: a router that sees its own AS discards the route.", (True, True, True)),
        ("It rejects what holds ITS OWN NUMBER.", (False, True, True)),
        ("Because of policy.", (False, False, False)),
        ("unlooped", (False, False, False)),
        ("There is no loop, and it never rejects its own AS.", (False, False, False)),
        ("A loop. Its own AS. Discard." + " word" * MAX_PROSE_WORDS, (False, False, False)),
    ],
)
def test_prose_is_judged_by_the_points_it_makes(answered, said, points):
    assert rubric_points(PROSE, said) == points
    assert value_match(PROSE, answered(said)) is all(points)
    assert value_match(PROSE, answered(said), loose=True) is (sum(points) >= 2)


@pytest.mark.parametrize(
    ("key", "given", "strict", "loose"),
    [
        ("_", "", False, False),
        ("=", "", False, False),
        ("*", "", False, False),
        ("*", "*", True, True),
        ("1", "-1", False, False),
        ("65000$", "^65000_", False, False),
        (4096, "4,096", True, True),
        ("4096", "up to 4,096 octets", False, True),
        ("5", "1.5", False, False),
    ],
)
def test_signs_marks_and_thousands_of_a_gap_count_as_what_they_are(answered, key, given, strict, loose):
    row = GAP.model_copy(update={"answer": key, "also": ()})
    assert value_match(row, answered(given)) is strict
    assert value_match(row, answered(given), loose=True) is loose


@pytest.mark.parametrize(
    ("control", "right"),
    [
        ({"status": "ok", "answer": 0}, True),
        ({"status": "error", "answer": None}, True),
        ({"status": "ok", "answer": 3}, False),
        ({"status": "ok", "answer": 3.0}, False),
        (None, True),
    ],
)
def test_a_script_that_prints_the_right_answer_over_no_data_is_wrong(answered, control, right):
    answer = answered(3).model_copy(update={"data": {CONTROL: control}})
    assert value_match(COUNT, answer) is right
    assert is_right_without_data(COUNT, answer) is not right


def test_a_script_is_right_for_its_value_alone(answered):
    answer = answered("3").model_copy(update={"data": {CONTROL: {"status": "ok", "answer": 0}}})
    assert not value_match(COUNT, answer)
    assert value_match(COUNT, answer, loose=True)


@pytest.mark.parametrize("kind", ["true_false", "program", "script", "computed"])
def test_other_kinds_compare_values(answered, kind):
    row = Row(id="1", question="?", kind=kind, program="x", answer=True)
    assert value_match(row, answered(True))
    assert not value_match(row, answered(False))
    assert not value_match(row, answered("true"))


def test_a_row_says_how_far_numbers_may_be_apart(answered):
    row = Row(id="1", question="?", answer=[3.14], tolerance={"decimals": 1})
    assert value_match(row, answered([3.1]))
    assert value_match(row, answered(["3.1"]), loose=True)
    assert not value_match(row.model_copy(update={"tolerance": None}), answered([3.1]))
    assert value_match(row.model_copy(update={"unordered": True}), answered([3.1]))
