"""The seven functions over a local graph."""

import contextvars
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from herdwick.tools.aminer.local.store import LocalBackend
from herdwick.tools.aminer.models import (
    Author,
    Coauthor,
    Person,
    PersonBasicInfo,
    PersonPub,
    Publication,
    PublicationHit,
)
from herdwick.tools.errors import DataError, ToolFailure
from herdwick.tools.question import begin_question

ADA = {
    "id": "a1",
    "name": "Ada Mercer",
    "org": "King's College London",
    "position": "Professor",
    "bio": "Ada Mercer works on looms.",
    "edu": "PhD, 1990",
    "email": "ada@mail.example.org",
    "gender": "female",
    "n_pubs": 40,
    "n_citation": 900,
    "tags": [{"t": f"Topic {number}", "w": 20 - number} for number in range(12)],
}
BO = {"id": "a2", "name": "Bo Lindqvist", "n_citation": 10}
CY = {"id": "a3", "name": "Cy Abe", "n_citation": 5}
DI = {"id": "a4", "name": "Di Abe", "n_citation": 5}


def paper(number: int, *people: dict, **fields: object) -> dict:
    authors = [{"id": person["id"], "name": person["name"]} for person in people]
    return {"id": f"p{number}", "title": f"Paper number {number}", "authors": authors} | fields


def test_a_search_hit_has_every_field_and_at_most_ten_interests(backend_of):
    assert backend_of([ADA]).searchPerson(name="Ada Mercer") == [
        Person(
            person_id="a1",
            name="Ada Mercer",
            interests=[f"Topic {number}" for number in range(10)],
            num_citation=900,
            num_pubs=40,
            organization="King's College London",
        )
    ]


def test_all_interests_in_the_order_of_the_source(backend_of):
    backend = backend_of([ADA | {"tags": [{"t": "Looms", "w": 1}, {"t": "Logic", "w": 9}]}])
    assert backend.getPersonInterest("a1") == ["Looms", "Logic"]


def test_a_profile(backend_of):
    assert backend_of([ADA]).getPersonBasicInfo("a1") == PersonBasicInfo(
        person_id="a1",
        name="Ada Mercer",
        gender="female",
        organization="King's College London",
        position="Professor",
        bio="Ada Mercer works on looms.",
        education_experience="PhD, 1990",
        email="ada@mail.example.org",
    )


def test_what_a_profile_lacks_is_empty(backend_of):
    assert backend_of([BO]).getPersonBasicInfo("a2") == PersonBasicInfo(person_id="a2", name="Bo Lindqvist")


def test_a_paper_in_full(backend_of):
    line = paper(1, ADA) | {
        "title": "On Looms",
        "abstract": "We study looms.",
        "year": 2011,
        "n_citation": 7,
        "venue": {"raw": "Looms Letters"},
        "pdf": "https://papers.example.org/1.pdf",
    }
    line["authors"].append({"name": "Eve", "org": "MIT"})
    assert backend_of([ADA], [line]).getPublication("p1") == Publication(
        title="On Looms",
        abstract="We study looms.",
        author_list=[Author(person_id="a1", name="Ada Mercer"), Author(name="Eve", organization="MIT")],
        num_citation=7,
        year=2011,
        pdf_link="https://papers.example.org/1.pdf",
        venue="Looms Letters",
    )


def test_what_a_paper_lacks_is_present_and_empty(backend_of):
    found = backend_of([ADA], [{"id": "p1", "title": "On Looms"}]).getPublication("p1")
    assert found == Publication(title="On Looms")
    assert found.model_dump()["abstract"] == ""


def test_papers_of_a_person_the_ten_most_cited_first(backend_of):
    papers = [paper(number, BO, ADA, n_citation=number, year=2000 + number) for number in range(15)]
    found = backend_of([ADA, BO], papers).getPersonPubs("a1")
    assert [pub.num_citation for pub in found] == list(range(14, 4, -1))
    assert found[0] == PersonPub(
        pub_id="p14",
        title="Paper number 14",
        num_citation=14,
        year=2014,
        authors_name_list=["Bo Lindqvist", "Ada Mercer"],
    )


def test_coauthors_come_from_papers_those_with_most_joint_papers_first_then_by_name(backend_of):
    papers = [
        paper(1, ADA, DI, CY),
        paper(2, ADA, BO),
        paper(3, BO, ADA),
        paper(4, BO, {"id": "", "name": "X"}),
    ]
    assert backend_of([ADA, BO, CY, DI], papers).getCoauthors("a1") == [
        Coauthor(person_id="a2", name="Bo Lindqvist"),
        Coauthor(person_id="a3", name="Cy Abe"),
        Coauthor(person_id="a4", name="Di Abe"),
    ]


