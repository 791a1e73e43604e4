"""The seven functions over OpenAlex, spoken by a loopback service."""

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

HOME = "https://openalex.org/"
MIRA = {
    "id": f"{HOME}A1",
    "display_name": "Mira Kovač",
    "display_name_alternatives": ["M. Kovač"],
    "cited_by_count": 120,
    "works_count": 9,
    "topics": [
        {"id": f"{HOME}T1", "display_name": "Graph Theory Research"},
        {"id": f"{HOME}T2", "display_name": "Optical Systems"},
    ],
    "last_known_institutions": [{"id": f"{HOME}I1", "display_name": "Acme Research"}],
}
MIRA_FOUND = Person(
    person_id="A1",
    name="Mira Kovač",
    interests=["Graph Theory Research", "Optical Systems"],
    num_citation=120,
    num_pubs=9,
    organization="Acme Research",
)
PERSON_FIELDS = (
    "id,display_name,display_name_alternatives,cited_by_count,works_count,topics,last_known_institutions"
)
HIT_FIELDS = "id,display_name,publication_year,cited_by_count"
ON_GRAPHS = {
    "id": f"{HOME}W1",
    "display_name": "On graphs",
    "publication_year": 2020,
    "cited_by_count": 7,
    "abstract_inverted_index": {"of": [1], "Colours": [0], "graphs": [2, 4], "and": [3]},
    "authorships": [
        {
            "author": {"id": f"{HOME}A1", "display_name": "Mira Kovač"},
            "institutions": [{"id": f"{HOME}I1", "display_name": "Acme Research"}],
        },
        {
            "author": {"id": None, "display_name": None},
            "raw_author_name": "T. Lind",
            "raw_affiliation_strings": ["Delft"],
        },
    ],
    "primary_location": {"source": {"display_name": "Journal of Graphs"}, "pdf_url": None},
    "best_oa_location": {"pdf_url": "https://127.0.0.1/w1.pdf"},
}


def page(*results: Any, **meta: Any) -> dict[str, Any]:
    return {"meta": {"count": len(results)} | meta, "results": list(results), "group_by": []}


@pytest.fixture
def openalex(open_backend: Callable[..., AMinerBackend]) -> AMinerBackend:
    return open_backend("openalex")


def test_a_name_is_searched_by_relevance(httpserver: HTTPServer, openalex: AMinerBackend) -> None:
    asked = {"per-page": "50", "select": PERSON_FIELDS, "search": "mira kovač"}
    httpserver.expect_request("/authors", query_string=asked).respond_with_json(page(MIRA))
    assert openalex.searchPerson(name="Mira Kovač") == [MIRA_FOUND]


def test_an_alternative_spelling_of_a_name_counts(httpserver: HTTPServer, openalex: AMinerBackend) -> None:
    other = MIRA | {"id": f"{HOME}A2", "display_name": "Mirko Kovač", "display_name_alternatives": []}
    httpserver.expect_request("/authors").respond_with_json(page(other, MIRA))
    assert openalex.searchPerson(name="M. Kovač") == [MIRA_FOUND]


def test_organization_and_interest_are_filtered_by_id(
    httpserver: HTTPServer, openalex: AMinerBackend
) -> None:
    httpserver.expect_request(
        "/institutions", query_string={"per-page": "50", "search": "acme"}
    ).respond_with_json(
        page(
            {"id": f"{HOME}I1", "display_name": "Acme Research"},
            {"id": f"{HOME}I2", "display_name": "Acmeology Institute"},
            {"id": f"{HOME}I3", "display_name": "Vrij Lab", "display_name_acronyms": ["ACME"]},
        )
    )
    httpserver.expect_request(
        "/topics", query_string={"per-page": "50", "search": "graph theory"}
    ).respond_with_json(
        page(
            {"id": f"{HOME}T1", "display_name": "Graph Theory Research", "keywords": []},
            {"id": f"{HOME}T3", "display_name": "Knowledge Graphs", "keywords": ["Theory"]},
            {"id": f"{HOME}T4", "display_name": "Networks", "keywords": ["Spectral Graph Theory"]},
        )
    )
    asked = {
        "per-page": "50",
        "select": PERSON_FIELDS,
        "filter": "last_known_institutions.id:I1|I3,topics.id:T1|T4",
        "sort": "cited_by_count:desc",
    }
    httpserver.expect_request("/authors", query_string=asked).respond_with_json(page(MIRA))
    assert openalex.searchPerson(organization="Acme", interest="graph theory") == [MIRA_FOUND]


