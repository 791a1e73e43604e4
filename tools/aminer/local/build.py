"""Builds a graph file from AMiner/OAG dumps.

report = build_graph([Path("authors.jsonl.zst")], [Path("papers.jsonl.gz")], out=Path("graph.sqlite"))
report.people, report.rejected, report.rejects

The graph appears under its name when it is complete, and replaces an older one at once. A build that fails or
is killed leaves the old graph as it was; start it again. Memory does not grow with the dumps: rows are staged
on disk beside the graph, which for a while takes about three times the space of the plain dumps.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from herdwick.tools.aminer.local.file_names import shown
from herdwick.tools.aminer.local.graph_file import stamp, uri
from herdwick.tools.aminer.local.graph_schema import sql
from herdwick.tools.aminer.local.ranking import Ranking
from herdwick.tools.aminer.local.staging import Progress, ProgressCallback, Rejects, Staging
from herdwick.tools.aminer.local.workshop import check_output, publish, target_of, workshop
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
        out: The graph file; replaced when it exists. A link is followed, and the rejects are beside its end.
        synthetic: Labels the graph as made up, wherever it is used.
        progress: Told now and then how far the build is.

    Raises:
        DataError: A dump is missing, damaged or holds no usable author, or `out` cannot be written or is one
            of the dumps. Nothing half-built remains.
    """
    started = time.monotonic()
    with _explained(out):
        target, rejects_path = _outputs(out, [*authors, *papers, *relations])
    with _explained(out), workshop(target) as folder:
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
        if rejects.count:
            publish(rejects.path, rejects_path)
        if counts["people"] == 0:
            raise _no_authors(staging.lines, rejects_path if rejects.count else None)
        if not rejects.count:
            rejects_path.unlink(missing_ok=True)
        publish(folder / _GRAPH, target)
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


def _outputs(out: Path, inputs: Sequence[Path]) -> tuple[Path, Path]:
    target = target_of(out)
    rejects = target.with_name(f"{target.name}.rejects.jsonl")
    check_output(target, inputs)
    check_output(rejects, inputs)
    return target, rejects


@contextmanager
def _explained(out: Path) -> Iterator[None]:
    """What goes wrong with files becomes a `DataError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise DataError(
            "build_failed", f"The graph could not be written: {error}.", "Check the free space on the disk."
        ) from error
    except OSError as error:
        raise DataError(
            "bad_output",
            f"{shown(out.name)} could not be written: {error.strerror}.",
            "Check that its folder exists, is writable and has space.",
        ) from error


def _no_authors(lines: int, rejects: Path | None) -> DataError:
    if rejects is None:
        return DataError("no_authors", "The dumps hold no author.", "Give the files that have the authors.")
    return DataError(
        "no_authors",
        f"None of {lines} lines could be used as an author.",
        f"The reasons are in {shown(rejects.name)}.",
    )


def _database(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(uri(folder / _GRAPH, "rwc"), uri=True, isolation_level=None)
    connection.execute("ATTACH ? AS staging", (uri(folder / "staging.sqlite", "rwc"),))
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
