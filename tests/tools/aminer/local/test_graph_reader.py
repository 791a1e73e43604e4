"""Reading a graph from several threads."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from pydantic import Json, TypeAdapter

from herdwick.tools.aminer.local.graph_file import open_graph
from herdwick.tools.aminer.local.graph_reader import GraphReader
from herdwick.tools.errors import DataError


@pytest.fixture
def graph(graph_of):
    return graph_of([{"id": f"a{number}", "name": f"Person {number}"} for number in range(300)])


def test_threads_read_at_the_same_time(graph):
    query = "SELECT name FROM person WHERE id = ?"
    with closing(GraphReader(graph)) as reader, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: reader.rows(query, f"a{number}")[0][0], range(300)))
    assert found == [f"Person {number}" for number in range(300)]


def test_threads_that_come_and_go_leave_no_connections_behind(graph, monkeypatch):
    opened = []
    monkeypatch.setattr(
        "herdwick.tools.aminer.local.graph_reader.open_graph",
        lambda *arguments: opened.append(open_graph(*arguments)) or opened[-1],
    )
    with closing(GraphReader(graph)) as reader:
        for _ in range(20):
            with ThreadPoolExecutor(1) as pool:
                pool.submit(reader.rows, "SELECT 1").result()
    assert len(opened) == 1


def test_after_closing_every_thread_is_told_so(graph):
    reader = GraphReader(graph)
    reader.close()
    reader.close()
    with ThreadPoolExecutor(1) as pool:
        for read in (reader.rows, lambda query: pool.submit(reader.rows, query).result()):
            with pytest.raises(DataError) as caught:
                read("SELECT 1")
            assert caught.value.kind == "closed_graph"


def test_a_lock_taken_while_reading_is_an_error_after_the_timeout(graph):
    with closing(GraphReader(graph, busy_timeout_s=0.05)) as reader:
        with closing(sqlite3.connect(graph, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(DataError) as caught:
                reader.rows("SELECT count(*) FROM person")
        assert caught.value.kind == "locked_graph"
        assert reader.rows("SELECT count(*) FROM person") == [(300,)]


@pytest.mark.timeout(60)
def test_a_query_without_an_end_is_an_error(graph):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with closing(GraphReader(graph, answer_limit_s=0.05)) as reader:
        with pytest.raises(DataError) as caught:
            reader.rows(endless)
        assert reader.rows("SELECT count(*) FROM person") == [(300,)]
    assert caught.value.kind == "slow_graph"
    assert caught.value.hint


def test_rows_of_a_shape(graph):
    shape = TypeAdapter(list[tuple[int, Json[list[str]]]])
    with closing(GraphReader(graph)) as reader:
        assert reader.read(shape, "SELECT 7, ?", '["a", "b"]') == [(7, ["a", "b"])]


@pytest.mark.parametrize(
    "row", ["'7', '[]'", "7.0, '[]'", "NULL, '[]'", "7, '[1]'", "7, '{'", "7", "x'37', 7"]
)
def test_rows_of_another_shape_are_an_error(graph, row):
    shape = TypeAdapter(list[tuple[int, Json[list[str]]]])
    with closing(GraphReader(graph)) as reader, pytest.raises(DataError) as caught:
        reader.read(shape, f"SELECT {row}")
    assert caught.value.kind == "damaged_graph"


def test_what_the_build_noted(graph):
    with closing(GraphReader(graph)) as reader:
        assert (reader.meta.people, reader.meta.papers, reader.meta.synthetic) == (300, 0, False)


def test_damage_found_while_reading_is_an_error(graph):
    content = bytearray(graph.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    graph.write_bytes(content)
    with pytest.raises(DataError) as caught, closing(GraphReader(graph)) as reader:
        reader.rows("SELECT * FROM person")
    assert caught.value.kind == "damaged_graph"
