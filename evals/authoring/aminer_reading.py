"""Whom and what a question is about, found in a `World`, and how answers are put together from them.

reading = Reading(world, {"name": "Ada Mercer", "org": "KAIST", "year": 2015})
titles(paper for paper in reading.pubs if paper.year >= 2015)

Slots are those of `aminer_dev_questions.yaml`.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from pydantic import JsonValue

from herdwick.evals.authoring.aminer_records import Author, Paper, Person, plain
from herdwick.evals.authoring.aminer_world import Ambiguous, World, best, capped, is_at

Slots = Mapping[str, Any]


class Reading:
    """The entities a question is about, found in a world when first needed."""

    def __init__(self, world: World, slots: Slots) -> None:
        self.world = world
        self.slots = slots

    @cached_property
    def person(self) -> Person:
        """Whom `{name} {org} {field}` mean."""
        return self.world.find_person(*self._described(""))

    @cached_property
    def second(self) -> Person:
        """Whom `{name2} {org2} {field2}` mean: somebody else."""
        person = self.world.find_person(*self._described("2"))
        if person is self.person:
            raise Ambiguous
        return person

    @cached_property
    def pair(self) -> tuple[Person, Person]:
        """Both."""
        return self.person, self.second

    @cached_property
    def everybody(self) -> list[Person]:
        """Everybody at `{org}` and in `{field}`, most cited first."""
        return self.world.find_people(
            organization=self.slots.get("org", ""), interest=self.slots.get("field", "")
        )

    @cached_property
    def people(self) -> list[Person]:
        """The same, where a search returns all of them."""
        return capped(self.everybody)

    @cached_property
    def coauthors(self) -> list[Person]:
        """All coauthors of the person."""
        return [coauthor.person for coauthor in self.world.coauthors(self.person)]

    @cached_property
    def pubs(self) -> list[Paper]:
        """All papers of the person, most cited first."""
        return self.world.pubs(self.person)

    @cached_property
    def rep(self) -> Paper:
        """The person's representative work."""
        return self.world.representative(self.person)

    @cached_property
    def latest(self) -> Paper:
        """The person's most recent paper."""
        return best(self.pubs, lambda paper: paper.year)

    @cached_property
    def paper(self) -> Paper:
        """The paper called `{title}`."""
        return self.world.find_paper(self.slots["title"])

    @cached_property
    def two_papers(self) -> tuple[Paper, Paper]:
        """The papers called `{title}` and `{title2}`."""
        other = self.world.find_paper(self.slots["title2"])
        if other is self.paper:
            raise Ambiguous
        return self.paper, other

    @cached_property
    def about(self) -> list[Paper]:
        """Papers about `{topic}`."""
        return self.world.papers_about(self.slots["topic"])

    @cached_property
    def author(self) -> Person:
        """The author of the paper at `{pos}`, who must have a profile and, if last, not be the first too."""
        author = self.named_author
        if author.id not in self.world.people:
            raise Ambiguous
        return self.world.people[author.id]

    @cached_property
    def named_author(self) -> Author:
        """The author of the paper at `{pos}`."""
        position = self.slots["pos"]
        if len(self.paper.authors) < max(2, position + 1):
            raise Ambiguous
        return self.paper.authors[position]

    @cached_property
    def authors(self) -> list[Person]:
        """The authors of the paper who have a profile: at least two."""
        people = self.world.people
        found = [people[author.id] for author in self.paper.authors if author.id in people]
        if len(found) < 2:
            raise Ambiguous
        return found

    def related(self, person: Person, relation: str) -> list[Person]:
        """Advisors or advisees of `person`."""
        return [other.person for other in self.world.coauthors(person) if other.relation == relation]

    def at_org(self, person: Person) -> bool:
        """Whether a person works at `{at_org}`."""
        return is_at(person, self.slots["at_org"])

    def in_field(self, person: Person) -> bool:
        """Whether a person researches `{in_field}`."""
        return plain(self.slots["in_field"]) in map(plain, person.interests)

    def _described(self, suffix: str) -> tuple[str, str, str]:
        return (
            self.slots.get(f"name{suffix}", ""),
            self.slots.get(f"org{suffix}", ""),
            self.slots.get(f"field{suffix}", ""),
        )


def names(people: Iterable[Person]) -> list[JsonValue]:
    """Names, in the order given."""
    return [person.name for person in people]


def titles(papers: Iterable[Paper]) -> list[JsonValue]:
    """Titles, in the order given."""
    return [paper.title for paper in papers]


def each_once(texts: Iterable[str]) -> list[JsonValue]:
    """Texts without repeats, in order of first appearance.

    Raises:
        Ambiguous: One is unknown, and whether to list it is a matter of taste.
    """
    found: list[JsonValue] = list(dict.fromkeys(texts))
    if "" in found:
        raise Ambiguous
    return found


def by_name(people: Iterable[Person], value: Callable[[Person], JsonValue]) -> JsonValue:
    """A value for each person.

    Raises:
        Ambiguous: Two share a name.
    """
    people = list(people)
    result = {person.name: value(person) for person in people}
    if len(result) < len(people):
        raise Ambiguous
    return result


def average(total: int, count: int) -> float:
    """`total / count`.

    Raises:
        Ambiguous: There is nothing to average.
    """
    if not count:
        raise Ambiguous
    return total / count


def profile(person: Person) -> JsonValue:
    """Everything known of a person, under the API's field names."""
    return {
        "person_id": person.id,
        "name": person.name,
        "gender": person.gender,
        "organization": person.organization,
        "position": person.position,
        "bio": person.bio,
        "education_experience": person.education,
        "email": person.email,
    }


def publication(paper: Paper) -> JsonValue:
    """Everything known of a paper, under the API's field names."""
    return {
        "title": paper.title,
        "abstract": paper.abstract,
        "author_list": [
            {"person_id": author.id, "name": author.name, "organization": author.organization}
            for author in paper.authors
        ],
        "num_citation": paper.num_citation,
        "year": paper.year,
        "pdf_link": paper.pdf,
        "venue": paper.venue,
    }


def cited(thing: Person | Paper) -> int:
    """Citations."""
    return thing.num_citation
