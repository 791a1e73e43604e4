"""A real sandbox over a small real graph of made-up people, shared by all tests of this folder."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from herdwick.tools.aminer.domain import DOMAIN
from herdwick.tools.aminer.local.build import build_graph
from herdwick.tools.aminer.local.store import LocalBackend
from herdwick.tools.domain import Domain
from herdwick.tools.sandbox import Limits, ProgramFailure, ProgramSandbox, RunResult
from herdwick.tools.tool import FunctionTool

AUTHORS = [
    ("ada1", "Ada Mercer", "King's College", 900, 3, ["Data Mining", "Graph Learning"], "Professor"),
    ("ada2", "Ada Mercer", "Lima Botanical Institute", 50, 1, ["Botany"], "Lecturer"),
    ("bjorn", "Björn Öst", "Zürich Polytechnic", 500, 3, ["Data Mining"], "Postdoc"),
    ("wei", "Chen Wei", "Tianshan University", 700, 2, ["Machine Learning", "Data Mining"], ""),
    ("dina", "Dina O'Hara", "King's College", 300, 2, ["Databases"], "Reader"),
    ("edu", "Edu Ríos", "Zürich Polytechnic", 800, 2, ["Machine Learning"], "Professor"),
]
PAPERS = [
    ("u1", "Herding Sparse Graphs", 2019, 400, ["ada1", "bjorn", "wei"], "KDD"),
    ("u2", "Sheepdog Joins", 2021, 120, ["ada1", "dina"], "VLDB"),
    ("u3", "Learning to Graze", 2020, 300, ["wei", "edu"], "ICML"),
    ("u4", "Fence Queries", 2015, 80, ["dina", "bjorn"], "SIGMOD"),
    ("u5", "Wool at Scale", 2022, 30, ["edu", "bjorn"], "OSDI"),
    ("u6", "Mosses of the Coast", 2001, 10, ["ada2"], "Flora"),
]
RELATIONS = [{"person_id": "ada1", "coauthor_id": "dina", "relation": "advisee"}]


@pytest.fixture(scope="session")
def domain() -> Domain:
    return DOMAIN


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[FunctionTool]]:
    folder = tmp_path_factory.mktemp("graph")
    names = {author[0]: author[1] for author in AUTHORS}
    authors = [
        {
            "id": person,
            "name": name,
            "orgs": [org],
            "n_citation": citations,
            "n_pubs": pubs,
            "tags": [{"t": tag} for tag in tags],
            "position": position,
        }
        for person, name, org, citations, pubs, tags, position in AUTHORS
    ]
    papers = [
        {
            "id": paper,
            "title": title,
            "year": year,
            "n_citation": citations,
            "authors": [{"id": person, "name": names[person]} for person in persons],
            "venue": venue,
        }
        for paper, title, year, citations, persons, venue in PAPERS
    ]
    graph = build_graph(
        [_write(folder / "authors.jsonl", authors)],
        [_write(folder / "papers.jsonl", papers)],
        [_write(folder / "relations.jsonl", RELATIONS)],
        out=folder / "graph.sqlite",
        synthetic=True,
    ).graph
    backend = LocalBackend(graph)
    yield [FunctionTool.of(spec, getattr(backend, spec.name)) for spec in DOMAIN.functions]
    backend.close()


@pytest.fixture(scope="session")
def sandbox() -> Iterator[ProgramSandbox]:
    with ProgramSandbox(workers=2) as sandbox:
        yield sandbox


@pytest.fixture
def run(sandbox: ProgramSandbox, tools: list[FunctionTool]) -> Callable[..., RunResult]:
    """Runs a program over the graph; a plan may be given as text."""

    def run_program(program: str, plan: tuple[str, ...] | None = None, **limits: float) -> RunResult:
        return sandbox.run(program, tools, plan=plan, domain=DOMAIN, limits=Limits(**limits))

    return run_program


@pytest.fixture
def failure_of(run: Callable[..., RunResult]) -> Callable[..., ProgramFailure]:
    """The failure that a program ends in."""

    def fail(program: str, plan: tuple[str, ...] | None = None, **limits: float) -> ProgramFailure:
        with pytest.raises(ProgramFailure) as caught:
            run(program, plan, **limits)
        return caught.value

    return fail


def _write(path: Path, records: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path
