"""Second half of a build: staged rows into the graph, numbered by citations and indexed.

ranking = Ranking(connection, progress)
ranking.people()
ranking.papers()          # authors are looked up among the people
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from herdwick.tools.aminer.folding import name_keys, tag_key
from herdwick.tools.aminer.local import matching
from herdwick.tools.aminer.local.staging import Progress, ProgressCallback

_PROGRESS_EVERY = 5_000
_REMEMBERED_KEYS = 100_000
"""Ids of interests and organizations kept in memory; others are looked up again."""


_Profile = tuple[int, str, str]
"""Rank, id and name of a person."""


class Ranking:
    """Moves people and papers from the staging tables into the graph, most cited first, ties by id.

    Attributes:
        unlinked_authors: Authors of papers that have no profile; they are kept by name.
    """

    # Rows are read in the order of an index of their keys: sorting whole rows would need their size again in
    # temporary space.

    def __init__(self, connection: sqlite3.Connection, progress: ProgressCallback) -> None:
        self._connection = connection
        self._progress = progress
        self.unlinked_authors = 0

    def people(self) -> None:
        """Fills the tables and the index of persons."""
        self._connection.execute("CREATE INDEX staging.author_ranking ON author (n_citation DESC, id)")
        tag_id = self._ids("INSERT OR IGNORE INTO tag (key) VALUES (?)", "SELECT id FROM tag WHERE key = ?")
        organization_id = self._ids(
            "INSERT OR IGNORE INTO organization (key) VALUES (?)", "SELECT id FROM organization WHERE key = ?"
        )
        for rank, row in self._ranked(
            "indexing people",
            "SELECT count(*) FROM staging.author",
            "SELECT * FROM staging.author ORDER BY n_citation DESC, id",
        ):
            person_id, name, orgs_json, tags_json, *profile = row
            orgs, tags = json.loads(orgs_json), json.loads(tags_json)
            self._connection.execute(
                "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (rank, person_id, name, orgs[0] if orgs else "", tags_json, *profile),
            )
            keys = filter(None, map(matching.organization_key, orgs))
            exact = matching.exact_entry(
                name, map(organization_id, keys), map(tag_id, filter(None, map(tag_key, tags)))
            )
            self._connection.execute(
                "INSERT INTO person_index (rowid, name, organization, exact) VALUES (?, ?, ?, ?)",
                (rank, matching.name_entry(name), matching.organizations_entry(orgs), exact),
            )

    def papers(self) -> None:
        """Fills the tables and the index of papers, and the mean lengths of their texts."""
        self._connection.execute("CREATE INDEX staging.paper_ranking ON paper (n_citation DESC, id)")
        words_in_all = [0, 0, 0]
        count = 0
        for rank, row in self._ranked(
            "indexing papers",
            "SELECT count(*) FROM staging.paper",
            "SELECT * FROM staging.paper ORDER BY n_citation DESC, id",
        ):
            paper_id, title, *facts, keywords, authors_json, abstract = row
            people, authors = self._link(paper_id, json.loads(authors_json))
            entry = matching.paper_entry(title, keywords.splitlines(), abstract)
            title_hash = matching.title_hash(matching.title_key(title))
            self._connection.execute(
                "INSERT INTO paper VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (rank, paper_id, title_hash, title, *facts, keywords, _json(authors), abstract),
            )
            self._connection.execute(
                "INSERT INTO paper_index (rowid, title, keywords, abstract) VALUES (?, ?, ?, ?)",
                (rank, *entry),
            )
            self._connection.executemany(
                "INSERT INTO authorship VALUES (?, ?)", ((rank, person) for person in sorted(people))
            )
            words_in_all = [
                total + len(text.split()) for total, text in zip(words_in_all, entry, strict=True)
            ]
            count = rank
        means = [total / max(count, 1) for total in words_in_all]
        self._connection.execute("INSERT INTO meta VALUES ('mean_words', ?)", (_json(means),))

    def _link(self, paper_id: str, authors: list[list[str]]) -> tuple[set[int], list[list[str]]]:
        """Ranks of a paper's people, and its authors with ids only of people who have a profile."""
        profiles = [self._profile(person_id) if person_id else None for person_id, _, _ in authors]
        known = {profile[0] for profile in profiles if profile}
        claimants = [claimant for claimant in self._claimants(paper_id) if claimant[0] not in known]
        linked = []
        for profile, (_, name, organization) in zip(profiles, authors, strict=True):
            found = profile or _take_namesake(claimants, name)
            if found:
                known.add(found[0])
                linked.append([found[1], name or found[2], organization])
            elif name:
                self.unlinked_authors += 1
                linked.append(["", name, organization])
        return known | {claimant[0] for claimant in claimants}, linked

    def _claimants(self, paper_id: str) -> Iterator[_Profile]:
        yield from self._connection.execute(
            "SELECT rank, id, name FROM staging.claim JOIN person ON id = person "
            "WHERE paper = ? ORDER BY rank",
            (paper_id,),
        )

    def _profile(self, person_id: str) -> _Profile | None:
        query = "SELECT rank, id, name FROM person WHERE id = ?"
        row: _Profile | None = self._connection.execute(query, (person_id,)).fetchone()
        return row

    def _ranked(self, stage: str, count: str, rows: str) -> Iterator[tuple[int, Sequence[Any]]]:
        total = self._connection.execute(count).fetchone()[0]
        for rank, row in enumerate(self._connection.execute(rows), start=1):
            if rank % _PROGRESS_EVERY == 0:
                self._progress(Progress(stage, rank, total))
            yield rank, row
        self._progress(Progress(stage, total, total))

    def _ids(self, insert: str, select: str) -> Callable[[str], int]:
        """The ids of keys, given out as they are asked for."""

        @lru_cache(maxsize=_REMEMBERED_KEYS)
        def key_id(key: str) -> int:
            self._connection.execute(insert, (key,))
            found: tuple[int] = self._connection.execute(select, (key,)).fetchone()
            return found[0]

        return key_id


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _take_namesake(claimants: list[_Profile], name: str) -> _Profile | None:
    """Removes and returns the first claimant called `name`."""
    if not claimants:
        return None
    keys = set(name_keys(name))
    for index, claimant in enumerate(claimants):
        if not keys.isdisjoint(name_keys(claimant[2])):
            return claimants.pop(index)
    return None
