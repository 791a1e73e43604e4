"""Where a value comes from: the abstract values that `dataflow` computes with.

    pair = Value(fields={0: Value(origins=frozenset({site})), 1: NOTHING})
    Value(items=pair).item().field(0).all_origins()     # {site}

A value is a small tree. What a call returned is a leaf with that call as origin, whatever is inside it; what
the program builds itself has branches: one for each constant key, and one for all other elements. Lists,
dicts and all that can change carry *cells*, the places of the program that made them; what is put into them
later stands in the `Heap`, so that it is seen through every name they have.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

Key = str | int
Span = tuple[int, int, int, int]
Function = ast.FunctionDef | ast.Lambda

MAX_DEPTH = 6
"""Nesting up to which branches are told apart; below it all origins are merged."""

MAX_SIZE = 150
"""Branches, of all depths, that one value can have; beyond it all origins are merged."""


@dataclass(frozen=True)
class Site:
    """A call of an API function, at one place of a program.

    A call inside a function of the program is a site of its own for every place the function is called from.

    Attributes:
        function: The API function.
        line: Line of the call, counted from 1.
        span: Position of the call expression in the source, as `ast` gives it.
        path: Positions of the calls of the program's own functions that lead here, outermost first.
    """

    function: str
    line: int
    span: Span
    path: tuple[Span, ...] = ()


class Cell(NamedTuple):
    """A container that can change, named by the expression that made it.

    Attributes:
        span: Position of the expression.
        path: As in `Site`.
        level: How deep inside what the expression made: a call can return a whole tree.
    """

    span: Span
    path: tuple[Span, ...]
    level: int = 0


Origins = frozenset[Site]
Cells = frozenset[Cell]
NOWHERE: Origins = frozenset()
NO_CELLS: Cells = frozenset()


@dataclass(frozen=True)
class Value:
    """What is known about a value.

    Attributes:
        origins: Calls whose results it, or anything in it, was taken from.
        whole: Calls whose lists have as many elements as this one, so that it is empty when they are.
        fields: Values under constant keys.
        items: The elements under all other keys, in one.
        functions: Functions of the program that it, or anything in it, may be.
        cells: Containers that it may be.
        inner: Containers that may be in it, at places not told apart.
    """

    origins: Origins = NOWHERE
    whole: Origins = NOWHERE
    fields: Mapping[Key, "Value"] = field(default_factory=dict)
    items: "Value | None" = None
    functions: tuple[Function, ...] = ()
    cells: Cells = NO_CELLS
    inner: Cells = NO_CELLS

    @cached_property
    def size(self) -> int:
        """Nodes of the tree."""
        return 1 + sum(branch.size for branch in self._branches())

    @cached_property
    def depth(self) -> int:
        """Nesting of the tree; 0 for a leaf."""
        return max((1 + branch.depth for branch in self._branches()), default=0)

    def nodes(self) -> Iterator["Value"]:
        """The value and everything told apart in it."""
        yield self
        for branch in self._branches():
            yield from branch.nodes()

    def all_origins(self) -> Origins:
        """The origins of everything in it."""
        return NOWHERE.union(*(node.origins for node in self.nodes()))

    def all_cells(self) -> Cells:
        """The containers that it or anything in it may be."""
        return NO_CELLS.union(*(node.cells | node.inner for node in self.nodes()))

    def item(self) -> "Value":
        """An element under an unknown key."""
        return join(self.below(), *self._branches())

    def field(self, key: Key) -> "Value":
        """The element under a constant key."""
        if key in self.fields:
            return join(self.below(), self.items or NOTHING, self.fields[key])
        # A field of an API record, or else a dict behind a key we could not follow.
        if isinstance(key, str) and (self.origins or self.items):
            return join(self.below(), self.items or NOTHING)
        return self.item()

    def contents(self) -> "Value":
        """A new container of the same elements, perhaps in another order."""
        items = join(*self._branches()) if self.fields else self.items
        return replace(self, fields={}, items=items, cells=NO_CELLS)

    def merged(self) -> "Value":
        """The same value with nothing told apart in it."""
        below = NO_CELLS.union(*(branch.all_cells() for branch in self._branches()))
        return Value(
            origins=self.all_origins(),
            whole=self.whole,
            functions=self._all_functions(),
            cells=self.cells,
            inner=self.inner | below,
        )

    def below(self) -> "Value":
        """What is known about everything in it that is not told apart, the keys of a dict included."""
        return Value(self.origins, functions=self.functions, cells=self.inner, inner=self.inner)

    def _branches(self) -> Iterator["Value"]:
        yield from self.fields.values()
        if self.items is not None:
            yield self.items

    def _all_functions(self) -> tuple[Function, ...]:
        return tuple(dict.fromkeys(function for node in self.nodes() for function in node.functions))

    def covers(self, branch: "Value") -> bool:
        """Whether a branch says no more than what is known about everything in the value."""
        return (
            branch.size == 1
            and not branch.whole
            and branch.origins <= self.origins
            and branch.cells | branch.inner <= self.inner
            and set(branch.functions) <= set(self.functions)
        )


def span_of(node: ast.expr | ast.stmt) -> Span:
    """Position of an expression, as in `Site.span`."""
    return (node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)


def join(*values: Value) -> Value:
    """A value that may be any of `values`."""
    return _bounded(_joined(values))


def mixture(*values: Value) -> Value:
    """A value that may be any of `values`, anything in them, or made of them."""
    joined = join(*values).merged()
    cells = joined.all_cells()
    return replace(joined, whole=NOWHERE, cells=cells, inner=cells)


def _joined(values: tuple[Value, ...]) -> Value:
    known = list({id(value): value for value in values if value is not NOTHING}.values())
    if len(known) <= 1:
        return known[0] if known else NOTHING
    keys = dict.fromkeys(key for value in known for key in value.fields)
    items = tuple(value.items for value in known if value.items is not None)
    return _pruned(
        Value(
            origins=NOWHERE.union(*(value.origins for value in known)),
            whole=NOWHERE.union(*(value.whole for value in known)),
            fields={key: _joined(tuple(v.fields[key] for v in known if key in v.fields)) for key in keys},
            items=_joined(items) if items else None,
            functions=tuple(dict.fromkeys(function for value in known for function in value.functions)),
            cells=NO_CELLS.union(*(value.cells for value in known)),
            inner=NO_CELLS.union(*(value.inner for value in known)),
        )
    )


def _pruned(value: Value) -> Value:
    """The value without branches that tell nothing, so that values built in a loop settle."""
    if not value.origins:
        return value
    fields = {key: branch for key, branch in value.fields.items() if not value.covers(branch)}
    items = None if value.items is None or value.covers(value.items) else value.items
    return replace(value, fields=fields, items=items)


def _bounded(value: Value) -> Value:
    if value.size > MAX_SIZE:
        return value.merged()
    return _cut(value, MAX_DEPTH) if value.depth > MAX_DEPTH else value


def _cut(value: Value, depth: int) -> Value:
    if depth == 0:
        return value.merged()
    fields = {key: _cut(branch, depth - 1) for key, branch in value.fields.items()}
    return replace(value, fields=fields, items=value.items and _cut(value.items, depth - 1))


NOTHING = Value()
"""The value that no call had a part in."""
