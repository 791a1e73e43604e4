import pytest

from herdwick.agents.errors import DraftError
from herdwick.evals.reply_reading import chosen, filled, truth

OWN = {"A": "A", "B": "B", "C": "C", "D": "D"}
FOUR = {"A": "the wrong one", "B": "another", "C": "the right one", "D": "a third"}
SPEAKERS = {"A": "iBGP", "B": "BGP"}
NUMBERS = {"A": "the 42", "B": "42"}


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("C", "C"),
        ("c", "C"),
        ("(c)", "C"),
        ("**C.**", "C"),
        ("C) the right one", "C"),
        ("c: the right one, not another", "C"),
        ("B, because A is wrong", "B"),
        ("The answer is B, because A is wrong", "B"),
        ("The answer is **a**.", "A"),
        ("Answer: (D)", "D"),
        ("Not A. The answer is C.", "C"),
        ("The answer is B. No: the final answer is C.", "C"),
        ("C is correct", "C"),
        ("THE RIGHT ONE, of course", "C"),
        ("It is not the wrong one but the right one", "C"),
    ],
)
def test_a_choice_is_read_as_it_was_meant(reply, letter):
    assert chosen(reply, OWN, FOUR) == FOUR[letter]


@pytest.mark.parametrize(
    ("reply", "options", "letter"),
    [
        ("iBGP", SPEAKERS, "A"),
        ("BGP", SPEAKERS, "B"),
        ("It is iBGP.", SPEAKERS, "A"),
        ("the 42", NUMBERS, "A"),
        ("42", NUMBERS, "B"),
        ("It must be the 42.", NUMBERS, "A"),
    ],
)
def test_an_option_within_another_is_told_from_it(reply, options, letter):
    assert chosen(reply, {one: one for one in options}, options) == options[letter]


def test_a_letter_stands_for_the_option_that_was_shown_with_it():
    assert chosen("B", {"A": "C", "B": "A", "C": "D", "D": "B"}, FOUR) == FOUR["A"]


@pytest.mark.parametrize(
    "reply",
    [
        "A BGP speaker: D",
        "A route reflector is needed: C",
        "Not A. C",
        "A, B",
        "A. or C.",
        "A: wrong",
        "A. The answer is B.",
        "The answer isn't B.",
        "The answer is a route reflector.",
        "It is not the right one.",
        "the right one or another",
        "Z",
        "I cannot say.",
        "",
    ],
)
def test_what_denies_or_could_be_two_is_no_choice(reply):
    with pytest.raises(DraftError, match="no one option"):
        chosen(reply, OWN, FOUR)


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("True", True),
        ("**False.**", False),
        ("Yes, it does.", True),
        ("No. That is wrong.", False),
        ("There is no doubt: true", True),
        ("False. The correct port is 179.", False),
        ("The statement is false, it is not true.", False),
        ("It is correct", True),
    ],
)
def test_a_truth_value_is_read_as_it_was_meant(reply, value):
    assert truth(reply) is value


@pytest.mark.parametrize(
    "reply",
    [
        "Not true.",
        "not correct",
        "That is not true",
        "true or false",
        "It is true, it is not true",
        "Perhaps.",
        "There is no doubt",
        "",
    ],
)
def test_what_denies_or_could_be_both_is_no_truth_value(reply):
    with pytest.raises(DraftError, match="neither yes nor no"):
        truth(reply)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ('"LOCAL_PREF".\nIt is', "LOCAL_PREF"),
        ("\n**179**\n", "179"),
        ("`.*`", ".*"),
        (".*", ".*"),
        ("*", "*"),
        ("_", "_"),
        ("Marker.", "Marker"),
        ("", ""),
    ],
)
def test_a_gap_loses_the_marks_around_it_and_keeps_those_that_are_the_answer(reply, words):
    assert filled(reply) == words
