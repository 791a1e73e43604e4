"""Graph files that cannot be read, and what is said about them."""

import os
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from herdwick.tools.aminer.local.graph_file import SCHEMA_VERSION, open_graph, time_limit
from herdwick.tools.errors import DataError


@pytest.fixture
def graph(graph_of) -> Path:
    return graph_of([{"id": f"a{number}", "name": "Ada Mercer"} for number in range(500)])


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


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
    with closing(open_graph(graph.rename(odd / "g r.sqlite"), 1.0)) as connection:
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (500,)


def test_a_graph_whose_name_is_not_text_opens(graph, tmp_path):
    with closing(open_graph(graph.rename(tmp_path / os.fsdecode(b"g\xff.sqlite")), 1.0)) as connection:
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (500,)


def test_a_name_that_is_not_text_is_shown_with_escapes(tmp_path):
    with pytest.raises(DataError) as caught:
        open_graph(tmp_path / os.fsdecode(b"g\xff.sqlite"), 1.0)
    assert caught.value.message == "There is no graph g\\udcff.sqlite."


def test_a_missing_file(tmp_path):
    error = refusal(tmp_path / "nowhere.sqlite")
    assert error.kind == "missing_graph"
    assert "herdwick graph build" in error.hint


def test_a_folder(tmp_path):
    assert refusal(tmp_path).kind == "unreadable_graph"


@pytest.mark.timeout(30)
def test_a_pipe(tmp_path):
    path = tmp_path / "graph.sqlite"
    os.mkfifo(path)
    assert refusal(path).kind == "unreadable_graph"


def test_a_name_that_cannot_be(tmp_path):
    assert refusal(tmp_path / "a\0b").kind == "missing_graph"


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


@pytest.mark.parametrize(
    ("statement", "foreign"),
    [
        (f"DROP TABLE relation; CREATE VIEW relation AS {ENDLESS}", "a view 'relation'"),
        ("CREATE TRIGGER t AFTER INSERT ON tag BEGIN DELETE FROM tag; END", "a trigger 't'"),
        ("CREATE TABLE more (a, b AS (zeroblob(900000000)))", "a table 'more'"),
        ("ALTER TABLE person ADD COLUMN x AS (zeroblob(900000000))", "a table 'person'"),
        ("CREATE INDEX i ON person (printf('%.*c', 9, 'x'))", "a index 'i'"),
        ("CREATE VIRTUAL TABLE v USING fts5 (a)", "a table 'v'"),
        ("DROP TABLE relation", "no table 'relation'"),
        ("DROP INDEX paper_by_title", "no index 'paper_by_title'"),
    ],
)
def test_a_graph_with_another_schema_is_refused(graph, statement, foreign):
    with closing(sqlite3.connect(graph)) as connection:
        connection.executescript(statement)
    error = refusal(graph)
    assert error.kind == "damaged_graph"
    assert foreign in error.message


def test_no_value_of_a_graph_takes_gigabytes(graph):
    with (
        closing(open_graph(graph, 1.0)) as connection,
        pytest.raises(sqlite3.DataError, match="too big"),
    ):
        connection.execute("SELECT zeroblob(900000000)")


@pytest.mark.timeout(60)
def test_a_query_ends_when_its_time_is_over(graph):
    with closing(open_graph(graph, 1.0)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="interrupted"), time_limit(connection, 0.05):
            connection.execute(ENDLESS)
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (500,)


@pytest.mark.timeout(60)
def test_a_query_ends_when_the_user_interrupts(graph):
    interrupt = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    interrupt.start()
    with (
        closing(open_graph(graph, 1.0)) as connection,
        pytest.raises(KeyboardInterrupt),
        time_limit(connection, 50),
    ):
        connection.execute(ENDLESS)
    interrupt.join()
