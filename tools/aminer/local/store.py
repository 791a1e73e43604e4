"""The seven AMiner functions over a local graph file.

    with closing(LocalBackend(Path("graph.sqlite"))) as backend:
        backend.searchPerson(name="Ada Mercer", organization="King's College")

Without a file it answers from the synthetic sample, and `data()` says so.
"""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import Json, JsonValue, TypeAdapter

from herdwick.tools.aminer.backend import MAX_HITS, MAX_INTERESTS
from herdwick.tools.aminer.local.file_names import shown
from herdwick.tools.aminer.local.graph_reader import GraphReader
from herdwick.tools.aminer.local.graph_schema import sql
from herdwick.tools.aminer.local.paper_search import PaperSearch
from herdwick.tools.aminer.local.person_search import PersonSearch
from herdwick.tools.aminer.local.sample_graph import sample_graph
from herdwick.tools.aminer.models import (
    Author,
    Coauthor,
    Person,
    PersonBasicInfo,
    PersonPub,
    Publication,
    PublicationHit,
    Relation,
)
from herdwick.tools.errors import DataError, ToolFailure
from herdwick.tools.question import Remarks

MAX_ARGUMENT_CHARS = 2_000
"""Longest text searched for: longer than any title, name or organization."""

Row = TypeVar("Row")

_Authors = Json[list[tuple[str, str, str]]]
"""Person id or '', name and organization of a paper's authors."""

_PERSON_HITS = TypeAdapter(list[tuple[str, str, Json[list[str]], int, int, str]])
_PAPER_HITS = TypeAdapter(list[tuple[str, str, int]])
_COAUTHORS = TypeAdapter(list[tuple[str, str, Relation]])
_RANKS = TypeAdapter(list[tuple[int]])
_INTERESTS = TypeAdapter(list[tuple[Json[list[str]]]])
_PERSON_PUBS = TypeAdapter(list[tuple[str, str, int, int, _Authors]])
_PROFILES = TypeAdapter(list[tuple[str, str, str, str, str, str, str, str]])
_PAPERS = TypeAdapter(list[tuple[str, str, _Authors, int, int, str, str]])


