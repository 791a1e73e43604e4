"""Entities to ask about, read from a dump in the graph-import format.

pool = EntityPool.from_dump(authors=Path("authors.jsonl"), papers=Path("papers.jsonl"))
person = pool.person(rng)
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml

_EDGE_PUNCTUATION = " \t.,;:!?\"'“”\u2018\u2019"

_FUNCTION_WORDS = (
    "a an and as at by can do does for from how in is its of on or over the to under via we what when why "
    "with without"
)
_WEAK = frozenset(_FUNCTION_WORDS.split())
"""Words no topic begins or ends with."""


@dataclass(frozen=True)
class KnownPerson:
    """A person as questions describe one."""

    name: str
    organizations: tuple[str, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True)
class EntityPool:
    """What a graph offers to ask about."""

    people: tuple[KnownPerson, ...]
    organizations: tuple[str, ...]
    fields: tuple[str, ...]
    titles: tuple[str, ...]
    venues: tuple[str, ...]

    @classmethod
    def from_dump(cls, authors: Path, papers: Path) -> "EntityPool":
        """Read a dump; records that lack a name or title are passed over."""
        people = [_person(record) for record in _records(authors) if record.get("name")]
        titles, venues = [], []
        for record in _records(papers):
            titles.append(str(record.get("title", "")).strip(_EDGE_PUNCTUATION))
            venues.append(_venue(record))
        return cls(
            people=tuple(people),
            organizations=_distinct(name for person in people for name in person.organizations),
            fields=_distinct(name for person in people for name in person.fields),
            titles=_distinct(titles),
            venues=_distinct(venues),
        )

    @classmethod
    def from_vocabulary(cls, path: Path, people: int, rng: Random) -> "EntityPool":
        """Invent people from lists of surnames, given names, organizations, fields, titles and venues."""
        words = yaml.safe_load(path.read_text(encoding="utf-8"))
        invented = (
            KnownPerson(
                name=rng.choice(words["surnames"]) + rng.choice(words["given"]),
                organizations=(rng.choice(words["organizations"]),),
                fields=tuple(rng.sample(words["fields"], 3)),
            )
            for _ in range(people)
        )
        return cls(
            people=tuple(invented),
            organizations=tuple(words["organizations"]),
            fields=tuple(words["fields"]),
            titles=tuple(words["titles"]),
            venues=tuple(words["venues"]),
        )

    def person(self, rng: Random, *, organization: bool = False, field: bool = False) -> KnownPerson:
        """A random person who has an organization and a field if they are asked for."""
        while True:
            person = rng.choice(self.people)
            if (person.organizations or not organization) and (person.fields or not field):
                return person

    def topic(self, rng: Random) -> str:
        """A field, or two to four consecutive words of a title, punctuation between them left out."""
        if rng.random() < 0.7:
            return rng.choice(self.fields)
        words = re.findall(r"[^\s:;,.?!()\"“”]+", rng.choice(self.titles))
        size = min(len(words), rng.randint(2, 4))
        start = rng.randint(0, len(words) - size)
        chosen = words[start : start + size]
        while chosen and chosen[0].lower() in _WEAK:
            del chosen[0]
        while chosen and chosen[-1].lower() in _WEAK:
            del chosen[-1]
        return " ".join(chosen).strip(_EDGE_PUNCTUATION) or rng.choice(self.fields)


def _records(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _person(record: dict[str, Any]) -> KnownPerson:
    organizations = record.get("orgs") or [record.get("org", "")]
    return KnownPerson(
        name=" ".join(str(record["name"]).split()),
        organizations=_distinct(organizations),
        fields=_distinct(tag["t"] for tag in record.get("tags") or []),
    )


def _venue(record: dict[str, Any]) -> str:
    venue = record.get("venue") or ""
    if isinstance(venue, dict):
        venue = venue.get("raw") or (venue.get("info") or {}).get("name") or ""
    return str(venue)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
