"""Measures the local graph at any size: how long it takes to build, and to answer.

    figures = bench_graph(people=1_000_000, papers=3_000_000, folder=Path("bench"))
    figures.build_s, figures.build_peak_mb
    for timing in figures.timings:
        print(timing.function, timing.case, timing.median_ms)

The graph is invented (see `sample`), and so are the questions: names, organizations, interests and titles of
people and papers drawn from it, which makes popular ones as frequent as they are among its people.
"""

import multiprocessing
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from herdwick.tools.aminer.local.build import BuildReport, build_graph
from herdwick.tools.aminer.local.graph_reader import GraphReader
from herdwick.tools.aminer.local.sample import Dump, write_dump
from herdwick.tools.aminer.local.store import LocalBackend


@dataclass(frozen=True)
class Timing:
    """How long one function took on one kind of question."""

    function: str
    case: str
    calls: int
    median_ms: float
    p95_ms: float


@dataclass(frozen=True)
class GraphBench:
    """What was measured.

    Attributes:
        report: Of the build; its duration is `report.duration_s`.
        generate_s: Seconds to write the dumps.
        dump_mb: Size of the dumps, in 10^6 bytes.
        graph_mb: Size of the graph, in 10^6 bytes.
        build_peak_mb: Largest resident memory of the building process, in 10^6 bytes.
        open_ms: Milliseconds to open the graph.
        timings: One entry a kind of question.
    """

    report: BuildReport
    generate_s: float
    dump_mb: float
    graph_mb: float
    build_peak_mb: float
    open_ms: float
    timings: tuple[Timing, ...]


@dataclass(frozen=True)
class _Person:
    id: str
    name: str
    organization: str
    interest: str


def bench_graph(people: int, papers: int, folder: Path, calls: int = 100, seed: int = 0) -> GraphBench:
    """Generates, builds and queries a graph in `folder`, which is left there.

    Args:
        people: Persons to generate.
        papers: Papers to generate.
        folder: Made if missing; a million people with three million papers take about 12 GB in it.
        calls: Calls of each kind.
        seed: Of the graph and of the questions.

    Raises:
        DataError: The folder cannot be written.
    """
    started = time.perf_counter()
    dump = write_dump(folder, people, papers, seed)
    generate_s = time.perf_counter() - started
    # A process of its own: the peak of this one includes whatever ran before.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        report, peak_mb = pool.submit(_build, dump, folder / "graph.sqlite").result()
    started = time.perf_counter()
    with closing(LocalBackend(report.graph)) as backend:
        open_ms = (time.perf_counter() - started) * 1e3
        timings = tuple(_timings(backend, report, calls, random.Random(seed)))  # noqa: S311
    return GraphBench(
        report=report,
        generate_s=generate_s,
        dump_mb=sum(path.stat().st_size for path in (dump.authors, dump.papers, dump.relations)) / 1e6,
        graph_mb=report.graph.stat().st_size / 1e6,
        build_peak_mb=peak_mb,
        open_ms=open_ms,
        timings=timings,
    )


def _build(dump: Dump, out: Path) -> tuple[BuildReport, float]:
    report = build_graph([dump.authors], [dump.papers], [dump.relations], out=out, synthetic=True)
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return report, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _timings(backend: LocalBackend, report: BuildReport, calls: int, rng: random.Random) -> Iterator[Timing]:
    with closing(GraphReader(report.graph)) as reader:
        people = _people(reader, [rng.randint(1, report.people) for _ in range(calls)])
        most_cited = _people(reader, range(1, min(calls, report.people) + 1))
        paper_query = "SELECT id, title FROM paper WHERE rank = ?"
        some_papers = [reader.rows(paper_query, rng.randint(1, report.papers))[0] for _ in range(calls)]

    def persons(case: str, question: Callable[[_Person], dict[str, str]]) -> Timing:
        return _timing(
            "searchPerson", case, [partial(backend.searchPerson, **question(person)) for person in people]
        )

    def papers(case: str, questions: Iterable[str]) -> Timing:
        return _timing(
            "searchPublication", case, [partial(backend.searchPublication, text) for text in questions]
        )

    yield persons("name", lambda p: {"name": p.name})
    yield persons("last word of name", lambda p: {"name": p.name.split()[-1]})
    yield persons("organization", lambda p: {"organization": p.organization})
    yield persons("one word of organization", lambda p: {"organization": p.organization.split()[0]})
    yield persons("organization with more words", lambda p: {"organization": f"Library of {p.organization}"})
    yield persons("interest", lambda p: {"interest": p.interest})
    yield persons("name, organization", lambda p: {"name": p.name, "organization": p.organization})
    yield persons(
        "organization, interest", lambda p: {"organization": p.organization, "interest": p.interest}
    )
    yield papers("title", (title for _, title in some_papers))
    yield papers("every other word of a title", (" ".join(title.split()[::2]) for _, title in some_papers))
    yield papers("title with a word too many", (f"{title} zyzzyva" for _, title in some_papers))
    yield papers("topic", (person.interest for person in people))
    for function in ("getCoauthors", "getPersonInterest", "getPersonPubs", "getPersonBasicInfo"):
        for case, group in (("anyone", people), ("most cited", most_cited)):
            yield _timing(
                function, case, [partial(getattr(backend, function), person.id) for person in group]
            )
    yield _timing(
        "getPublication", "any", [partial(backend.getPublication, pub_id) for pub_id, _ in some_papers]
    )


def _people(reader: GraphReader, ranks: Iterable[int]) -> list[_Person]:
    query = (
        "SELECT id, name, organization, coalesce(json_extract(interests, '$[0]'), 'Machine Learning') "
        "FROM person WHERE rank = ?"
    )
    people = [_Person(*reader.rows(query, rank)[0]) for rank in ranks]
    return [person for person in people if person.organization]


def _timing(function: str, case: str, calls: list[Callable[[], object]]) -> Timing:
    took_ms = []
    for call in calls:
        started = time.perf_counter()
        call()
        took_ms.append((time.perf_counter() - started) * 1e3)
    p95_ms = statistics.quantiles(took_ms, n=20)[-1]
    return Timing(function, case, len(calls), statistics.median(took_ms), p95_ms)
