"""What a program puts into containers and shared variables after it made them.

    heap.put(hits.cells, Value(items=person))     # hits.append(person)
    heap.read(alias)                              # also sees it, if it may be the same list

Nothing is ever taken out again, so that no order of events can hide a value.
"""

from collections.abc import Callable, Hashable, Iterable

from herdwick.tools.sandbox.values import NOTHING, NOWHERE, Cell, Origins, Value, join


class Heap:
    """Values that are shared between places of a program.

    Args:
        charge: Told how much work was done, in nodes of values.

    Attributes:
        version: Grows whenever anything is added that was not known.
    """

    def __init__(self, charge: Callable[[int], None]) -> None:
        self.version = 0
        self._charge = charge
        self._known: dict[Hashable, Value] = {}

    def get(self, key: Hashable) -> Value:
        """All that was added under a key: a cell, or whatever a tracer keeps."""
        return self._known.get(key, NOTHING)

    def add(self, key: Hashable, value: Value) -> None:
        """Add a value under a key."""
        known = self.get(key)
        joined = join(known, value)
        self._charge(joined.size)
        if joined != known:
            self._known[key] = joined
            self.version += 1

    def put(self, cells: Iterable[Cell], content: Value) -> None:
        """Add content to every container that is one of `cells`."""
        for cell in cells:
            self.add(cell, content)

    def read(self, value: Value) -> Value:
        """The value with what was put into the container it may be."""
        added = [self._known[cell] for cell in value.cells if cell in self._known]
        return join(value, *added) if added else value

    def origins(self, value: Value) -> Origins:
        """The origins of everything in a value and in its containers, at any depth."""
        origins = NOWHERE
        seen: set[Cell] = set()
        pending = [value]
        while pending:
            for node in pending.pop().nodes():
                self._charge(1)
                origins |= node.origins
                cells = (node.cells | node.inner) - seen
                seen |= cells
                pending.extend(self._known[cell] for cell in cells if cell in self._known)
        return origins