@pytest.mark.parametrize("criterion", ["organization", "interest"])
def test_nobody_is_at_an_unknown_place_or_in_an_unknown_field(
    criterion: str, httpserver: HTTPServer, openalex: AMinerBackend
) -> None:
    httpserver.expect_request("/institutions").respond_with_json(page())
    httpserver.expect_request("/topics").respond_with_json(page())
    assert openalex.searchPerson(**{"name": "Mira Kovač", criterion: "Xyzzy"}) == []


@pytest.mark.parametrize("text", ["!?", "|", '"'])
def test_nothing_but_syntax_finds_nothing(text: str, httpserver: HTTPServer, openalex: AMinerBackend) -> None:
    assert openalex.searchPerson(name=text) == []
    assert openalex.searchPublication(text) == []
    assert httpserver.log == []


def test_search_syntax_in_a_question_is_only_text(httpserver: HTTPServer, openalex: AMinerBackend) -> None:
    httpserver.expect_request("/works").respond_with_json(page())
    openalex.searchPublication('TO BE, OR NOT "TO BE": A|B & C* \ud800')
    queries = [request.args for request, _ in httpserver.log]
    assert queries[0]["filter"] == "title.search:to be or not to be a b c"
    assert queries[1]["search"] == "to be or not to be a b c"


def test_a_paper_of_the_exact_title_comes_before_what_is_relevant(
    httpserver: HTTPServer, openalex: AMinerBackend
) -> None:
    trees = {"id": f"{HOME}W2", "display_name": "On graphs and trees", "publication_year": 2019}
    by_title = {"per-page": "50", "select": HIT_FIELDS, "filter": "title.search:on graphs"}
    by_content = {"per-page": "50", "select": HIT_FIELDS, "search": "on graphs"}
    httpserver.expect_request("/works", query_string=by_title).respond_with_json(page(trees, ON_GRAPHS))
    httpserver.expect_request("/works", query_string=by_content).respond_with_json(page(trees))
    assert openalex.searchPublication("On graphs") == [
        PublicationHit(pub_id="W1", title="On graphs", year=2020),
        PublicationHit(pub_id="W2", title="On graphs and trees", year=2019),
    ]


def test_coauthors_are_the_other_authors_of_a_persons_works(
    httpserver: HTTPServer, openalex: AMinerBackend
) -> None:
    asked = {
        "per-page": "200",
        "filter": "authorships.author.id:A1",
        "group-by": "authorships.author.id",
    }
    first = [
        {"key": f"{HOME}A1", "key_display_name": "Mira Kovač", "count": 9},
        {"key": f"{HOME}A2", "key_display_name": "Tobias Lind", "count": 1},
    ]
    second = [
        {"key": f"{HOME}A3", "key_display_name": "Ana O'Neill", "count": 4},
        {"key": "unknown", "key_display_name": "unknown", "count": 2},
    ]
    pages = {"*": page(next_cursor="more=") | {"group_by": first}, "more=": page() | {"group_by": second}}
    for cursor, reply in pages.items():
        query = asked | {"cursor": cursor}
        httpserver.expect_request("/works", query_string=query).respond_with_json(reply)
    assert openalex.getCoauthors("A1") == [
        Coauthor(person_id="A3", name="Ana O'Neill"),
        Coauthor(person_id="A2", name="Tobias Lind"),
    ]


def test_coauthors_without_end_are_an_error(httpserver: HTTPServer, openalex: AMinerBackend) -> None:
    again = page(next_cursor="more") | {"group_by": [{"key": f"{HOME}A2", "key_display_name": "B"}]}
    httpserver.expect_request("/works").respond_with_json(again)
    with pytest.raises(BackendError, match="does not end") as caught:
        openalex.getCoauthors("A1")
    assert caught.value.kind == "bad_response"


def test_topics_are_the_interests(httpserver: HTTPServer, openalex: AMinerBackend) -> None:
    httpserver.expect_request("/authors/A1").respond_with_json(MIRA)
    assert openalex.getPersonInterest("A1") == ["Graph Theory Research", "Optical Systems"]


def test_the_representative_work_is_first(httpserver: HTTPServer, openalex: AMinerBackend) -> None:
    asked = {
        "per-page": "10",
        "filter": "authorships.author.id:A1",
        "sort": "cited_by_count:desc",
        "select": HIT_FIELDS + ",authorships",
    }
    early = {"id": f"{HOME}W2", "display_name": "Early", "cited_by_count": 1, "authorships": []}
    httpserver.expect_request("/works", query_string=asked).respond_with_json(page(early, ON_GRAPHS))
    assert openalex.getPersonPubs("A1") == [
        PersonPub(
            pub_id="W1",
            title="On graphs",
            num_citation=7,
            year=2020,
            authors_name_list=["Mira Kovač", "T. Lind"],
        ),
        PersonPub(pub_id="W2", title="Early", num_citation=1),
    ]


