"""Graphs of small dumps, kept in the user's cache."""

import gzip
import json
from contextlib import closing

import pytest

from herdwick.tools.aminer.local.dump_graph import dump_graph
from herdwick.tools.aminer.local.store import LocalBackend
from herdwick.tools.errors import DataError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "cache" / name)
    return tmp_path / "cache" / "herdwick"


@pytest.fixture
def dump(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    write(folder, "authors", {"id": "a1", "name": "Ada Quill"})
    write(folder, "papers", {"id": "p1", "title": "On Reeds", "authors": [{"id": "a1", "name": "Ada Quill"}]})
    write(folder, "relations")
    return folder


def write(folder, kind, *rows):
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / f"{kind}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))


def people_in(graph):
    with closing(LocalBackend(graph)) as backend:
        return backend.data()["records"]["people"]


def test_it_is_built_below_its_name_once(dump, cache):
    graph = dump_graph(dump, "suites/small")
    built = graph.stat().st_mtime_ns
    assert graph.parent == cache / "suites"
    assert graph.name.startswith("small-")
    assert dump_graph(dump, "suites/small") == graph
    assert graph.stat().st_mtime_ns == built


def test_another_dump_is_another_graph(dump):
    first = dump_graph(dump, "small")
    write(dump, "authors", {"id": "a1", "name": "Ada Quill"}, {"id": "a2", "name": "Bo Lind"})
    second = dump_graph(dump, "small")
    assert first != second
    assert (people_in(first), people_in(second)) == (1, 2)


def test_a_damaged_graph_is_built_again(dump):
    dump_graph(dump, "small").write_bytes(b"not a graph")
    assert people_in(dump_graph(dump, "small")) == 1


def test_a_dump_that_is_not_complete_is_an_error(dump):
    (dump / "papers.jsonl.gz").unlink()
    with pytest.raises(DataError) as caught:
        dump_graph(dump, "small")
    assert caught.value.kind == "missing_dump"
    assert "0 files of papers" in caught.value.message


def test_a_dump_that_cannot_be_read_is_an_error(dump):
    (dump / "papers.jsonl.gz").unlink()
    (dump / "papers.jsonl.gz").mkdir()
    with pytest.raises(DataError) as caught:
        dump_graph(dump, "small")
    assert caught.value.kind == "unreadable_dump"


def test_a_cache_folder_that_cannot_be_made_is_an_error(dump, cache):
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be")
    with pytest.raises(DataError) as caught:
        dump_graph(dump, "suites/small")
    assert caught.value.kind == "no_cache_folder"
