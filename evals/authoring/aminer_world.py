"""The records of an AMiner dump as a reader understands them: the data side of the oracle.

    world = World.read(Path("evals/suites/aminer_dev"))
    world.find_person(name="Ada Mercer", organization="KAIST")
    world.coauthors(person)

Everything is written anew from the specification's words, in plain Python over the dump's lines: no code of
`herdwick.tools` is used, so that an answer both agree on was reached twice. Where a question would have more
than one reading (a tie, a list cut at ten, namesakes), `Ambiguous` is raised and the question is not asked.
"""

import gzip
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

SEARCH_LIMIT = 10
"""searchPerson, searchPublication and getPersonPubs return no more than this."""

T = TypeVar("T")


class Ambiguous(Exception):
    """A question about these entities would have several readings, or none."""


@dataclass(frozen=True)
class Person:
    """An author line."""

    id: str
    name: str
    organization: str
    interests: tuple[str, ...]
    num_citation: int
    num_pubs: int
    gender: str
    position: str
    bio: str
    education: str
    email: str


@dataclass(frozen=True)
class Author:
    """One author of a paper; `id` is '' for someone without an author line."""

    id: str
    name: str
    organization: str


@dataclass(frozen=True)
class Paper:
    """A paper line."""

    id: str
    title: str
    abstract: str
    authors: tuple[Author, ...]
    year: int
    num_citation: int
    venue: str
    pdf: str


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
            map(_person, _lines(folder / "authors.jsonl.gz")),
            map(_paper, _lines(folder / "papers.jsonl.gz")),
            {
                (line["person_id"], line["coauthor_id"]): line["relation"]
                for line in _lines(folder / "relations.jsonl.gz")
            },
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
            found = [person for person in found if contains_run(person.organization, organization)]
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
        """Papers that say the topic, as one run of words, in their title.

        Raises:
            Ambiguous: There are more than ten, or others contain its words apart.
        """
        said = [paper for paper in self.papers.values() if contains_run(paper.title, topic)]
        if not 0 < len(said) <= SEARCH_LIMIT:
            raise Ambiguous
        return said

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
        """Everybody who shares a paper with `person`, and everybody the dump relates to them."""
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
            for other in shared
        ]

    @cached_property
    def _written(self) -> dict[str, list[Paper]]:
        written: dict[str, list[Paper]] = {}
        for paper in self.papers.values():
            for author in paper.authors:
                written.setdefault(author.id, []).append(paper)
        return written


@cache
def plain(text: str) -> str:
    """Text without case, diacritics, punctuation and odd spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w\s]|_", " ", bare.replace("'", "")).split())


def contains_run(text: str, words: str) -> bool:
    """Whether `words` occur in `text` as one unbroken run."""
    return f" {plain(words)} " in f" {plain(text)} "


def ranked(items: Iterable[T], key: Callable[[T], int]) -> list[T]:
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


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _person(line: dict[str, Any]) -> Person:
    organizations = line.get("orgs") or [line.get("org") or ""]
    tags = sorted(line.get("tags") or [], key=lambda tag: -tag.get("w", 0))
    return Person(
        id=line["id"],
        name=line["name"],
        organization=organizations[0],
        interests=tuple(tag["t"] for tag in tags),
        num_citation=line["n_citation"],
        num_pubs=line["n_pubs"],
        gender=line.get("gender", ""),
        position=line.get("position", ""),
        bio=line.get("bio", ""),
        education=line.get("edu", ""),
        email=line.get("email", ""),
    )


def _paper(line: dict[str, Any]) -> Paper:
    venue = line["venue"]
    if isinstance(venue, dict):
        venue = venue.get("raw") or venue["info"]["name"]
    return Paper(
        id=line["id"],
        title=line["title"],
        abstract=line.get("abstract", ""),
        authors=tuple(
            Author(author.get("id", ""), author["name"], author.get("org", "")) for author in line["authors"]
        ),
        year=line["year"],
        num_citation=line["n_citation"],
        venue=venue,
        pdf=line.get("pdf", ""),
    )