class LocalBackend:
    """The seven functions over a graph built by `build_graph`; see `AMinerBackend` for what they promise.

    Args:
        graph: The graph file; the synthetic sample when None.
        busy_timeout_s: How long a call waits for a lock that another process holds on the file.

    Raises:
        DataError: The file is missing, no graph, damaged, locked, or of another schema version.
    """

    def __init__(self, graph: Path | None = None, busy_timeout_s: float = 5.0) -> None:
        self._name = "synthetic sample" if graph is None else shown(graph.name)
        self._remarks = Remarks()
        self._reader = GraphReader(sample_graph() if graph is None else graph, busy_timeout_s)
        try:
            self._persons = PersonSearch(self._reader)
            self._papers = PaperSearch(self._reader)
        except DataError:
            self._reader.close()
            raise

    def searchPerson(self, name: str = "", organization: str = "", interest: str = "") -> list[Person]:
        """At most 10 persons matching all given criteria, most cited first."""
        given = {"name": name, "organization": organization, "interest": interest}
        name, organization, interest = (_checked("searchPerson", *item) for item in given.items())
        if not (name or organization or interest):
            raise ToolFailure(
                "bad_arguments",
                "searchPerson: nothing to search for.",
                "Give at least one of name, organization and interest.",
            )
        ranks = self._persons.ranks(name, organization, interest, MAX_HITS)
        if not ranks:
            self._remark_unknown(name, organization, interest)
        rows = self._reader.read(
            _PERSON_HITS,
            "SELECT person.id, name, interests, n_citation, n_pubs, organization "
            "FROM json_each(?) AS hit JOIN person ON rank = hit.value ORDER BY hit.key",
            json.dumps(ranks),
        )
        return [
            Person(
                person_id=person_id,
                name=found,
                interests=interests[:MAX_INTERESTS],
                num_citation=n_citation,
                num_pubs=n_pubs,
                organization=current,
            )
            for person_id, found, interests, n_citation, n_pubs, current in rows
        ]

    def searchPublication(self, publication_info: str) -> list[PublicationHit]:
        """At most 10 papers: exact title first, then by relevance, ties by citations."""
        wanted = _checked("searchPublication", "publication_info", publication_info)
        rows = self._reader.read(
            _PAPER_HITS,
            "SELECT paper.id, title, year "
            "FROM json_each(?) AS hit JOIN paper ON rank = hit.value ORDER BY hit.key",
            json.dumps(self._papers.ranks(wanted, MAX_HITS)),
        )
        return [PublicationHit(pub_id=pub_id, title=title, year=year) for pub_id, title, year in rows]

    def getCoauthors(self, person_id: str) -> list[Coauthor]:
        """All coauthors of a person, those with most joint papers first, then by name."""
        rank = self._rank_of("getCoauthors", person_id)
        rows = self._reader.read(_COAUTHORS, sql("coauthors"), rank)
        return [Coauthor(person_id=other, name=name, relation=relation) for other, name, relation in rows]

    def getPersonInterest(self, person_id: str) -> list[str]:
        """Research interests of a person, in the order of the source."""
        query = "SELECT interests FROM person WHERE id = ?"
        return self._person("getPersonInterest", _INTERESTS, query, person_id)[0]

    def getPersonPubs(self, person_id: str) -> list[PersonPub]:
        """At most 10 papers of a person, most cited first."""
        rank = self._rank_of("getPersonPubs", person_id)
        rows = self._reader.read(
            _PERSON_PUBS,
            "SELECT id, title, n_citation, year, authors FROM authorship JOIN paper ON rank = paper "
            "WHERE person = ? ORDER BY paper LIMIT ?",
            rank,
            MAX_HITS,
        )
        return [
            PersonPub(
                pub_id=pub_id,
                title=title,
                num_citation=n_citation,
                year=year,
                authors_name_list=[name for _, name, _ in authors],
            )
            for pub_id, title, n_citation, year, authors in rows
        ]

    def getPersonBasicInfo(self, person_id: str) -> PersonBasicInfo:
        """Profile of a person."""
        query = (
            "SELECT id, name, gender, organization, position, bio, education, email FROM person WHERE id = ?"
        )
        row = self._person("getPersonBasicInfo", _PROFILES, query, person_id)
        return PersonBasicInfo(**dict(zip(PersonBasicInfo.model_fields, row, strict=True)))

    def getPublication(self, pub_id: str) -> Publication:
        """One paper in full."""
        rows = self._reader.read(
            _PAPERS,
            "SELECT title, abstract, authors, n_citation, year, pdf, venue FROM paper WHERE id = ?",
            pub_id,
        )
        if not rows:
            raise ToolFailure(
                "unknown_id",
                f"getPublication: there is no paper {pub_id[:80]!r} in {self._name}.",
                "Use a pub_id that searchPublication or getPersonPubs returned.",
            )
        title, abstract, authors, n_citation, year, pdf, venue = rows[0]
        return Publication(
            title=title,
            abstract=abstract,
            author_list=[
                Author(person_id=person_id, name=name, organization=organization)
                for person_id, name, organization in authors
            ],
            num_citation=n_citation,
            year=year,
            pdf_link=pdf,
            venue=venue,
        )

    def data(self) -> dict[str, JsonValue]:
        """Backend, graph, whether it is synthetic, record counts, and when it was built (ISO 8601).

        With `problems` where a question's words are nowhere in the graph: nothing found by them says nothing.
        """
        meta = self._reader.meta
        described: dict[str, JsonValue] = {
            "backend": "local",
            "graph": self._name,
            "synthetic": meta.synthetic,
            "records": {"people": meta.people, "papers": meta.papers, "relations": meta.relations},
            "built": meta.built,
        }
        problems: list[JsonValue] = [*self._remarks.current]
        return described | ({"problems": problems} if problems else {})

    def close(self) -> None:
        """Closes the file; closing twice is harmless."""
        self._reader.close()

    def _remark_unknown(self, name: str, organization: str, interest: str) -> None:
        """Tell words from a missing combination of known ones, which is an answer like any other."""
        for text, alone, meaning in (
            (name, (name, "", ""), "nobody is called"),
            (organization, ("", organization, ""), "nobody belongs to an organization called"),
            (interest, ("", "", interest), "nobody has the research interest"),
        ):
            if text and not self._persons.ranks(*alone, limit=1):
                self._remarks.add(f"In {self._name} {meaning} {text[:80]!r}, so that nothing was found by it")

    def _rank_of(self, function: str, person_id: str) -> int:
        return self._person(function, _RANKS, "SELECT rank FROM person WHERE id = ?", person_id)[0]

    def _person(self, function: str, shape: TypeAdapter[list[Row]], query: str, person_id: str) -> Row:
        found = self._reader.read(shape, query, person_id)
        if not found:
            raise ToolFailure(
                "unknown_id",
                f"{function}: there is no person {person_id[:80]!r} in {self._name}.",
                "Use a person_id that searchPerson, getCoauthors or getPublication returned.",
            )
        return found[0]


def _checked(function: str, argument: str, text: str) -> str:
    if len(text) > MAX_ARGUMENT_CHARS:
        raise ToolFailure(
            "bad_arguments",
            f"{function}: {argument} is {len(text)} characters long, the limit is {MAX_ARGUMENT_CHARS}.",
            "Give only the name, title or topic.",
        )
    return text.strip()