def test_all_coauthors_are_given_however_many(backend_of):
    crowd = [{"id": f"c{number}", "name": f"Member {number}"} for number in range(120)]
    assert len(backend_of([ADA, *crowd], [paper(1, ADA, *crowd)]).getCoauthors("a1")) == 120


def test_a_relation_says_what_the_coauthor_is_to_the_person(backend_of):
    relations = [{"person_id": "a2", "coauthor_id": "a1", "relation": "advisor"}]
    backend = backend_of([ADA, BO, CY], [paper(1, ADA, BO, CY)], relations)
    assert backend.getCoauthors("a2") == [
        Coauthor(person_id="a1", name="Ada Mercer", relation="advisor"),
        Coauthor(person_id="a3", name="Cy Abe", relation="coauthor"),
    ]


def test_a_relation_said_from_one_side_holds_from_the_other(backend_of):
    relations = [{"person_id": "a2", "coauthor_id": "a1", "relation": "advisor"}]
    found = backend_of([ADA, BO], [], relations).getCoauthors("a1")
    assert found == [Coauthor(person_id="a2", name="Bo Lindqvist", relation="advisee")]


def test_what_each_side_says_of_a_relation_is_kept(backend_of):
    relations = [
        {"person_id": "a2", "coauthor_id": "a1", "relation": "advisor"},
        {"person_id": "a1", "coauthor_id": "a2", "relation": "coauthor"},
    ]
    found = backend_of([ADA, BO], [], relations).getCoauthors("a1")
    assert found == [Coauthor(person_id="a2", name="Bo Lindqvist", relation="coauthor")]


def test_a_publication_hit(backend_of):
    backend = backend_of([ADA], [paper(1, ADA, title="On Looms", year=2011)])
    assert backend.searchPublication("on looms") == [PublicationHit(pub_id="p1", title="On Looms", year=2011)]


@pytest.mark.parametrize(
    "function", ["getCoauthors", "getPersonInterest", "getPersonPubs", "getPersonBasicInfo", "getPublication"]
)
@pytest.mark.parametrize("identifier", ["nobody", "", "a1' OR 1=1"])
def test_an_unknown_id_is_a_failure_that_names_function_and_id(backend_of, function, identifier):
    with pytest.raises(ToolFailure) as caught:
        getattr(backend_of([ADA], [paper(1, ADA)]), function)(identifier)
    assert caught.value.kind == "unknown_id"
    assert caught.value.message.startswith(f"{function}: ")
    assert repr(identifier) in caught.value.message
    assert "returned" in caught.value.hint


def test_a_search_for_nothing_is_a_failure(backend_of):
    with pytest.raises(ToolFailure) as caught:
        backend_of([ADA]).searchPerson(name="  ")
    assert caught.value.kind == "bad_arguments"


@pytest.mark.parametrize("argument", ["name", "organization", "interest"])
def test_an_argument_that_is_no_name_is_refused(backend_of, argument):
    with pytest.raises(ToolFailure, match=f"{argument} is 10000 characters long"):
        backend_of([ADA]).searchPerson(**{argument: "x" * 10_000})


def test_the_data_says_what_was_read(graph_of):
    graph = graph_of(
        [ADA, BO], [paper(1, ADA)], [{"person_id": "a1", "coauthor_id": "a2", "relation": "advisor"}]
    )
    backend = LocalBackend(graph)
    data = backend.data()
    backend.close()
    built = data.pop("built")
    assert isinstance(built, str)
    assert built.startswith("20")
    assert data == {
        "backend": "local",
        "graph": "graph.sqlite",
        "synthetic": False,
        "records": {"people": 2, "papers": 1, "relations": 1},
    }


def problems_of(backend, *searches: dict[str, str]) -> list[str]:
    begin_question()
    for search in searches:
        assert backend.searchPerson(**search) == []
    return backend.data().get("problems", [])


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ({"name": "Ada Mercer", "interest": "women"}, ["interest 'women'"]),
        ({"name": "Bo Nobody"}, ["called 'Bo Nobody'"]),
        ({"name": "Bo Nobody", "organization": "Atlantis"}, ["called 'Bo Nobody'", "called 'Atlantis'"]),
    ],
)
def test_words_that_are_nowhere_in_the_graph_are_told(backend_of, search: dict[str, str], words: list[str]):
    backend = backend_of([ADA])
    problems = contextvars.copy_context().run(problems_of, backend, search, search)
    assert len(problems) == len(words)
    assert all(text in problem for text, problem in zip(words, problems, strict=True))


def test_known_words_that_nobody_has_together_are_no_problem(backend_of):
    backend = backend_of([ADA, BO])
    search = {"name": "Bo Lindqvist", "organization": "King's College", "interest": "Topic 1"}
    assert contextvars.copy_context().run(problems_of, backend, search) == []