def test_a_profile_has_name_and_organization(httpserver: HTTPServer, openalex: AMinerBackend) -> None:
    httpserver.expect_request("/authors/A1").respond_with_json(MIRA)
    assert openalex.getPersonBasicInfo("A1") == PersonBasicInfo(
        person_id="A1", name="Mira Kovač", organization="Acme Research"
    )


def test_a_merged_person_is_found_under_the_old_id(httpserver: HTTPServer, openalex: AMinerBackend) -> None:
    moved = {"Location": httpserver.url_for("/authors/A1")}
    httpserver.expect_request("/authors/A7").respond_with_data("", status=301, headers=moved)
    httpserver.expect_request("/authors/A1").respond_with_json(MIRA)
    assert openalex.getPersonBasicInfo("A7").name == "Mira Kovač"


def test_a_publication_is_given_in_full(httpserver: HTTPServer, openalex: AMinerBackend) -> None:
    httpserver.expect_request("/works/W1").respond_with_json(ON_GRAPHS)
    assert openalex.getPublication("W1") == Publication(
        title="On graphs",
        abstract="Colours of graphs and graphs",
        author_list=[
            Author(person_id="A1", name="Mira Kovač", organization="Acme Research"),
            Author(name="T. Lind", organization="Delft"),
        ],
        num_citation=7,
        year=2020,
        pdf_link="https://127.0.0.1/w1.pdf",
        venue="Journal of Graphs",
    )


@pytest.mark.parametrize("missing", [None, "absent"])
def test_missing_fields_of_a_publication_are_empty(
    missing: str | None, httpserver: HTTPServer, openalex: AMinerBackend
) -> None:
    bare = {"id": f"{HOME}W1"} | (dict.fromkeys(ON_GRAPHS.keys() - {"id"}) if missing is None else {})
    httpserver.expect_request("/works/W1").respond_with_json(bare)
    assert openalex.getPublication("W1") == Publication()


@pytest.mark.parametrize(
    ("function", "path"),
    [
        ("getCoauthors", "/authors/A9"),
        ("getPersonInterest", "/authors/A9"),
        ("getPersonPubs", "/authors/A9"),
        ("getPersonBasicInfo", "/authors/A9"),
        ("getPublication", "/works/W9"),
    ],
)
def test_an_unknown_id_is_said_to_be_unknown(
    function: str, path: str, httpserver: HTTPServer, openalex: AMinerBackend
) -> None:
    httpserver.expect_request("/works").respond_with_json(page())
    httpserver.expect_request(path).respond_with_json({"error": "not found"}, status=404)
    with pytest.raises(ToolFailure) as caught:
        getattr(openalex, function)(path.rpartition("/")[2])
    assert caught.value.kind == "unknown_id"


def test_a_person_without_works_has_no_coauthors(httpserver: HTTPServer, openalex: AMinerBackend) -> None:
    httpserver.expect_request("/works").respond_with_json(page())
    httpserver.expect_request("/authors/A1").respond_with_json(MIRA)
    assert openalex.getCoauthors("A1") == []
    assert openalex.getPersonPubs("A1") == []


@pytest.mark.parametrize("given", ["p1", "W1", "A1/../../x", "A1,B2", "A1\n", "A\u0661"])
@pytest.mark.parametrize("function", ["getCoauthors", "getPersonInterest", "getPersonPubs"])
def test_what_is_no_openalex_id_is_unknown_without_asking(
    function: str, given: str, httpserver: HTTPServer, openalex: AMinerBackend
) -> None:
    with pytest.raises(ToolFailure) as caught:
        getattr(openalex, function)(given)
    assert caught.value.kind == "unknown_id"
    assert httpserver.log == []


def test_a_key_is_sent_where_there_is_one(
    httpserver: HTTPServer, open_backend: Callable[..., AMinerBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENALEX_API_KEY", "oa-123")
    header = {"Authorization": "Bearer oa-123"}
    httpserver.expect_request("/authors/A1", headers=header).respond_with_json(MIRA)
    assert open_backend("openalex").getPersonBasicInfo("A1").name == "Mira Kovač"
