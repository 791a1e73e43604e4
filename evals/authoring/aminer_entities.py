"""Draws entities for a question's slots: related ones where the question relates them.

    slots = Drawing(world, random.Random(7)).slots("coauthors.at_org", ["name", "at_org"])

A draw may still make no sense; the caller computes the answer and draws again.
"""

import random
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

from herdwick.evals.authoring.aminer_records import Paper, Person
from herdwick.evals.authoring.aminer_world import Ambiguous, World

T = TypeVar("T")


class Drawing:
    """Random entities of one world.

    Args:
        world: Where they live.
        rng: Source of chance.
    """

    def __init__(self, world: World, rng: random.Random) -> None:
        self._world = world
        self._rng = rng

    def slots(self, intent: str, names: list[str]) -> dict[str, Any]:
        """Values for the slots called `names` of a question about `intent`.

        Raises:
            Ambiguous: The entities drawn lack what a slot needs.
        """
        scene = _Scene(self._world, self._rng, intent)
        return {name: getattr(scene, name) for name in dict.fromkeys(names)}


class _Scene:
    """A person, a paper and those around them; each slot is an attribute, drawn when first asked for."""

    def __init__(self, world: World, rng: random.Random, intent: str) -> None:
        self._world = world
        self._rng = rng
        self._intent = intent

    @cached_property
    def _person(self) -> Person:
        return self._rng.choice(list(self._world.people.values()))

    @cached_property
    def _second(self) -> Person:
        if self._rng.random() < 0.7:
            return self._pick([other.person for other in self._world.coauthors(self._person)])
        return self._rng.choice(list(self._world.people.values()))

    @cached_property
    def _paper(self) -> Paper:
        return self._rng.choice(list(self._world.papers.values()))

    @cached_property
    def _described(self) -> Person:
        """Whom {org} and {field} are about: `people_with` asks for people other than the one named."""
        return self._second if self._intent == "coauthors.people_with" else self._person

    @cached_property
    def _around(self) -> Person:
        """Whom {at_org} and {in_field} are about."""
        if self._intent.startswith("person."):
            return self._person if self._rng.random() < 0.5 else self._second
        if self._intent.startswith("authors."):
            authors = [author.id for author in self._paper.authors if author.id]
            return self._world.people[self._pick(authors)]
        if self._intent.startswith("advisees."):
            circle = self._world.coauthors(self._person)
            return self._pick([other.person for other in circle if other.relation == "advisee"])
        return self._second

    @property
    def name(self) -> str:
        if self._intent == "paper.is_author" and self._rng.random() < 0.5:
            return self._pick([author.name for author in self._paper.authors])
        return self._person.name

    @property
    def org(self) -> str:
        return self._organization(self._described)

    @property
    def field(self) -> str:
        return self._pick(self._described.interests)

    @property
    def name2(self) -> str:
        return self._second.name

    @property
    def org2(self) -> str:
        return self._organization(self._second)

    @property
    def field2(self) -> str:
        return self._pick(self._second.interests)

    @property
    def at_org(self) -> str:
        return self._organization(self._around)

    @property
    def in_field(self) -> str:
        return self._pick(self._around.interests)

    @property
    def title(self) -> str:
        return self._paper.title

    @property
    def title2(self) -> str:
        return self._rng.choice(list(self._world.papers.values())).title

    @property
    def venue(self) -> str:
        return self._pick(self._papers_of(self._person)).venue

    @property
    def topic(self) -> str:
        paper = self._pick(self._papers_of(self._person)) if self._intent == "pubs.about" else self._paper
        return self._pick(paper.keywords)

    @cached_property
    def year(self) -> int:
        return self._rng.randint(1998, 2024)

    @property
    def year2(self) -> int:
        return self.year + self._rng.randint(2, 8)

    @property
    def k(self) -> int:
        return self._rng.randint(2, 5)

    @property
    def number(self) -> int:
        """A round number that some, but perhaps not all, exceed."""
        counts: dict[str, Callable[[], list[int]]] = {
            "people.cited_over": lambda: [person.num_citation for person in self._world.people.values()],
            "people.pubs_over": lambda: [person.num_pubs for person in self._world.people.values()],
            "coauthors.cited_over": lambda: [person.num_citation for person in self._world.people.values()],
            "pubs.count_cited_over": lambda: [paper.num_citation for paper in self._papers_of(self._person)],
            "pubs.cited_over": lambda: [paper.num_citation for paper in self._papers_of(self._person)],
        }
        count = self._pick(counts[self._intent]())
        step = 100 if count > 200 else 10 if count > 20 else 5
        return max(step, count // step * step)

    def _organization(self, person: Person) -> str:
        """Where a person is, half of the time without the department."""
        organization = person.organization
        _, comma, rest = organization.partition(", ")
        whole = comma and rest and any(other.organization == rest for other in self._world.people.values())
        if whole and self._rng.random() < 0.5:
            return rest
        if not organization:
            raise Ambiguous
        return organization

    def _papers_of(self, person: Person) -> list[Paper]:
        return [
            paper
            for paper in self._world.papers.values()
            if any(author.id == person.id for author in paper.authors)
        ]

    def _pick(self, items: Sequence[T]) -> T:
        if not items:
            raise Ambiguous
        return self._rng.choice(items)
