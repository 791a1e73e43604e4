"""The lines of an AMiner dump as frozen records, and how their texts compare.

    people = list(read_people(Path("authors.jsonl.gz")))
    contains_run("Microsoft Research Asia", "microsoft")      # True

Written from the specification's words alone; shares no code with `herdwick.tools`.
"""

import gzip
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


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
    keywords: tuple[str, ...]


def read_people(path: Path) -> Iterator[Person]:
    """The persons of an author dump."""
    return map(_person, _lines(path))


def read_papers(path: Path) -> Iterator[Paper]:
    """The papers of a paper dump."""
    return map(_paper, _lines(path))


def read_relations(path: Path) -> dict[tuple[str, str], str]:
    """What the second person is to the first, by ids."""
    return {(line["person_id"], line["coauthor_id"]): line["relation"] for line in _lines(path)}


@cache
def plain(text: str) -> str:
    """Text without case, diacritics, punctuation and odd spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w\s]|_", " ", bare.replace("'", "")).split())


def contains_run(text: str, words: str) -> bool:
    """Whether `words` occur in `text` as one unbroken run."""
    return f" {plain(words)} " in f" {plain(text)} "


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
        keywords=tuple(line.get("keywords", ())),
    )
