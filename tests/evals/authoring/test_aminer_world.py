import pytest

from herdwick.evals.authoring.aminer_records import Author, Paper, Person, contains_run, plain
from herdwick.evals.authoring.aminer_world import Ambiguous, World, best, ranked


def person(name, **changed):
    fields = {
        "id": name,
        "organization": "KAIST",
        "interests": (),
        "num_citation": 0,
        "num_pubs": 0,
        "gender": "",
        "position": "",
        "bio": "",
        "education": "",
        "email": "",
    }
    return Person(name=name, **fields | changed)


def paper(title, *authors, **changed):
    fields = {
        "id": title,
        "abstract": "",
        "authors": tuple(Author(name, name, "") for name in authors),
        "year": 2000,
        "num_citation": 0,
        "venue": "",
        "pdf": "",
        "keywords": (),
    }
    return Paper(title=title, **fields | changed)


def test_text_is_compared_without_case_diacritics_punctuation_and_odd_spaces():
    assert plain("Zoë\u00a0O'Brien-Łoś,  Jr.") == plain("zoe obrien ŁOS jr")


@pytest.mark.parametrize(
    ("organization", "query", "matches"),
    [
        ("Microsoft Research Asia", "Microsoft", True),
        ("Microsoft Research Asia", "research asia", True),
        ("University of Illinois at Chicago", "University of Chicago", False),
        ("Microsoft Research Asia", "Micro", False),
    ],
)
def test_an_organization_matches_as_an_unbroken_run_of_words(organization, query, matches):
    assert contains_run(organization, query) is matches


def test_a_name_that_two_people_share_is_ambiguous_until_more_is_said():
    world = World([person("Ada"), person("ada", organization="MIT", num_citation=1)], [], {})
    with pytest.raises(Ambiguous):
        world.find_person("Ada")
    assert world.find_person("Ada", "MIT").organization == "MIT"


def test_without_a_name_the_most_cited_is_meant():
    world = World([person("Ada", num_citation=1), person("Bea", num_citation=2)], [], {})
    assert world.find_person(organization="KAIST").name == "Bea"


def test_a_person_at_the_whole_is_neither_at_the_part_nor_clearly_elsewhere():
    world = World([person("Ada")], [], {})
    with pytest.raises(Ambiguous):
        world.find_people("Ada", "School of Law, KAIST")


def test_coauthors_come_by_joint_papers_then_by_name_and_say_their_relation():
    people = [person(name) for name in ("Ada", "Bea", "Cy", "Di", "Ed")]
    papers = [paper("1", "Ada", "Di", "Bea"), paper("2", "Ada", "Di"), paper("3", "Cy")]
    world = World(people, papers, {("Ada", "Ed"): "advisor", ("Ada", "Di"): "advisee"})
    found = [(other.person.name, other.relation) for other in world.coauthors(people[0])]
    assert found == [("Di", "advisee"), ("Bea", "coauthor"), ("Ed", "advisor")]


def test_more_papers_than_a_search_returns_are_ambiguous():
    papers = [paper(str(number), "Ada", num_citation=number) for number in range(11)]
    ada = person("Ada")
    assert len(World([ada], papers[:10], {}).pubs(ada)) == 10
    with pytest.raises(Ambiguous):
        World([ada], papers, {}).pubs(ada)


def test_ties_are_ambiguous():
    with pytest.raises(Ambiguous):
        best([1, 2, 2], lambda number: number)
    with pytest.raises(Ambiguous):
        ranked([1, 2, 2], lambda number: number)
    assert ranked([1, 3, 2], lambda number: number) == [3, 2, 1]
