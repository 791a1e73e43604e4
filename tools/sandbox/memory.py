"""What a tracer knows while it follows a program: variables, containers, and how much work it was.

memory = Memory(tree)
memory.assign("hits", memory.new(node, Value(origins=frozenset({site}))))
memory.variable("hits")
"""

import ast
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from herdwick.tools.sandbox.captures import declared_names, imported_names, own_names, shared_names
from herdwick.tools.sandbox.contract import ProgramFailure
from herdwick.tools.sandbox.heap import Heap
from herdwick.tools.sandbox.source import bound_names
from herdwick.tools.sandbox.values import NOTHING, Cell, Function, Span, Value, join, mixture, span_of

Scope = dict[str, Value]

MAX_STEPS = 20_000
"""Steps, one a node of every value looked at, before a program is refused as too entangled: a third of a
second; usual ones need below 1,000."""

MAX_CALL_DEPTH = 8
"""Functions of the program calling each other, beyond which it is refused as too entangled."""

MAX_ROUNDS = 12
"""Rounds through a loop; values settle in two or three unless the program passes them round in circles."""


class Memory:
    """Variables and containers at one point of a program.

    Args:
        tree: The whole program.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._bound = Counter(bound_names(tree))
        self._imported = imported_names(tree)
        self._shared = shared_names(tree)
        self._declared = declared_names(tree)
        self._heap = Heap(self.count)
        self._followers: dict[Cell, set[Cell]] = {}
        self._scope: Scope = {}
        self._recorders: list[Scope] = []
        self._path: tuple[Span, ...] = ()
        self._active: list[Function] = []
        self._own: dict[Function, frozenset[str]] = {}
        self._steps = 0

    def variable(self, name: str) -> Value:
        """What is known about the value of a variable."""
        known = self._scope.get(name, NOTHING)
        if name not in self._shared:
            return known
        if self._active and name in self.own(self._active[-1]) and name not in self._declared:
            return known
        return join(known, self._heap.get(name))

    def own(self, function: Function) -> frozenset[str]:
        """Names that are local to a function."""
        if function not in self._own:
            self._own[function] = own_names(function)
        return self._own[function]

    def assign(self, name: str, value: Value) -> None:
        """Give a variable its value."""
        self._scope[name] = value
        if name in self._shared:
            self._heap.add(name, value)
        for recorder in self._recorders:
            recorder[name] = join(recorder.get(name, NOTHING), value)

    def put(self, container: Value, content: Value, node: ast.expr | ast.stmt) -> None:
        """Add content to a container, through whatever name.

        Raises:
            ProgramFailure: Nobody knows which container it is.
        """
        if not container.cells and mixture(content) != NOTHING:
            raise ProgramFailure(
                "forbidden",
                f"line {node.lineno}: what is changed here cannot be followed.",
                "Fill a list or dict in the function that makes it, under its own name.",
            )
        self._heap.put(container.cells, content)
        changed = Value(self._heap.origins(content), inner=content.all_cells())
        for cell in container.cells:
            self._heap.put(self._followers.get(cell, ()), changed)

    def follow(self, result: Value, *sources: Value) -> None:
        """Note that a result changes when any of its sources does."""
        for cell in {cell for source in sources for cell in source.cells}:
            self._followers.setdefault(cell, set()).update(result.cells)

    def new(self, node: ast.expr | ast.stmt, content: Value) -> Value:
        """A container made by an expression, or what a call returned."""
        top = Cell(span_of(node), self._path)
        return replace(content, cells=content.cells | {top})

    def count(self, steps: int) -> None:
        """Note that work was done.

        Raises:
            ProgramFailure: It is too much.
        """
        self._steps += steps
        if self._steps > MAX_STEPS or len(self._active) > MAX_CALL_DEPTH:
            raise too_entangled()

    def settle(self, body: Callable[[], None]) -> None:
        """Repeat what a program may repeat until nothing new is learned from it."""
        for _ in range(MAX_ROUNDS):
            before, version = dict(self._scope), self._heap.version
            body()
            self._scope = self.join_scopes(before, self._scope)
            if self._heap.version == version and self._scope == before:
                return
        raise too_entangled()

    def join_scopes(self, first: Scope, *others: Scope) -> Scope:
        """The variables after any of several ways through the program."""
        joined = dict(first)
        for scope in others:
            for name, value in scope.items():
                known = joined.get(name, value)
                if known is not value:
                    joined[name] = join(known, value)
                    self.count(joined[name].size)
                else:
                    joined[name] = value
        return joined


def too_entangled() -> ProgramFailure:
    """The refusal of a program that takes too long to follow."""
    return ProgramFailure(
        "forbidden",
        "The program's functions and loops are too entangled to be checked.",
        "Write a shorter, flatter program.",
    )
