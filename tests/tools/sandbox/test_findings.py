"""Findings of the type checker that are, and are not, worth telling."""

import pytest

from herdwick.tools.aminer.domain import DOMAIN
from herdwick.tools.sandbox.findings import Finding, explain_finding
from herdwick.tools.sandbox.source import parse_program

SOURCE = parse_program("getCoauthors(x)", 100)


def mismatch(expected: str, found: str, function: str = "getCoauthors") -> Finding:
    message = f"Argument to function `{function}` is incorrect: Expected `{expected}`, found `{found}`"
    return Finding("invalid-argument-type", message, 1, 14)


@pytest.mark.parametrize(
    "found",
    [
        "Unknown",
        "Any",
        "str",
        "str & ~AlwaysFalsy",
        "PersonId | None",
        "None | PersonId",
        "list[Unknown] | PersonId",
        "Unknown | PubId",
        "@Todo",
    ],
)
def test_what_may_fit_is_not_told(found):
    assert explain_finding(mismatch("PersonId", found), SOURCE, DOMAIN) is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ("PubId", "a PubId"),
        ("PubId | PersonName", "a PubId | PersonName"),
        ("dict[str, PersonId | None]", "a dict"),
        ("int | None", "an int | None"),
        ("Overload[(x) -> int]", "a function"),
        ('Literal["Jie"]', 'the constant "Jie"'),
    ],
)
def test_what_cannot_fit_is_told(found, words):
    advice = explain_finding(mismatch("PersonId", found), SOURCE, DOMAIN)
    assert advice is not None
    assert advice.message == (
        f"line 1: `getCoauthors(x)`: getCoauthors(person_id=…) needs a PersonId, not {words}."
    )


def test_number_for_a_text_is_told():
    advice = explain_finding(mismatch("str", "int", "searchPublication"), SOURCE, DOMAIN)
    assert advice is not None
    assert "needs a str, not an int" in advice.message


@pytest.mark.parametrize(
    "finding",
    [
        Finding("not-subscriptable", "Cannot subscript object of type `None`", 1, 1),
        Finding(
            "invalid-argument-type",
            "Argument to function `len` is incorrect: Expected `Sized`, found `int`",
            1,
            1,
        ),
        Finding(
            "unknown-argument", "Argument `x` does not match any known parameter of function `mine`", 1, 1
        ),
        Finding("invalid-key", 'Unknown key "x" for TypedDict `Other`', 1, 1),
        Finding("unresolved-attribute", "Object of type `str` has no attribute `foo`", 1, 1),
    ],
)
def test_what_is_not_about_the_domain_is_not_told(finding):
    assert explain_finding(finding, SOURCE, DOMAIN) is None
