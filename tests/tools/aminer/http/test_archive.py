"""The seven functions over the research archive, spoken by a loopback service."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from herdwick.tools.aminer.backend import AMinerBackend
from herdwick.tools.aminer.models import (
    Author,
    Coauthor,
    Person,
    PersonBasicInfo,
    PersonPub,
    Publication,
    PublicationHit,
)
from herdwick.tools.errors import BackendError, ToolFailure

MIRA = {
    "id": "p1",
    "name": "Mira Kovač",
    "interests": [{"t": "Graphs", "n": 9}, {"t": "Optics", "n": 2}],
    "ncitation": 120,
    "npubs": 9,
    "contact": {"affiliation": "Acme Research"},
}


@pytest.fixture
def archive(open_backend: Callable[..., AMinerBackend]) -> AMinerBackend:
    return open_backend("archive")


def word(kind: int, keyword: str) -> dict[str, Any]:
    return {"operate": "0", "wordType": kind, "keyword": keyword, "advanced": True, "needTranslate": True}


def test_a_search_for_persons_asks_for_all_criteria(httpserver: HTTPServer, archive: AMinerBackend) -> None:
    asked = {
        "searchKeyWordList": [word(4, "Mira Kovač"), word(2, "Graphs"), word(5, "Acme")],
        "sort": [{"asc": False, "field": "n_citation"}],
        "needDetails": True,
    }
    httpserver.expect_request("/searchPerson", method="POST", json=asked).respond_with_json(
        {"data": {"hitList": [MIRA]}}
    )
    assert archive.searchPerson("Mira Kovač", "Acme", "Graphs") == [
        Person(
            person_id="p1",
            name="Mira Kovač",
            interests=["Graphs", "Optics"],
            num_citation=120,
            num_pubs=9,
            organization="Acme Research",
        )
    ]


def test_persons_the_archive_only_guessed_are_dropped(httpserver: HTTPServer, archive: AMinerBackend) -> None:
    guessed = MIRA | {"id": "p2", "name": "Mirko Kovač", "ncitation": 999}
    elsewhere = MIRA | {"id": "p3", "contact": {"affiliation": "Delft"}, "ncitation": 888}
    httpserver.expect_request("/searchPerson").respond_with_json(
        {"data": {"hitList": [guessed, elsewhere, MIRA]}}
    )
    found = archive.searchPerson(name="Mira Kovač", organization="Acme")
    assert [person.person_id for person in found] == ["p1"]


def test_an_interest_is_left_to_the_archive_which_translates_it(
    httpserver: HTTPServer, archive: AMinerBackend
) -> None:
    httpserver.expect_request("/searchPerson").respond_with_json({"data": {"hitList": [MIRA]}})
    assert [person.person_id for person in archive.searchPerson(interest="图论")] == ["p1"]


@pytest.mark.parametrize("data", [{"hitList": []}, {"hitList": None}, {}, None])
def test_an_empty_search_is_an_empty_list(data: Any, httpserver: HTTPServer, archive: AMinerBackend) -> None:
    httpserver.expect_request("/searchPerson").respond_with_json({"data": data})
    httpserver.expect_request("/searchPublication").respond_with_json({"data": data})
    assert archive.searchPerson(name="Nobody") == []
    assert archive.searchPublication("Nothing") == []


def test_a_paper_of_the_exact_title_comes_first(httpserver: HTTPServer, archive: AMinerBackend) -> None:
    hits = [
        {"id": "w1", "title": "On graphs and trees", "year": 2019, "n_citation": 900},
        {"id": "w2", "title": "On Graphs.", "year": 2020, "n_citation": 3},
    ]
    asked = {
        "query": "On graphs",
        "searchKeyWordList": [word(4, "On graphs")],
        "needDetails": True,
    }
    httpserver.expect_request("/searchPublication", method="POST", json=asked).respond_with_json(
        {"data": {"hitList": hits}}
    )
    assert archive.searchPublication("On graphs") == [
        PublicationHit(pub_id="w2", title="On Graphs.", year=2020),
        PublicationHit(pub_id="w1", title="On graphs and trees", year=2019),
    ]


def test_all_coauthors_come_with_their_relation(httpserver: HTTPServer, archive: AMinerBackend) -> None:
    crs = [{"id": f"p{number}", "name": f"Author {number}", "relation": "coauthor"} for number in range(30)]
    crs[0]["relation"] = "advisor"
    httpserver.expect_request("/getCoauthors", query_string={"id": "p99"}).respond_with_json(
        {"data": [{"data": {"crs": crs}}]}
    )
    coauthors = archive.getCoauthors("p99")
    assert len(coauthors) == 30
    assert coauthors[:2] == [
        Coauthor(person_id="p0", name="Author 0", relation="advisor"),
        Coauthor(person_id="p1", name="Author 1"),
    ]


def test_interests_are_listed(httpserver: HTTPServer, archive: AMinerBackend) -> None:
    httpserver.expect_request("/getPersonInterest", query_string={"id": "p1"}).respond_with_json(
        {"data": [{"data": {"data": {"data": [{"t": "Graphs"}, {"t": "Optics"}]}}}]}
    )
    assert archive.getPersonInterest("p1") == ["Graphs", "Optics"]


def test_the_representative_work_is_first(httpserver: HTTPServer, archive: AMinerBackend) -> None:
    pubs = [
        {"id": "w1", "title": "Early", "ncitation": 5, "year": 1999, "authors": [{"name": "Mira Kovač"}]},
        {
            "id": "w2",
            "title": "Best",
            "ncitation": 50,
            "year": 2009,
            "authors": [{"name": "A"}, {"name": "B"}],
        },
    ]
    page = {"id": "p1", "offset": "0", "size": "10", "order": "citation"}
    httpserver.expect_request("/getPersonPubs", query_string=page).respond_with_json(
        {"data": [{"data": {"pubs": pubs}}]}
    )
    first, second = archive.getPersonPubs("p1")
    assert first == PersonPub(
        pub_id="w2", title="Best", num_citation=50, year=2009, authors_name_list=["A", "B"]
    )
    assert second.pub_id == "w1"


def test_a_profile_has_what_the_archive_knows(httpserver: HTTPServer, archive: AMinerBackend) -> None:
    profile = {
        "name": "Mira Kovač",
        "gender": "female",
        "aff": "Acme Research",
        "position": "Professor",
        "bio": "Works on graphs.",
        "edu": "PhD, Delft",
        "email": "mira@acme.test",
    }
    httpserver.expect_request("/getPersonBasicInfo", query_string={"id": "p1"}).respond_with_json(
        {"data": [{"data": profile}]}
    )
    assert archive.getPersonBasicInfo("p1") == PersonBasicInfo(
        person_id="p1",
        name="Mira Kovač",
        gender="female",
        organization="Acme Research",
        position="Professor",
        bio="Works on graphs.",
        education_experience="PhD, Delft",
        email="mira@acme.test",
    )


def test_missing_fields_of_a_profile_are_empty(httpserver: HTTPServer, archive: AMinerBackend) -> None:
    httpserver.expect_request("/getPersonBasicInfo").respond_with_json(
        {"data": [{"data": {"name": "Mira Kovač", "bio": None}}]}
    )
    assert archive.getPersonBasicInfo("p1") == PersonBasicInfo(person_id="p1", name="Mira Kovač")


def test_a_publication_is_given_in_full(httpserver: HTTPServer, archive: AMinerBackend) -> None:
    pub = {
        "title": "On graphs",
        "abstract": "Graphs.",
        "authors": [{"id": "p1", "name": "Mira Kovač", "org": "Acme"}],
        "num_citation": 7,
        "year": 2020,
        "pdf": "http://127.0.0.1/w1.pdf",
        "venue": {"info": {"name": "Journal of Graphs"}},
    }
    httpserver.expect_request("/getPublication", query_string={"id": "w/1&x"}).respond_with_json(
        {"data": [{"pub": pub}]}
    )
    assert archive.getPublication("w/1&x") == Publication(
        title="On graphs",
        abstract="Graphs.",
        author_list=[Author(person_id="p1", name="Mira Kovač", organization="Acme")],
        num_citation=7,
        year=2020,
        pdf_link="http://127.0.0.1/w1.pdf",
        venue="Journal of Graphs",
    )


BY_ID = ["getCoauthors", "getPersonInterest", "getPersonPubs", "getPersonBasicInfo", "getPublication"]


@pytest.mark.parametrize("function", BY_ID)
@pytest.mark.parametrize("data", [None, [], [None], [{}], [{"data": None, "pub": None}]])
def test_an_empty_answer_about_an_id_means_it_is_unknown(
    data: Any, function: str, httpserver: HTTPServer, archive: AMinerBackend
) -> None:
    httpserver.expect_request(f"/{function}").respond_with_json({"data": data})
    with pytest.raises(ToolFailure, match="with the id 'x9'") as caught:
        getattr(archive, function)("x9")
    assert caught.value.kind == "unknown_id"


@pytest.mark.parametrize("function", BY_ID)
def test_a_404_about_an_id_means_it_is_unknown(
    function: str, httpserver: HTTPServer, archive: AMinerBackend
) -> None:
    httpserver.expect_request(f"/{function}").respond_with_json({"msg": "no such id"}, status=404)
    with pytest.raises(ToolFailure) as caught:
        getattr(archive, function)("x9")
    assert caught.value.kind == "unknown_id"


@pytest.mark.parametrize("field", ["crs", "pubs", "data"])
def test_a_person_known_with_nothing_has_empty_lists(
    field: str, httpserver: HTTPServer, archive: AMinerBackend
) -> None:
    function = {"crs": "getCoauthors", "pubs": "getPersonPubs", "data": "getPersonInterest"}[field]
    httpserver.expect_request(f"/{function}").respond_with_json({"data": [{"data": {field: None}}]})
    assert getattr(archive, function)("p1") == []


@pytest.mark.parametrize("payload", [{}, [], {"data": "busy"}, {"data": ["busy"]}, {"data": [{"data": 7}]}])
def test_an_answer_of_another_shape_is_a_bad_response(
    payload: Any, httpserver: HTTPServer, archive: AMinerBackend
) -> None:
    httpserver.expect_request("/getPersonBasicInfo").respond_with_json(payload)
    with pytest.raises(BackendError) as caught:
        archive.getPersonBasicInfo("p1")
    assert caught.value.kind == "bad_response"


def test_what_was_read_is_reported(httpserver: HTTPServer, archive: AMinerBackend) -> None:
    httpserver.expect_request("/searchPerson").respond_with_json({"data": {"hitList": []}})
    archive.searchPerson(name="Mira Kovač")
    assert archive.data() == {
        "backend": "archive",
        "host": f"127.0.0.1:{httpserver.port}",
        "calls_made": 1,
        "calls_cached": 0,
        "cost": 0.0,
        "currency": "CNY",
        "budget": 5.0,
        "replay": False,
    }
