"""Small graphs, built from records a test writes down."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from herdwick.tools.aminer.local.build import build_graph
from herdwick.tools.aminer.local.store import LocalBackend

Records = Iterable[dict[str, object]]


@pytest.fixture
def write_lines(tmp_path: Path) -> Callable[[str, Records], Path]:
    def write(name: str, records: Records) -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        return path

    return write


@pytest.fixture
def graph_of(tmp_path: Path, write_lines) -> Callable[..., Path]:
    """Builds a graph of authors, papers and relations given as dump records."""

    def build(authors: Records = (), papers: Records = (), relations: Records | None = None) -> Path:
        files = [write_lines("authors.jsonl", authors)], [write_lines("papers.jsonl", papers)]
        related = [] if relations is None else [write_lines("relations.jsonl", relations)]
        return build_graph(*files, related, out=tmp_path / "graph.sqlite").graph

    return build


@pytest.fixture
def backend_of(graph_of):
    """Opens a graph of authors, papers and relations given as dump records."""
    opened: list[LocalBackend] = []

    def open_backend(
        authors: Records = (), papers: Records = (), relations: Records | None = None
    ) -> LocalBackend:
        opened.append(LocalBackend(graph_of(authors, papers, relations)))
        return opened[-1]

    yield open_backend
    for backend in opened:
        backend.close()
