"""The records of an AMiner dump as a reader understands them: the data side of the oracle.

    world = World.read(Path("evals/suites/aminer_dev"))
    world.find_person(name="Ada Mercer", organization="KAIST")
    world.coauthors(person)

Everything is written anew from the specification's words, in plain Python over the dump's lines: no code of
`herdwick.tools` is used, so that an answer both agree on was reached twice. Where a question would have more
than one reading (a tie, a list cut at ten, namesakes), `Ambiguous` is raised and the question is not asked.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from herdwick.evals.authoring.aminer_records import (
    Paper,
    Person,
    contains_run,
    plain,
    read_papers,
    read_people,
    read_relations,
)
from herdwick.evals.authoring.aminer_relevance import Relevance

SEARCH_LIMIT = 10
"""searchPerson, searchPublication and getPersonPubs return no more than this."""

CLEARLY_MORE = 2e-4
"""Difference of two relevance scores, which are below 20, that rounding does not turn around."""

T = TypeVar("T")


class Ambiguous(Exception):
    """A question about these entities would have several readings, or none."""


@dataclass(frozen=True)
class Coauthor:
    """A coauthor and what they are to the person asked about: advisor, advisee or coauthor."""

    person: Person
    relation: str


class World:
    """All people and papers of one dump.

    Attributes:
        people: By id, in the dump's order.
        papers: By id, in the dump's order.
        relations: `(person, coauthor) -> relation`, by ids, where the dump states one.
    """

    def __init__(
        self, people: Iterable[Person], papers: Iterable[Paper], relations: dict[tuple[str, str], str]
    ) -> None:
        self.people = {person.id: person for person in people}
        self.papers = {paper.id: paper for paper in papers}
        self.relations = relations

    @classmethod
    def read(cls, folder: Path) -> "World":
        """The world of `authors.jsonl.gz`, `papers.jsonl.gz` and `relations.jsonl.gz` in `folder`."""
        return cls(
            read_people(folder / "authors.jsonl.gz"),
            read_papers(folder / "papers.jsonl.gz"),
            read_relations(folder / "relations.jsonl.gz"),
        )

    def find_people(self, name: str = "", organization: str = "", interest: str = "") -> list[Person]:
        """Everybody who fits, most cited first.

        Raises:
            Ambiguous: Two of those that a search would return are cited equally often.
        """
        found = list(self.people.values())
        if name:
            found = [person for person in found if plain(person.name) == plain(name)]
        if organization:
            found = [person for person in found if is_at(person, organization, strictly=bool(name))]
        if interest:
            found = [person for person in found if plain(interest) in map(plain, person.interests)]
        return ranked(found, lambda person: person.num_citation)

    def find_person(self, name: str = "", organization: str = "", interest: str = "") -> Person:
        """Who is meant: the one who fits, or without a name the most cited who does.

        Raises:
            Ambiguous: Nobody fits, or several of that name do.
        """
        found = self.find_people(name, organization, interest)
        if not found or (name and len(found) > 1):
            raise Ambiguous
        return found[0]

    def find_paper(self, title: str) -> Paper:
        """The paper of that title.

        Raises:
            Ambiguous: There is none, or more than one.
        """
        return sole([paper for paper in self.papers.values() if plain(paper.title) == plain(title)])

    def papers_about(self, topic: str) -> list[Paper]:
        """The ten papers a search for a topic shows, of the many whose title has it as one run of words.

        Raises:
            Ambiguous: They are fewer, so that a search fills up with others, or two are equally relevant.
        """
        said = [paper for paper in self.papers.values() if contains_run(paper.title, topic)]
        if len(said) < SEARCH_LIMIT:
            raise Ambiguous
        orders = [self._by_relevance(said, topic, relevance) for relevance in self._relevances]
        if any(order != orders[0] for order in orders):
            raise Ambiguous
        return orders[0]

    def pubs(self, person: Person) -> list[Paper]:
        """All papers of a person, most cited first.

        Raises:
            Ambiguous: Two are cited equally often, or there are more than a search returns.
        """
        return capped(ranked(self._written.get(person.id, []), lambda paper: paper.num_citation))

    def representative(self, person: Person) -> Paper:
        """The most cited paper of a person.

        Raises:
            Ambiguous: There is none, or a tie.
        """
        return best(self._written.get(person.id, []), lambda paper: paper.num_citation)

    def coauthors(self, person: Person) -> list[Coauthor]:
        """Everybody who shares a paper with `person`, and everybody the dump relates to them.

        Those with most joint papers come first, then by name: the order that getCoauthors promises.
        """
        shared: dict[str, int] = {}
        for paper in self._written.get(person.id, []):
            for author in paper.authors:
                if author.id in self.people and author.id != person.id:
                    shared[author.id] = shared.get(author.id, 0) + 1
        for one, other in self.relations:
            if one == person.id:
                shared.setdefault(other, 0)
        return [
            Coauthor(self.people[other], self.relations.get((person.id, other), "coauthor"))
            for other in sorted(shared, key=lambda other: (-shared[other], self.people[other].name))
        ]

    def _by_relevance(self, papers: list[Paper], topic: str, relevance: Relevance) -> list[Paper]:
        scored = sorted(((relevance.score(paper, topic), paper.id) for paper in papers), reverse=True)
        shown = scored[: SEARCH_LIMIT + 1]
        if any(better - worse < CLEARLY_MORE for (better, _), (worse, _) in itertools.pairwise(shown)):
            raise Ambiguous
        return [self.papers[paper_id] for _, paper_id in shown[:SEARCH_LIMIT]]

    @cached_property
    def _relevances(self) -> list[Relevance]:
        return [Relevance(self.papers.values(), factor) for factor in (1.0, 1.35)]

    @cached_property
    def _written(self) -> dict[str, list[Paper]]:
        written: dict[str, list[Paper]] = {}
        for paper in self.papers.values():
            for author in paper.authors:
                written.setdefault(author.id, []).append(paper)
        return written


def is_at(person: Person, organization: str, *, strictly: bool = True) -> bool:
    """Whether a person works at an organization: its words occur in the person's as one run.

    Raises:
        Ambiguous: Only the reverse is true, as of someone at `KAIST` asked for at `School of Law, KAIST`, and
            `strictly` is set: a search may then take the person for a match.
    """
    if contains_run(person.organization, organization):
        return True
    if strictly and person.organization and contains_run(organization, person.organization):
        raise Ambiguous
    return False


def ranked(items: Iterable[T], key: Callable[[T], float]) -> list[T]:
    """Highest first.

    Raises:
        Ambiguous: Two have the same rank, and a search would show at least one of them.
    """
    result = sorted(items, key=key, reverse=True)
    ranks = [key(item) for item in result[: SEARCH_LIMIT + 1]]
    if len(set(ranks)) < len(ranks):
        raise Ambiguous
    return result


def best(items: Iterable[T], key: Callable[[T], float]) -> T:
    """The one with the highest key.

    Raises:
        Ambiguous: There is none, or a tie.
    """
    result = sorted(items, key=key, reverse=True)
    if not result or (len(result) > 1 and key(result[0]) == key(result[1])):
        raise Ambiguous
    return result[0]


def sole(items: Sequence[T]) -> T:
    """The only item.

    Raises:
        Ambiguous: There is none, or more than one.
    """
    if len(items) != 1:
        raise Ambiguous
    return items[0]


def capped(items: list[T]) -> list[T]:
    """`items`, when a search would return all of them.

    Raises:
        Ambiguous: A search would cut the list.
    """
    if len(items) > SEARCH_LIMIT:
        raise Ambiguous
    return items
