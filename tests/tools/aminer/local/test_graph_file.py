"""Graph files that cannot be read, and what is said about them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from herdwick.tools.aminer.local.graph_file import SCHEMA_VERSION, open_graph
from herdwick.tools.errors import DataError


@pytest.fixture
def graph(graph_of) -> Path:
    return graph_of([{"id": f"a{number}", "name": "Ada Mercer"} for number in range(500)])


def refusal(path: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        open_graph(path, busy_timeout_s=0.05)
    assert path.name in caught.value.message
    assert caught.value.hint
    return caught.value


def set_version(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


def test_a_graph_opens_and_cannot_be_written(graph):
    with closing(open_graph(graph, 1.0)) as connection:
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (500,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM person")


def test_a_graph_in_a_folder_with_an_odd_name_opens(graph, tmp_path):
    odd = tmp_path / "50% of #1? ü"
    odd.mkdir()
    open_graph(graph.rename(odd / "g r.sqlite"), 1.0).close()


def test_a_missing_file(tmp_path):
    error = refusal(tmp_path / "nowhere.sqlite")
    assert error.kind == "missing_graph"
    assert "herdwick graph build" in error.hint


def test_a_folder(tmp_path):
    assert refusal(tmp_path).kind == "unreadable_graph"


@pytest.mark.parametrize("content", [b"", b"{}\n", b"PK\x03\x04" * 100])
def test_another_kind_of_file(tmp_path, content):
    path = tmp_path / "graph.sqlite"
    path.write_bytes(content)
    assert refusal(path).kind == "not_a_graph"


def test_another_kind_of_database(tmp_path):
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE person (name)")
    assert refusal(path).kind == "not_a_graph"


@pytest.mark.parametrize("kept", [8, 60, 4096, 20_000, -1])
def test_a_graph_that_is_cut_short(graph, kept):
    graph.write_bytes(graph.read_bytes()[:kept])
    assert refusal(graph).kind == "damaged_graph"


def test_a_graph_of_a_newer_schema(graph):
    set_version(graph, SCHEMA_VERSION + 1)
    error = refusal(graph)
    assert error.kind == "newer_graph"
    assert "Upgrade Herdwick" in error.hint


def test_a_graph_of_an_older_schema(graph):
    set_version(graph, SCHEMA_VERSION - 1)
    error = refusal(graph)
    assert error.kind == "older_graph"
    assert "herdwick graph build" in error.hint


def test_a_graph_that_another_process_has_locked(graph):
    with closing(sqlite3.connect(graph, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert refusal(graph).kind == "locked_graph"
    open_graph(graph, 0.05).close()