def test_the_functions_answer_from_many_threads(backend_of):
    backend = backend_of([ADA, BO], [paper(1, ADA, BO)])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: backend.getCoauthors("a1"), range(200)))
    assert answers == [[Coauthor(person_id="a2", name="Bo Lindqvist")]] * 200


def test_after_closing_a_call_says_so(backend_of):
    backend = backend_of([ADA])
    backend.close()
    backend.close()
    with pytest.raises(DataError) as caught:
        backend.getPersonInterest("a1")
    assert caught.value.kind == "closed_graph"


def test_a_graph_without_papers_answers_with_empty_lists(backend_of):
    backend = backend_of([ADA])
    assert backend.searchPerson(name="Bo Lindqvist", organization="MIT", interest="Logic") == []
    assert backend.searchPublication("On Looms") == []
    assert backend.getPersonPubs("a1") == []


def changed(graph: Path, statement: str) -> Path:
    with closing(sqlite3.connect(graph, isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount > 0
    return graph


def assert_damaged(error: DataError, graph: Path) -> None:
    assert error.kind == "damaged_graph"
    assert graph.name in error.message
    assert "herdwick graph build" in error.hint


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM meta",
        "DELETE FROM meta WHERE key = 'mean_words'",
        "UPDATE meta SET value = 'many' WHERE key = 'people'",
        "UPDATE meta SET value = -1 WHERE key = 'papers'",
        "UPDATE meta SET value = '1e999' WHERE key = 'papers'",
        "UPDATE meta SET value = 'perhaps' WHERE key = 'synthetic'",
        "UPDATE meta SET value = '[1, 2]' WHERE key = 'mean_words'",
        "UPDATE meta SET value = '[1, 2, NaN]' WHERE key = 'mean_words'",
        "UPDATE meta SET value = x'ff' WHERE key = 'built'",
    ],
)
def test_a_graph_with_wrong_facts_about_itself_is_damaged(graph_of, statement):
    graph = changed(graph_of([ADA], [paper(1, ADA)]), statement)
    with pytest.raises(DataError) as caught:
        LocalBackend(graph)
    assert_damaged(caught.value, graph)


@pytest.mark.parametrize(
    ("statement", "function", "argument"),
    [
        ("UPDATE person SET interests = '[oops'", "searchPerson", "Ada Mercer"),
        ("UPDATE person SET interests = '{\"a\": 1}'", "searchPerson", "Ada Mercer"),
        ("UPDATE person SET interests = '[1]'", "getPersonInterest", "a1"),
        (f"UPDATE person SET interests = '{'[' * 100_000}'", "getPersonInterest", "a1"),
        ("UPDATE person SET interests = '[\"\\ud800\"]'", "getPersonInterest", "a1"),
        ("UPDATE person SET n_citation = 'lots'", "searchPerson", "Ada Mercer"),
        ("UPDATE person SET n_pubs = 1.5", "searchPerson", "Ada Mercer"),
        ("UPDATE person SET name = x'ff00fe'", "searchPerson", "Ada Mercer"),
        ("UPDATE person SET name = CAST(x'ff41' AS TEXT)", "searchPerson", "Ada Mercer"),
        ("UPDATE person SET bio = x'00'", "getPersonBasicInfo", "a1"),
        ("UPDATE person SET name = x'00'", "getCoauthors", "a1"),
        ("UPDATE relation SET relation = 'boss'", "getCoauthors", "a1"),
        ("UPDATE paper SET authors = '[[1]]'", "getPersonPubs", "a1"),
        ("UPDATE paper SET authors = 'x'", "getPersonPubs", "a1"),
        ("UPDATE paper SET authors = '[[1, 2, 3]]'", "getPublication", "p1"),
        ("UPDATE paper SET year = 'MMXX'", "getPublication", "p1"),
        ("UPDATE paper SET year = 'MMXX'", "searchPublication", "Paper number 1"),
        ("UPDATE paper SET title = x'00'", "searchPublication", "Paper number 1"),
        ("UPDATE paper SET abstract = x'00'", "searchPublication", "number"),
        ("UPDATE term SET papers = 'many'", "searchPublication", "number"),
        ("UPDATE term SET papers = -1", "searchPublication", "number"),
    ],
)
def test_a_graph_with_wrong_content_is_damaged(graph_of, statement, function, argument):
    related = [{"person_id": "a1", "coauthor_id": "a2", "relation": "advisor"}]
    graph = changed(graph_of([ADA, BO], [paper(1, ADA, BO)], related), statement)
    with closing(LocalBackend(graph)) as backend, pytest.raises(DataError) as caught:
        getattr(backend, function)(argument)
    assert_damaged(caught.value, graph)
