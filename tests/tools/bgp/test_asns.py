"""AS numbers as people write them."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from herdwick.tools.bgp.asns import SPELLED, in_question, parse_asn
from herdwick.tools.bgp.functions.selection import ASN


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("64496", 64496),
        ("AS64496", 64496),
        (" as64496 ", 64496),
        ("ASN 64496", 64496),
        ("AS-64496", 64496),
        ("AS1.10", 65546),
        ("1.0", 65536),
        ("65535.65535", 4294967295),
        ("4294967295", 4294967295),
        ("0", 0),
    ],
)
def test_digits_and_asdot(text: str, number: int) -> None:
    assert parse_asn(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "AS", "AS174,701", "AS70000.1", "1.65536", "1.2.3", "4294967296", "-1", "²", "AS 1 0", "BGP1"],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no AS number"):
        parse_asn(text)


@pytest.mark.parametrize("text", ["AS" + "1" * 5_000, "1." + "1" * 5_000])
def test_what_is_too_long_for_an_as_number_is_refused_without_repeating_all_of_it(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text[:32]}'… is no AS number such as"):
        parse_asn(text)
    assert in_question([text]) == []


def test_an_argument_is_understood_in_asdot_as_text_only() -> None:
    adapter = TypeAdapter(ASN)

    assert (adapter.validate_python("AS1.10"), adapter.validate_python(64496)) == (65546, 64496)
    # The number 1.10 is 1.1, which would be another AS.
    with pytest.raises(ValidationError):
        adapter.validate_python(1.10)
    with pytest.raises(ValidationError, match="no AS number such as"):
        adapter.validate_python("AS174,701")


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("What does AS1.10 originate?", ["65546"]),
        ("Is it AS1.10, as 1.20 or asn 2.1?", ["65546", "131073"]),
        ("paths through AS174,701 and ASes 7018,174,701.", ["174", "701", "7018", "174", "701"]),
        ("AS174,701, 3356", ["174", "701"]),
        ("AS70000.1 and AS1.2.3 and AS1.10/24", []),
        # Digits are no business of these spellings: they are the question's numbers.
        ("AS64500 of 1,000 ASes; ASes 174, 701; AS 174 and AS701, AS64500.", []),
        ("as many as 1,000 paths, alias1.2, was1,2", []),
    ],
)
def test_where_a_question_spells_them_otherwise_than_in_digits(question: str, numbers: list[str]) -> None:
    assert in_question(re.findall(SPELLED, question)) == numbers
