"""What dump lines mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herdwick.tools.aminer.local.dump import BadLine
from herdwick.tools.aminer.local.records import (
    AuthorLine,
    PaperAuthor,
    parse_author,
    parse_paper,
    parse_relation,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def author(**fields):
    return parse_author({"id": "a1", "name": "Ada Mercer"} | fields)


def paper(**fields):
    return parse_paper({"id": "p1", "title": "On Looms"} | fields)


def test_a_full_author_line():
    parsed = author(
        orgs=["MIT", "IBM"],
        position="Professor",
        bio="Bio.",
        edu="PhD",
        email="ada@example.org",
        gender="female",
        n_pubs=12,
        n_citation=345,
        tags=[{"t": "Logic", "w": 3}, {"t": "Looms"}],
        pubs=[{"i": "p1", "r": 0}],
    )
    assert parsed == AuthorLine(
        id="a1",
        name="Ada Mercer",
        orgs=("MIT", "IBM"),
        tags=("Logic", "Looms"),
        n_citation=345,
        n_pubs=12,
        gender="female",
        position="Professor",
        bio="Bio.",
        edu="PhD",
        email="ada@example.org",
        pubs=("p1",),
    )


def test_missing_fields_are_empty():
    assert author() == ("a1", "Ada Mercer", (), (), 0, 0, "", "", "", "", "", ())


@pytest.mark.parametrize(
    ("fields", "orgs"),
    [
        ({"org": "MIT"}, ("MIT",)),
        ({"orgs": "MIT"}, ("MIT",)),
        ({"orgs": ["MIT", "", None]}, ("MIT",)),
        ({"org": "IBM", "orgs": ["MIT", "IBM"]}, ("IBM", "MIT")),
        ({"org": None, "orgs": None}, ()),
    ],
)
def test_organizations_in_either_form(fields, orgs):
    assert author(**fields).orgs == orgs


@pytest.mark.parametrize(
    "tags", [["Logic"], [{"t": "Logic"}], [{"t": "Logic", "w": "x"}, {"t": "Logic"}], "Logic"]
)
def test_interests_in_any_form_and_once(tags):
    assert author(tags=tags).tags == ("Logic",)


@pytest.mark.parametrize("value", [7, "7", 7.0, "7.0", " 7 "])
def test_harmless_spellings_of_a_number(value):
    assert author(n_citation=value).n_citation == 7


def test_ids_may_be_numbers():
    assert author(id=53).id == "53"


@pytest.mark.parametrize(
    "venue", ["ICML", {"raw": "ICML"}, {"info": {"name": "ICML"}}, {"raw": "x", "info": {"name": "ICML"}}]
)
def test_venues_in_any_form(venue):
    assert paper(venue=venue).venue == "ICML"


def test_authors_of_a_paper_keep_their_order_and_gaps():
    parsed = paper(authors=[{"id": "a2", "name": "B", "org": "MIT"}, {"name": "A"}, "C"])
    assert parsed.authors == (
        PaperAuthor("a2", "B", "MIT"),
        PaperAuthor("", "A", ""),
        PaperAuthor("", "C", ""),
    )


def test_half_a_surrogate_pair_becomes_a_question_mark():
    assert author(name="Ada \ud83d").name == "Ada ?"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": None}, "id: missing"),
        ({"id": ""}, "id: empty"),
        ({"id": True}, "id: a string expected, not a boolean"),
        ({"name": "  "}, "name: empty"),
        ({"name": ["Ada"]}, "name: a string expected, not a list"),
        ({"bio": {"text": "x"}}, "bio: a string expected, not an object"),
        ({"orgs": {"a": 1}}, "orgs: a list expected, not an object"),
        ({"orgs": [["MIT"]]}, "orgs: a string expected, not a list"),
        ({"tags": [{"t": ["x"]}]}, "tags.t: a string expected, not a list"),
        ({"n_pubs": "many"}, "n_pubs: a whole number expected, not 'many'"),
        ({"n_pubs": 1.5}, "n_pubs: a whole number expected, not '1.5'"),
        ({"n_pubs": -1}, "n_pubs: a number from 0 to 9007199254740992 expected, not -1"),
        ({"n_citation": 10**300}, "n_citation: a number from 0 to 9007199254740992 expected"),
        ({"n_citation": float("inf")}, "n_citation: a whole number expected"),
    ],
)
def test_author_lines_that_cannot_be_used(fields, reason):
    with pytest.raises(BadLine) as bad:
        author(**fields)
    assert bad.value.reason.startswith(reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"title": None}, "title: missing"),
        ({"year": 20_170}, "year: a number from 0 to 9999 expected, not 20170"),
        ({"authors": "Ada", "year": "soon"}, "year: a whole number expected, not 'soon'"),
        ({"authors": [3]}, "authors: objects expected, not a number"),
        ({"authors": [{"name": {}}]}, "name: a string expected, not an object"),
        ({"venue": ["ICML"]}, "venue: a string expected, not a list"),
    ],
)
def test_paper_lines_that_cannot_be_used(fields, reason):
    with pytest.raises(BadLine) as bad:
        paper(**fields)
    assert bad.value.reason == reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"person_id": "a", "coauthor_id": "b"}, "relation: missing"),
        ({"person_id": "a", "relation": "advisor"}, "coauthor_id: missing"),
        (
            {"person_id": "a", "coauthor_id": "b", "relation": "boss"},
            "relation: one of advisor, advisee, coauthor expected, not 'boss'",
        ),
        (
            {"person_id": "a", "coauthor_id": "a", "relation": "advisor"},
            "coauthor_id: the same as person_id",
        ),
    ],
)
def test_relation_lines_that_cannot_be_used(line, reason):
    with pytest.raises(BadLine) as bad:
        parse_relation(line)
    assert bad.value.reason == reason


@pytest.mark.parametrize("parse", [parse_author, parse_paper, parse_relation])
@given(
    line=st.dictionaries(
        st.sampled_from(
            ["id", "name", "title", "org", "orgs", "tags", "pubs", "n_pubs", "year", "venue", "authors"]
        )
        | st.text(),
        JSON,
    )
)
def test_any_object_is_parsed_or_refused(parse, line):
    try:
        first = parse(line)[0]
    except BadLine as bad:
        first = bad.reason
    assert first
