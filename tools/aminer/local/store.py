"""The seven AMiner functions over a local graph file.

    with closing(LocalBackend(Path("graph.sqlite"))) as backend:
        backend.searchPerson(name="Ada Mercer", organization="King's College")

Without a file it answers from the synthetic sample, and `data()` says so.
"""

import json
from pathlib import Path

from pydantic import JsonValue

from herdwick.tools.aminer.backend import MAX_HITS, MAX_INTERESTS
from herdwick.tools.aminer.local.graph_file import sql
from herdwick.tools.aminer.local.graph_reader import GraphReader
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
)
from herdwick.tools.errors import ToolFailure

MAX_ARGUMENT_CHARS = 2_000
"""Longest text searched for: longer than any title, name or organization."""


class LocalBackend:
    """The seven functions over a graph built by `build_graph`; see `AMinerBackend` for what they promise.

    Args:
        graph: The graph file; the synthetic sample when None.
        busy_timeout_s: How long a call waits for a lock that another process holds on the file.

    Raises:
        DataError: The file is missing, no graph, damaged, locked, or of another schema version.
    """

    def __init__(self, graph: Path | None = None, busy_timeout_s: float = 5.0) -> None:
        self._name = "synthetic sample" if graph is None else graph.name
        self._reader = GraphReader(sample_graph() if graph is None else graph, busy_timeout_s)
        self._persons = PersonSearch(self._reader)
        self._papers = PaperSearch(self._reader)

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
        rows = self._reader.rows(
            "SELECT person.id, name, interests, n_citation, n_pubs, organization "
            "FROM json_each(?) AS hit JOIN person ON rank = hit.value ORDER BY hit.key",
            json.dumps(ranks),
        )
        return [
            Person(
                person_id=person_id,
                name=found,
                interests=json.loads(interests)[:MAX_INTERESTS],
                num_citation=n_citation,
                num_pubs=n_pubs,
                organization=current,
            )
            for person_id, found, interests, n_citation, n_pubs, current in rows
        ]

    def searchPublication(self, publication_info: str) -> list[PublicationHit]:
        """At most 10 papers: exact title first, then by relevance, ties by citations."""
        wanted = _checked("searchPublication", "publication_info", publication_info)
        rows = self._reader.rows(
            "SELECT paper.id, title, year "
            "FROM json_each(?) AS hit JOIN paper ON rank = hit.value ORDER BY hit.key",
            json.dumps(self._papers.ranks(wanted, MAX_HITS)),
        )
        return [PublicationHit(pub_id=pub_id, title=title, year=year) for pub_id, title, year in rows]

    def getCoauthors(self, person_id: str) -> list[Coauthor]:
        """All coauthors of a person, those with most joint papers first, then by name."""
        rank = self._rank_of("getCoauthors", person_id)
        rows = self._reader.rows(sql("coauthors"), rank)
        return [Coauthor(person_id=other, name=name, relation=relation) for other, name, relation in rows]

    def getPersonInterest(self, person_id: str) -> list[str]:
        """Research interests of a person, in the order of the source."""
        rank = self._rank_of("getPersonInterest", person_id)
        interests: list[str] = json.loads(
            self._reader.rows("SELECT interests FROM person WHERE rank = ?", rank)[0][0]
        )
        return interests

    def getPersonPubs(self, person_id: str) -> list[PersonPub]:
        """At most 10 papers of a person, most cited first."""
        rank = self._rank_of("getPersonPubs", person_id)
        rows = self._reader.rows(
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
                authors_name_list=[name for _, name, _ in json.loads(authors)],
            )
            for pub_id, title, n_citation, year, authors in rows
        ]

    def getPersonBasicInfo(self, person_id: str) -> PersonBasicInfo:
        """Profile of a person."""
        rank = self._rank_of("getPersonBasicInfo", person_id)
        row = self._reader.rows(
            "SELECT id, name, gender, organization, position, bio, education, email "
            "FROM person WHERE rank = ?",
            rank,
        )[0]
        return PersonBasicInfo(**dict(zip(PersonBasicInfo.model_fields, row, strict=True)))

    def getPublication(self, pub_id: str) -> Publication:
        """One paper in full."""
        rows = self._reader.rows(
            "SELECT title, abstract, authors, n_citation, year, pdf, venue FROM paper WHERE id = ?", pub_id
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
                for person_id, name, organization in json.loads(authors)
            ],
            num_citation=n_citation,
            year=year,
            pdf_link=pdf,
            venue=venue,
        )

    def data(self) -> dict[str, JsonValue]:
        """Backend, graph, whether it is synthetic, record counts, and when it was built (ISO 8601)."""
        meta = self._reader.meta
        return {
            "backend": "local",
            "graph": self._name,
            "synthetic": meta["synthetic"] == "1",
            "records": {kind: int(meta[kind]) for kind in ("people", "papers", "relations")},
            "built": meta["built"],
        }

    def close(self) -> None:
        """Closes the file; closing twice is harmless."""
        self._reader.close()

    def _rank_of(self, function: str, person_id: str) -> int:
        found = self._reader.rows("SELECT rank FROM person WHERE id = ?", person_id)
        if not found:
            raise ToolFailure(
                "unknown_id",
                f"{function}: there is no person {person_id[:80]!r} in {self._name}.",
                "Use a person_id that searchPerson, getCoauthors or getPublication returned.",
            )
        rank: int = found[0][0]
        return rank


def _checked(function: str, argument: str, text: str) -> str:
    if len(text) > MAX_ARGUMENT_CHARS:
        raise ToolFailure(
            "bad_arguments",
            f"{function}: {argument} is {len(text)} characters long, the limit is {MAX_ARGUMENT_CHARS}.",
            "Give only the name, title or topic.",
        )
    return text.strip()
