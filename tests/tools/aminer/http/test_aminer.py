"""The seven functions over the AMiner open platform, spoken by a loopback service that charges."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

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
    "org": "Acme Research",
    "interests": ["Graphs", "Optics"],
    "n_citation": 120,
}
ON_GRAPHS = {
    "id": "w1",
    "title": "On graphs",
    "abstract": "Graphs.",
    "authors": [{"id": "p1", "name": "Mira Kovač", "org": "Acme"}, {"id": "p2", "name": "Tobias Lind"}],
    "n_citation": 7,
    "year": 2020,
    "venue": {"raw": "Journal of Graphs"},
}


def envelope(data: Any) -> dict[str, Any]:
    return {"code": 200, "success": True, "msg": "", "data": data, "total": 1}


def json_response(payload: Any) -> Response:
    return Response(json.dumps(payload), mimetype="application/json")


@pytest.fixture
def live(
    open_backend: Callable[..., AMinerBackend], key: SecretStr, monkeypatch: pytest.MonkeyPatch
) -> AMinerBackend:
    monkeypatch.setenv("AMINER_API_KEY", key.get_secret_value())
    return open_backend("aminer", budget=10)


@pytest.fixture
def library(httpserver: HTTPServer) -> Callable[..., None]:
    """Serves `/api/paper/info` from papers, for as many ids as are asked for at once."""

    def serve(*papers: dict[str, Any]) -> None:
        by_id = {paper["id"]: paper for paper in papers}

        def info(request: Request) -> Response:
            asked = request.get_json()["ids"]
            assert len(asked) <= 100
            return json_response(envelope([by_id[each] for each in asked if each in by_id]))

        httpserver.expect_request("/api/paper/info", method="POST").respond_with_handler(info)

    return serve


def paths(httpserver: HTTPServer) -> list[str]:
    return [request.path for request, _ in httpserver.log]


def test_a_search_for_persons_is_free_and_carries_the_key(
    httpserver: HTTPServer, live: AMinerBackend, key: SecretStr
) -> None:
    httpserver.expect_request(
        "/api/person/search",
        method="POST",
        headers={"Authorization": key.get_secret_value()},
        json={"name": "Mira Kovač", "org": "Acme", "offset": 0, "size": 10},
    ).respond_with_json(envelope([MIRA]))
    assert live.searchPerson("Mira Kovač", "Acme") == [
        Person(
            person_id="p1",
            name="Mira Kovač",
            interests=["Graphs", "Optics"],
            num_citation=120,
            organization="Acme Research",
        )
    ]
    assert live.data()["cost"] == 0.0


def test_candidates_are_read_page_by_page_before_they_are_ranked(
    httpserver: HTTPServer, live: AMinerBackend
) -> None:
    everyone = [MIRA | {"id": f"p{number}", "n_citation": number} for number in range(23)]

    def page(request: Request) -> Response:
        offset = request.get_json()["offset"]
        return json_response(envelope(everyone[offset : offset + 10]))

    httpserver.expect_request("/api/person/search").respond_with_handler(page)
    found = live.searchPerson(name="Mira Kovač")
    assert [person.num_citation for person in found] == [22, 21, 20, 19, 18, 17, 16, 15, 14, 13]
    assert len(httpserver.log) == 3


def test_endless_candidates_are_cut_off(httpserver: HTTPServer, live: AMinerBackend) -> None:
    httpserver.expect_request("/api/person/search").respond_with_json(envelope([MIRA] * 10))
    assert len(live.searchPerson(name="Mira Kovač")) == 1
    assert len(httpserver.log) == 5


def test_an_interest_is_filtered_on_our_side(httpserver: HTTPServer, live: AMinerBackend) -> None:
    optics = MIRA | {"id": "p2", "interests": ["Optics"]}
    httpserver.expect_request("/api/person/search").respond_with_json(envelope([MIRA, optics]))
    found = live.searchPerson(name="Mira Kovač", interest="graphs")
    assert [person.person_id for person in found] == ["p1"]


def test_an_interest_alone_cannot_be_searched_for(httpserver: HTTPServer, live: AMinerBackend) -> None:
    with pytest.raises(ToolFailure) as caught:
        live.searchPerson(interest="Graphs")
    assert caught.value.kind == "unsupported_search"
    assert httpserver.log == []


def test_a_title_is_searched_for_free(
    httpserver: HTTPServer, live: AMinerBackend, library: Callable[..., None]
) -> None:
    hits = [{"id": "w2", "title": "On graphs and trees", "year": 2019}, {"id": "w1", "title": "On graphs"}]
    asked = {"title": "On graphs", "page": "0", "size": "20"}
    httpserver.expect_request("/api/paper/search", query_string=asked).respond_with_json(envelope(hits))
    library(ON_GRAPHS)
    assert live.searchPublication("On graphs") == [
        PublicationHit(pub_id="w1", title="On graphs", year=2020),
        PublicationHit(pub_id="w2", title="On graphs and trees", year=2019),
    ]
    assert live.data()["cost"] == 0.0


def test_only_if_no_title_matches_the_paid_search_is_asked(
    httpserver: HTTPServer, live: AMinerBackend
) -> None:
    asked = {"keyword": "graph theory", "page": "0", "size": "20"}
    httpserver.expect_request("/api/paper/search").respond_with_json(envelope(None))
    httpserver.expect_request("/api/paper/search/pro", query_string=asked).respond_with_json(
        envelope([{"id": "w1", "title": "On graphs", "year": 2020}])
    )
    assert [hit.pub_id for hit in live.searchPublication("graph theory")] == ["w1"]
    assert live.data()["cost"] == 0.01


def test_coauthors_are_derived_from_papers_those_of_most_papers_first(
    httpserver: HTTPServer, live: AMinerBackend, library: Callable[..., None]
) -> None:
    ana, ida = {"id": "p3", "name": "Ana O'Neill"}, {"id": "p4", "name": "Ida Berg"}
    mira, tobias = ON_GRAPHS["authors"]
    stranger = {"name": "N. N."}
    library(
        ON_GRAPHS,
        {"id": "w2", "authors": [mira, ana]},
        {"id": "w3", "authors": [ana, mira, stranger, tobias]},
        {"id": "w4", "authors": [mira, tobias, ida]},
        {"id": "w5", "authors": [mira, ida]},
    )
    listed = [{"id": f"w{number}", "title": "…"} for number in range(1, 7)]
    httpserver.expect_request("/api/person/paper/relation", query_string={"id": "p1"}).respond_with_json(
        envelope(listed)
    )
    assert live.getCoauthors("p1") == [
        Coauthor(person_id="p2", name="Tobias Lind"),
        Coauthor(person_id="p3", name="Ana O'Neill"),
        Coauthor(person_id="p4", name="Ida Berg"),
    ]
    assert live.data()["cost"] == 1.5


def test_papers_that_do_not_name_the_person_give_no_coauthors_but_an_error(
    httpserver: HTTPServer, live: AMinerBackend, library: Callable[..., None]
) -> None:
    library({"id": "w1", "authors": [{"name": "Mira Kovač"}, {"name": "Tobias Lind"}]})
    httpserver.expect_request("/api/person/paper/relation").respond_with_json(envelope([{"id": "w1"}]))
    with pytest.raises(BackendError, match="names that id as an author") as caught:
        live.getCoauthors("p1")
    assert caught.value.kind == "bad_response"


def test_papers_are_described_a_hundred_at_a_time(
    httpserver: HTTPServer, live: AMinerBackend, library: Callable[..., None]
) -> None:
    papers = [{"id": f"w{number}", "title": f"T{number}", "n_citation": number} for number in range(250)]
    library(*papers)
    httpserver.expect_request("/api/person/paper/relation").respond_with_json(envelope(papers))
    best = live.getPersonPubs("p1")[0]
    assert best == PersonPub(pub_id="w249", title="T249", num_citation=249)
    assert paths(httpserver).count("/api/paper/info") == 3


def test_a_paper_without_a_description_is_still_listed(
    httpserver: HTTPServer, live: AMinerBackend, library: Callable[..., None]
) -> None:
    library()
    httpserver.expect_request("/api/person/paper/relation").respond_with_json(
        envelope([{"id": "w1", "title": "On graphs"}])
    )
    assert live.getPersonPubs("p1") == [PersonPub(pub_id="w1", title="On graphs")]


def test_interests_are_listed(httpserver: HTTPServer, live: AMinerBackend) -> None:
    httpserver.expect_request("/api/person/figure", query_string={"id": "p1"}).respond_with_json(
        envelope({"id": "p1", "ai_interests": ["Graphs", {"name": "Optics"}]})
    )
    assert live.getPersonInterest("p1") == ["Graphs", "Optics"]
    assert live.data()["cost"] == 0.5


def test_a_profile_has_what_the_platform_knows(httpserver: HTTPServer, live: AMinerBackend) -> None:
    profile = {
        "id": "p1",
        "name": "Mira Kovač",
        "orgs": ["Acme", "Delft"],
        "position": "Professor",
        "bio": None,
    }
    httpserver.expect_request("/api/person/detail", query_string={"id": "p1"}).respond_with_json(
        envelope(profile)
    )
    assert live.getPersonBasicInfo("p1") == PersonBasicInfo(
        person_id="p1", name="Mira Kovač", organization="Acme", position="Professor"
    )
    assert live.data()["cost"] == 1.0


def test_a_paper_fully_described_for_free_is_not_paid_for(
    httpserver: HTTPServer, live: AMinerBackend, library: Callable[..., None]
) -> None:
    library(ON_GRAPHS)
    assert live.getPublication("w1") == Publication(
        title="On graphs",
        abstract="Graphs.",
        author_list=[
            Author(person_id="p1", name="Mira Kovač", organization="Acme"),
            Author(person_id="p2", name="Tobias Lind"),
        ],
        num_citation=7,
        year=2020,
        venue="Journal of Graphs",
    )
    assert paths(httpserver) == ["/api/paper/info"]
    assert live.data()["cost"] == 0.0


def test_what_the_free_description_lacks_is_paid_for_and_both_are_joined(
    httpserver: HTTPServer, live: AMinerBackend, library: Callable[..., None]
) -> None:
    library({"id": "w1", "title": "On graphs", "year": 2020, "n_citation": 7})
    httpserver.expect_request("/api/paper/detail", query_string={"id": "w1"}).respond_with_json(
        envelope({"id": "w1", "abstract": "Graphs.", "venue": "JG", "authors": [{"name": "Mira Kovač"}]})
    )
    assert live.getPublication("w1") == Publication(
        title="On graphs",
        abstract="Graphs.",
        author_list=[Author(name="Mira Kovač")],
        num_citation=7,
        year=2020,
        venue="JG",
    )
    assert live.data()["cost"] == 0.01


@pytest.mark.parametrize(
    ("function", "path"),
    [
        ("getCoauthors", "/api/person/paper/relation"),
        ("getPersonInterest", "/api/person/figure"),
        ("getPersonPubs", "/api/person/paper/relation"),
        ("getPersonBasicInfo", "/api/person/detail"),
        ("getPublication", "/api/paper/detail"),
    ],
)
@pytest.mark.parametrize(
    "payload", [envelope(None), envelope([]), {"code": 404, "success": False, "msg": "none", "data": None}]
)
def test_an_empty_answer_about_an_id_means_it_is_unknown(
    payload: Any,
    function: str,
    path: str,
    httpserver: HTTPServer,
    live: AMinerBackend,
    library: Callable[..., None],
) -> None:
    library()
    httpserver.expect_request(path).respond_with_json(payload)
    with pytest.raises(ToolFailure, match=r"AMiner knows no \w+ with the id 'x9'") as caught:
        getattr(live, function)("x9")
    assert caught.value.kind == "unknown_id"


def test_an_error_inside_an_envelope_is_an_error(httpserver: HTTPServer, live: AMinerBackend) -> None:
    refusal = {"code": 40301, "success": False, "msg": "token expired", "data": None}
    httpserver.expect_request("/api/person/search").respond_with_json(refusal)
    with pytest.raises(BackendError, match="token expired") as caught:
        live.searchPerson(name="Mira Kovač")
    assert caught.value.kind == "unauthorized"


def test_the_call_beyond_the_budget_is_not_made(httpserver: HTTPServer, live: AMinerBackend) -> None:
    httpserver.expect_request("/api/person/detail").respond_with_json(envelope(MIRA))
    for number in range(10):
        live.getPersonBasicInfo(f"p{number}")
    with pytest.raises(BackendError) as caught:
        live.getPersonInterest("p1")
    assert caught.value.kind == "budget_exceeded"
    assert len(httpserver.log) == 10
    assert live.data()["cost"] == 10.0
