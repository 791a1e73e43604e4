"""Builds a graph file from AMiner/OAG dumps.

report = build_graph([Path("authors.jsonl.zst")], [Path("papers.jsonl.gz")], out=Path("graph.sqlite"))
report.people, report.rejected, report.rejects

The graph appears under its name when it is complete, and replaces an older one at once. A build that fails or
is killed leaves the old graph as it was; start it again. Memory does not grow with the dumps: rows are staged
on disk beside the graph, which for a while takes about three times the space of the plain dumps.
"""

import glob
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from herdwick.tools.aminer.local.graph_file import is_locked, sql, stamp
from herdwick.tools.aminer.local.ranking import Ranking
from herdwick.tools.aminer.local.staging import Progress, ProgressCallback, Rejects, Staging
from herdwick.tools.errors import DataError

_GRAPH = "graph.sqlite"
_CACHE_KIB = 128 * 1024
"""SQLite's page cache for each of the two files: with it, a build of any size stays under 1 GB."""


@dataclass(frozen=True)
class BuildReport:
    """What a build read and wrote.

    Attributes:
        graph: The graph file.
        lines: Lines of the dumps that were not blank; each was used or rejected.
        people: Persons in the graph.
        papers: Papers in the graph.
        relations: Relation lines used.
        unlinked_authors: Authors of papers without a profile, kept by name.
        rejected: Lines not used.
        rejects: Where those lines and the reasons are; None when there are none.
        duration_s: Seconds the build took.
    """

    graph: Path
    lines: int
    people: int
    papers: int
    relations: int
    unlinked_authors: int
    rejected: int
    rejects: Path | None
    duration_s: float


def ignore_progress(progress: Progress) -> None:
    """Progress callback of those who do not want any."""
    del progress


def build_graph(
    authors: Sequence[Path],
    papers: Sequence[Path],
    relations: Sequence[Path] = (),
    *,
    out: Path,
    synthetic: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> BuildReport:
    """Builds the graph `out` and, where lines cannot be used, `OUT.rejects.jsonl`.

    Args:
        authors: Author dumps.
        papers: Paper dumps.
        relations: Relation dumps; coauthors come from papers as well.
        out: The graph file; replaced when it exists.
        synthetic: Labels the graph as made up, wherever it is used.
        progress: Told now and then how far the build is.

    Raises:
        DataError: A dump is missing, damaged or holds no usable author, or `out` cannot be written. Nothing
            half-built remains.
    """
    started = time.monotonic()
    rejects_path = out.with_name(f"{out.name}.rejects.jsonl")
    with _workshop(out) as folder:
        with closing(Rejects(folder / "rejects.jsonl")) as rejects, closing(_database(folder)) as connection:
            staging, ranking = Staging(connection, rejects, progress), Ranking(connection, progress)
            staging.authors(authors)
            staging.papers(papers)
            ranking.people()
            staging.relations(relations)
            ranking.papers()
            counts = _counts(connection)
            progress(Progress("finishing", 0, 1))
            _finish(connection, counts | {"synthetic": int(synthetic)})
        _publish(rejects.path, rejects_path)
        if rejects.count and counts["people"] == 0:
            raise DataError(
                "no_authors",
                f"None of {staging.lines} lines could be used as an author.",
                f"The reasons are in {rejects_path.name}.",
            )
        _publish(folder / _GRAPH, out)
        progress(Progress("finishing", 1, 1))
    return BuildReport(
        graph=out,
        lines=staging.lines,
        people=counts["people"],
        papers=counts["papers"],
        relations=counts["relations"],
        unlinked_authors=ranking.unlinked_authors,
        rejected=rejects.count,
        rejects=rejects_path if rejects.count else None,
        duration_s=time.monotonic() - started,
    )


@contextmanager
def _workshop(out: Path) -> Iterator[Path]:
    """A temporary folder beside `out`, removed in the end; what goes wrong in it becomes a `DataError`."""
    prefix = f".{out.name}.building-"
    try:
        if out.is_dir():
            raise DataError("bad_output", f"{out.name} is a folder.", "Give the name of a file.")
        for left in out.parent.glob(f"{glob.escape(prefix)}*"):
            if (left / _GRAPH).exists() and not is_locked(left / _GRAPH):
                shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=prefix, dir=out.parent) as folder:
            yield Path(folder)
    except sqlite3.Error as error:
        raise DataError(
            "build_failed", f"The graph could not be written: {error}.", "Check the free space on the disk."
        ) from error
    except OSError as error:
        raise DataError(
            "bad_output",
            f"{out.name} could not be written: {error.strerror}.",
            "Check that its folder exists, is writable and has space.",
        ) from error


def _database(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / _GRAPH, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    # The lock, kept until the connection closes, tells other builds that this folder is in use.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")
    connection.execute("ATTACH ? AS staging", (str(folder / "staging.sqlite"),))
    for schema in ("main", "staging"):
        # Nobody sees these files before they are complete, so they need no journal.
        connection.execute(f"PRAGMA {schema}.journal_mode = OFF")
        connection.execute(f"PRAGMA {schema}.synchronous = OFF")
        connection.execute(f"PRAGMA {schema}.cache_size = -{_CACHE_KIB}")
    stamp(connection)
    connection.executescript(sql("schema"))
    connection.executescript(sql("staging"))
    connection.execute("BEGIN")
    return connection


def _finish(connection: sqlite3.Connection, meta: dict[str, int]) -> None:
    built = datetime.now(UTC).isoformat(timespec="seconds")
    connection.executemany("INSERT INTO meta VALUES (?, ?)", [*meta.items(), ("built", built)])
    connection.execute("COMMIT")
    connection.executescript(sql("finish"))


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    query = (
        "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM paper), (SELECT count(*) FROM relation)"
    )
    return dict(zip(("people", "papers", "relations"), connection.execute(query).fetchone(), strict=True))


def _publish(made: Path, name: Path) -> None:
    """Puts a file under its name, safe against power loss; without a file, the name is free afterwards."""
    if not made.exists():
        name.unlink(missing_ok=True)
        return
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(name)
