"""Which of a service's hits are what was asked for."""

import pytest

from herdwick.tools.aminer.http.matching import Candidate, best_people, contains_run, exact_title_first
from herdwick.tools.aminer.models import Person


def hit(name: str = "", organization: str = "", num_citation: int = 0, **other: str) -> Candidate:
    """A search hit whose id is its name at its organization."""
    person = Person(
        person_id=f"{name}@{organization}",
        name=name,
        organization=organization,
        num_citation=num_citation,
    )
    tags = tuple(filter(None, [other.get("tag")]))
    return Candidate(person, (name, other.get("name_zh", "")), (organization, other.get("org_zh", "")), tags)


def ids(people: list[Person]) -> list[str]:
    return [person.person_id for person in people]


def test_people_come_most_cited_first_and_at_most_ten() -> None:
    people = best_people([hit(f"P{number}", num_citation=number) for number in range(12)])
    assert [person.num_citation for person in people] == [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]


def test_a_person_on_two_pages_is_one_hit() -> None:
    assert len(best_people([hit("Mira Kovač", "Acme"), hit("Mira Kovač", "Acme")])) == 1


def test_hits_without_an_id_are_kept_apart() -> None:
    nameless = Candidate(Person(person_id="", name="Mira Kovač"), ("Mira Kovač",), ())
    assert len(best_people([nameless, nameless])) == 2


@pytest.mark.parametrize("asked", ["Mira Kovač", "mira kovac", "Kovač, Mira", "MIRA\u00a0KOVAČ"])
def test_a_whole_name_beats_a_name_that_contains_it(asked: str) -> None:
    hits = [hit("Mira Ana Kovač", num_citation=9), hit("Mira Kovač", num_citation=1)]
    assert ids(best_people(hits, name=asked)) == ["Mira Kovač@"]


def test_without_the_whole_name_all_its_words_must_occur() -> None:
    hits = [hit("Mira Ana Kovač"), hit("Ana Kovač"), hit("Mira Kovačević")]
    assert ids(best_people(hits, name="Mira Kovač")) == ["Mira Ana Kovač@"]


def test_an_apostrophe_may_be_missing() -> None:
    assert ids(best_people([hit("Seán P. O'Brien")], name="Sean OBrien")) == ["Seán P. O'Brien@"]


def test_a_name_of_punctuation_matches_nobody() -> None:
    assert best_people([hit("Mira Kovač")], name="!?") == []


def test_a_name_in_another_language_counts() -> None:
    hits = [hit("Lan Meng", name_zh="孟岚"), hit("Lan Meng", "Acme", name_zh="孟兰")]
    assert ids(best_people(hits, name="孟岚")) == ["Lan Meng@"]


def test_a_name_that_cannot_be_compared_is_left_to_the_service() -> None:
    assert ids(best_people([hit("Lan Meng")], name="孟岚")) == ["Lan Meng@"]


def test_an_organization_matches_as_an_unbroken_run_of_words() -> None:
    hits = [hit("A", "University of Illinois at Chicago"), hit("B", "The University of Chicago, Law")]
    assert ids(best_people(hits, organization="University of Chicago")) == [
        "B@The University of Chicago, Law"
    ]


def test_an_organization_within_the_asked_one_is_second_best() -> None:
    hits = [hit("A", "Acme"), hit("B", "Acme Research Delft Campus"), hit("C", "Delft")]
    assert ids(best_people(hits, organization="Acme Research Delft")) == ["B@Acme Research Delft Campus"]
    assert ids(best_people(hits, organization="Acme Research Oslo")) == ["A@Acme"]


def test_a_hit_without_an_organization_counts_only_if_no_other_does() -> None:
    unknown, known, other = hit("A"), hit("B", "Acme"), hit("C", "Delft")
    assert ids(best_people([unknown, known, other], organization="Acme")) == ["B@Acme"]
    assert ids(best_people([unknown, other], organization="Acme")) == ["A@"]


def test_an_interest_matches_a_whole_tag() -> None:
    hits = [hit("A", tag="Graph Theory"), hit("B", tag="Spectral Graph Theory"), hit("C")]
    assert ids(best_people(hits, interest="graph theory")) == ["A@"]


def test_all_criteria_must_hold() -> None:
    hits = [
        hit("Mira Kovač", "Acme", tag="Graphs"),
        hit("Mira Kovač", "Delft", tag="Graphs"),
        hit("Mira Kovač", "Acme Labs", tag="Optics"),
    ]
    assert ids(best_people(hits, "Mira Kovač", "Acme", "graphs")) == ["Mira Kovač@Acme"]


def test_an_organization_is_second_best_among_those_who_match_otherwise() -> None:
    hits = [hit("A", "Acme", tag="Graphs"), hit("B", "Acme Research Oslo", tag="Optics")]
    assert ids(best_people(hits, organization="Acme Research", interest="graphs")) == ["A@Acme"]


def test_an_exact_title_comes_before_a_more_relevant_one() -> None:
    hits = [("Deep graphs revisited", 90), ("On deep graphs", 50), ("Deep Graphs!", 2), ("Deep-graphs", 7)]
    ranked = exact_title_first(hits, "deep graphs", lambda each: each[0], lambda each: each[1])
    assert [title for title, _ in ranked] == [
        "Deep-graphs",
        "Deep Graphs!",
        "Deep graphs revisited",
        "On deep graphs",
    ]


@pytest.mark.parametrize(
    ("text", "run", "expected"),
    [
        ("Acme Research Asia", "Acme", True),
        ("Acme Research Asia", "research asia", True),
        ("Acme Research Asia", "Acme Asia", False),
        ("Acme", "Acme Research", False),
        ("Acme", "", False),
        ("", "Acme", False),
        ("清华大学深圳研究院", "清华大学", True),
    ],
)
def test_a_run_of_words_is_unbroken(text: str, run: str, expected: bool) -> None:
    assert contains_run(text, run) is expected
