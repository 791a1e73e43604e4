"""AMiner's JSON, read tolerantly."""

from typing import Any

import pytest

from herdwick.tools.aminer.http.client import Verdict
from herdwick.tools.aminer.http.records import (
    PaperRecord,
    PersonRecord,
    envelope_data,
    judge_envelope,
    most_cited,
    parse,
)
from herdwick.tools.aminer.models import Coauthor, Person, PersonBasicInfo, Publication
from herdwick.tools.errors import BackendError


def person(**fields: Any) -> PersonRecord:
    return parse(PersonRecord, fields, "AMiner")


def paper(**fields: Any) -> PaperRecord:
    return parse(PaperRecord, fields, "AMiner")


def test_a_person_of_the_archive_is_read() -> None:
    record = person(
        id="p1",
        name="Mira Kovač",
        interests=[{"t": "Graphs", "n": 7}, {"t": "Optics"}],
        ncitation=120,
        npubs=9,
        contact={"affiliation": "Acme"},
    )
    assert record.candidate().person == Person(
        person_id="p1",
        name="Mira Kovač",
        interests=["Graphs", "Optics"],
        num_citation=120,
        num_pubs=9,
        organization="Acme",
    )


def test_a_person_of_the_live_platform_is_read() -> None:
    record = person(id="p1", name="Lan Meng", name_zh="孟岚", org="Acme", org_zh="顶点", n_citation="120")
    assert record.candidate().person == Person(
        person_id="p1", name="Lan Meng", num_citation=120, organization="Acme"
    )
    assert record.candidate().names == ("Lan Meng", "孟岚")
    assert record.candidate().organizations == ("Acme", "顶点")


def test_a_search_hit_shows_ten_interests_but_matches_all() -> None:
    candidate = person(id="p1", interests=[f"topic {number}" for number in range(12)]).candidate()
    assert (len(candidate.person.interests), len(candidate.tags)) == (10, 12)


@pytest.mark.parametrize("empty", [{}, {"name": None, "org": "", "interests": None, "n_citation": None}])
def test_missing_null_and_blank_fields_of_a_person_are_present_and_empty(empty: dict[str, Any]) -> None:
    assert person(**empty).candidate().person == Person(person_id="", name="")
    assert person(**empty).basic_info("p1") == PersonBasicInfo(person_id="p1", name="")


def test_a_blank_field_gives_way_to_the_next_that_means_the_same() -> None:
    assert person(contact={"affiliation": " "}, org="Acme").organization == "Acme"
    assert person(name="", name_zh="孟岚").name == "孟岚"


def test_several_positions_are_one_text() -> None:
    record = person(position=["Professor", {"name": "Dean"}, None], edu=[1999, "PhD"])
    assert (record.position, record.education) == ("Professor; Dean", "1999; PhD")


@pytest.mark.parametrize(
    ("relation", "expected"),
    [("advisor", "advisor"), ("advisee", "advisee"), ("coauthor", "coauthor"), ("spouse", "coauthor")],
)
def test_a_relation_of_no_known_kind_is_coauthorship(relation: str, expected: str) -> None:
    coauthor = person(id="p2", name="Tobias Lind", relation=relation).coauthor()
    assert coauthor.model_dump() == {"person_id": "p2", "name": "Tobias Lind", "relation": expected}


def test_a_coauthor_without_a_relation_is_a_coauthor() -> None:
    assert person(id="p2", name="Tobias Lind").coauthor() == Coauthor(person_id="p2", name="Tobias Lind")


def test_a_paper_is_read_in_full() -> None:
    record = paper(
        id="w1",
        title="On graphs",
        abstract="Graphs.",
        authors=[{"id": "p1", "name": "Mira Kovač", "org": "Acme"}, {"name": "Ana O'Neill"}, None],
        n_citation=7,
        year=2020,
        pdf="https://127.0.0.1/w1.pdf",
        venue={"info": {"name": "Journal of Graphs"}, "raw": "JG"},
    )
    assert record.publication().model_dump() == {
        "title": "On graphs",
        "abstract": "Graphs.",
        "author_list": [
            {"person_id": "p1", "name": "Mira Kovač", "organization": "Acme"},
            {"person_id": "", "name": "Ana O'Neill", "organization": ""},
        ],
        "num_citation": 7,
        "year": 2020,
        "pdf_link": "https://127.0.0.1/w1.pdf",
        "venue": "Journal of Graphs",
    }


@pytest.mark.parametrize("venue", ["JG", {"raw": "JG"}, {"name": "JG"}, {"info": {}, "raw": "JG"}])
def test_a_venue_is_read_however_it_is_given(venue: Any) -> None:
    assert paper(venue=venue).venue == "JG"


def test_a_paper_of_nothing_is_present_and_empty() -> None:
    assert paper().publication() == Publication()


def test_what_cannot_be_read_is_an_error_naming_the_field() -> None:
    with pytest.raises(BackendError, match="AMiner sent an answer that cannot be read: year") as caught:
        paper(id="w1", year="around 2000")
    assert caught.value.kind == "bad_response"


def test_a_list_where_an_object_belongs_is_an_error() -> None:
    with pytest.raises(BackendError) as caught:
        parse(PaperRecord, [1, 2], "AMiner")
    assert caught.value.kind == "bad_response"


def test_papers_come_most_cited_first_and_at_most_ten() -> None:
    papers = [paper(id=f"w{number}", n_citation=number % 6) for number in range(12)]
    assert [pub.pub_id for pub in most_cited(papers)] == [
        "w5", "w11", "w4", "w10", "w3", "w9", "w2", "w8", "w1", "w7",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"success": True, "code": 200, "data": []}, Verdict()),
        ({"data": []}, Verdict()),
        ({"code": 0, "data": []}, Verdict()),
        ([1], Verdict()),
        ({"success": False, "code": 40301, "msg": "token expired"}, Verdict(403, "token expired")),
        ({"success": False, "code": 429, "msg": "slow down"}, Verdict(429, "slow down")),
        ({"code": 500, "msg": "oops"}, Verdict(500, "oops")),
        ({"success": False, "code": 1, "msg": ""}, Verdict(400, "no reason given")),
        ({"success": False}, Verdict(400, "no reason given")),
        ({"success": False, "code": "٤٠٤"}, Verdict(400, "no reason given")),
    ],
)
def test_an_envelope_is_judged_by_its_success_and_code(payload: Any, expected: Verdict) -> None:
    assert judge_envelope(payload) == expected


def test_an_envelope_may_hold_null() -> None:
    assert envelope_data({"data": None}, "AMiner") is None


@pytest.mark.parametrize("payload", [{}, [], "busy", None])
def test_what_is_no_envelope_is_a_bad_response(payload: Any) -> None:
    with pytest.raises(BackendError) as caught:
        envelope_data(payload, "AMiner")
    assert caught.value.kind == "bad_response"
