"""What is told apart from a graph's own schema."""

import sqlite3
from contextlib import closing

import pytest

from herdwick.tools.aminer.local.graph_schema import foreign_to_graphs, sql


@pytest.fixture
def empty_graph():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(sql("schema"))
        connection.executescript(sql("finish"))
        yield connection


def rewritten(connection: sqlite3.Connection, table: str, old: str, new: str) -> None:
    (before,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    assert old in before
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (before.replace(old, new), table))


def test_a_graph_has_nothing_foreign(empty_graph):
    assert foreign_to_graphs(empty_graph) is None


@pytest.mark.parametrize("new", ["name  TEXT\nNOT NULL,", "name TEXT NOT NULL, -- it's a comment\n"])
def test_comments_and_spaces_make_no_difference(empty_graph, new):
    rewritten(empty_graph, "person", "name TEXT NOT NULL,", new)
    assert foreign_to_graphs(empty_graph) is None


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("person", "name TEXT NOT NULL", "name TEXT NOT NULL AS (zeroblob(900000000))"),
        ("person", "name TEXT NOT NULL", "name TEXT NOT NULL /* -- */ AS (zeroblob(900000000)) --\n"),
        ("person", "name TEXT NOT NULL", 'name "--\n" TEXT NOT NULL'),
        ("person_index", "tokenize = 'ascii'", "tokenize = 'unicode61'"),
        ("person_index", "content = ''", "content = '--\n'"),
        ("person_index_data", "block BLOB", "block BLOB AS (zeroblob(900000000))"),
        ("authorship_by_person", "person, paper", "person, paper COLLATE nocase"),
    ],
)
def test_what_could_run_is_foreign(empty_graph, table, old, new):
    rewritten(empty_graph, table, old, new)
    found = foreign_to_graphs(empty_graph)
    assert found is not None
    assert repr(table) in found


def test_a_name_of_any_length_is_told_briefly(empty_graph):
    empty_graph.execute(f"CREATE TABLE {'x' * 100_000} (a)")
    found = foreign_to_graphs(empty_graph)
    assert found is not None
    assert len(found) < 120
