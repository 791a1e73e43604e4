"""Containers that change after they were made."""

from herdwick.tools.sandbox.heap import Heap
from herdwick.tools.sandbox.values import NOTHING, Cell, Site, Value

SITE = Site("find", 1, (1, 0, 1, 1))
FOUND = Value(frozenset({SITE}))
OUTER, INNER = Cell((1, 0, 1, 1), ()), Cell((2, 0, 2, 1), ())


def heap() -> Heap:
    return Heap(lambda _nodes: None)


def test_what_is_put_into_a_container_is_read_from_every_alias():
    changed = heap()
    changed.put({INNER}, Value(items=FOUND))
    assert changed.read(Value(cells=frozenset({INNER}))).item() == FOUND
    assert changed.read(Value(cells=frozenset({OUTER}))) == Value(cells=frozenset({OUTER}))


def test_origins_are_those_of_all_containers_inside():
    changed = heap()
    changed.put({OUTER}, Value(items=Value(cells=frozenset({INNER}))))
    changed.put({INNER}, Value(items=FOUND))
    assert changed.origins(Value(cells=frozenset({OUTER}))) == {SITE}


def test_container_in_itself_is_read_once():
    changed = heap()
    changed.put({OUTER}, Value(items=Value(cells=frozenset({OUTER}))))
    assert changed.origins(Value(cells=frozenset({OUTER}))) == frozenset()


def test_version_tells_whether_anything_is_new():
    changed = heap()
    changed.add("key", FOUND)
    version = changed.version
    changed.add("key", FOUND)
    assert changed.version == version
    assert changed.get("other") is NOTHING


def test_work_is_charged():
    work: list[int] = []
    charged = Heap(work.append)
    charged.origins(Value(fields={0: FOUND, 1: FOUND}))
    assert sum(work) == 3
