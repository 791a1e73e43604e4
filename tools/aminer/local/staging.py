"""First half of a build: dump lines into staging tables, the unusable ones into a rejects file.

staging = Staging(connection, Rejects(Path("graph.rejects.jsonl")), progress)
staging.authors([Path("authors.jsonl")])
staging.papers([Path("papers.jsonl.gz")])
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeVar

from herdwick.tools.aminer.local.dump import BadLine, DumpLine, read_lines
from herdwick.tools.aminer.local.file_names import shown
from herdwick.tools.aminer.local.records import (
    AuthorLine,
    PaperLine,
    RelationLine,
    parse_author,
    parse_paper,
    parse_relation,
)

Parsed = TypeVar("Parsed")

_PROGRESS_EVERY = 5_000


@dataclass(frozen=True)
class Progress:
    """How far a build is.

    Attributes:
        stage: What is being done, such as `reading authors`.
        done: Bytes or rows so far.
        total: Bytes or rows in all.
    """

    stage: str
    done: int
    total: int


ProgressCallback = Callable[[Progress], None]


class Rejects:
    """Lines that were not used, as JSON lines of `file`, `line` (its number), `reason` and `text`.

    The file is made with the first of them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: TextIO | None = None

    def add(self, source: Path, line: DumpLine, reason: str) -> None:
        """Records one line."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8")
        entry = {"file": shown(source), "line": line.number, "reason": reason, "text": line.excerpt()}
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self.count += 1

    def close(self) -> None:
        """Completes the file, if there is one."""
        if self._file is not None:
            self._file.close()


class Staging:
    """Reads dumps into the tables of `sql/staging.sql`; of lines with the same id the first is kept.

    Attributes:
        lines: Lines read so far that were not blank.
    """

    def __init__(self, connection: sqlite3.Connection, rejects: Rejects, progress: ProgressCallback) -> None:
        self._connection = connection
        self._rejects = rejects
        self._progress = progress
        self.lines = 0

    def authors(self, files: Sequence[Path]) -> None:
        """Reads author lines.

        Raises:
            DataError: A file cannot be read to its end.
        """
        self._read("reading authors", files, parse_author, self._add_author)

    def papers(self, files: Sequence[Path]) -> None:
        """Reads paper lines; raises as `authors` does."""
        self._read("reading papers", files, parse_paper, self._add_paper)

    def relations(self, files: Sequence[Path]) -> None:
        """Reads relation lines straight into the graph, whose persons must be there; raises as `authors`."""
        self._read("reading relations", files, parse_relation, self._add_relation)

    def _read(
        self,
        stage: str,
        files: Sequence[Path],
        parse: Callable[[dict[str, Any]], Parsed],
        add: Callable[[Parsed], None],
    ) -> None:
        for path, line in self._lines(stage, files):
            try:
                add(parse(line.content()))
            except BadLine as bad:
                self._rejects.add(path, line, bad.reason)

    def _lines(self, stage: str, files: Sequence[Path]) -> Iterator[tuple[Path, DumpLine]]:
        sizes = [path.stat().st_size if path.is_file() else 0 for path in files]
        for index, path in enumerate(files):
            before = sum(sizes[:index])
            for line in read_lines(path):
                self.lines += 1
                if self.lines % _PROGRESS_EVERY == 0:
                    self._progress(Progress(stage, before + line.offset, sum(sizes)))
                yield path, line
        self._progress(Progress(stage, sum(sizes), sum(sizes)))

    def _add_author(self, author: AuthorLine) -> None:
        row = (
            author.id,
            author.name,
            json.dumps(author.orgs, ensure_ascii=False),
            json.dumps(author.tags, ensure_ascii=False),
            author.n_citation,
            author.n_pubs,
            author.gender,
            author.position,
            author.bio,
            author.edu,
            author.email,
        )
        self._insert("INSERT OR IGNORE INTO staging.author VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        self._connection.executemany(
            "INSERT OR IGNORE INTO staging.claim VALUES (?, ?)", ((pub, author.id) for pub in author.pubs)
        )

    def _add_paper(self, paper: PaperLine) -> None:
        row = (
            paper.id,
            paper.title,
            paper.year,
            paper.n_citation,
            paper.venue,
            paper.pdf,
            "\n".join(" ".join(keyword.split()) for keyword in paper.keywords),
            json.dumps(paper.authors, ensure_ascii=False),
            paper.abstract,
        )
        self._insert("INSERT OR IGNORE INTO staging.paper VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def _add_relation(self, relation: RelationLine) -> None:
        ranks = []
        for field in ("person_id", "coauthor_id"):
            query = "SELECT rank FROM person WHERE id = ?"
            found = self._connection.execute(query, (getattr(relation, field),)).fetchone()
            if found is None:
                raise BadLine(f"{field}: no author has the id {getattr(relation, field)[:60]!r}")
            ranks.append(found[0])
        self._insert("INSERT OR IGNORE INTO relation VALUES (?, ?, ?)", (*ranks, relation.relation))

    def _insert(self, statement: str, row: tuple[Any, ...]) -> None:
        if self._connection.execute(statement, row).rowcount == 0:
            raise BadLine("duplicate; the first line with the same id is kept")
