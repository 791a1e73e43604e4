"""Following values through the expressions of a program; `invocations` and `dataflow` build on it.

Conditions are looked into, for the calls they make, but lend their value no origin: who is asked about does
not change by being filtered.
"""

import ast
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from herdwick.tools.sandbox.memory import Memory
from herdwick.tools.sandbox.values import (
    NO_CELLS,
    NOTHING,
    NOWHERE,
    Function,
    Key,
    Origins,
    Site,
    Span,
    Value,
    join,
    mixture,
    span_of,
)


class ExpressionTracer(Memory, ABC):
    """An abstract interpreter of expressions.

    Args:
        tree: The whole program.
        functions: Names of the API functions.

    Attributes:
        feeds: For each call met, what fed its arguments, by position or name.
        literals: For each call met, its constant arguments.
        emptied_by: For each expression that takes an element, the calls that can leave it none.
    """

    def __init__(self, tree: ast.Module, functions: Collection[str]) -> None:
        super().__init__(tree)
        self.feeds: dict[Site, dict[Key, Origins]] = {}
        self.literals: dict[Site, Mapping[Key, object]] = {}
        self.emptied_by: dict[Span, Origins] = {}
        self._functions = functions

    @abstractmethod
    def call(self, node: ast.Call) -> Value:
        """What is known about the result of a call."""

    @abstractmethod
    def keep_defaults(self, function: Function) -> None:
        """Look at the default arguments of a function that is being defined."""

    def value(self, node: ast.expr) -> Value:
        """What is known about the value of an expression."""
        found = self._heap.read(self._expression(node))
        self.count(found.size + len(found.origins) // 8)
        return found

    def _expression(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return NOTHING
            case ast.Name():
                return self.variable(node.id)
            case ast.Call():
                return self.call(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
            case ast.Dict():
                return self._dict(node)
            case ast.List() | ast.Set() | ast.Tuple():
                return self._display(node)
            case ast.IfExp():
                self.value(node.test)
                return join(self.value(node.body), self.value(node.orelse))
            case ast.BoolOp():
                return join(*map(self.value, node.values))
            case ast.NamedExpr():
                bound = self.value(node.value)
                self.bind(node.target, bound)
                return bound
            case ast.Lambda():
                self.keep_defaults(node)
                return Value(functions=(node,))
            case _:
                return self._other(node)

    def bind(self, target: ast.expr, value: Value) -> None:
        """Give an assignment's target its value."""
        match target:
            case ast.Name():
                self.assign(target.id, value)
            case ast.Tuple() | ast.List():
                self._unpack(target, self._heap.read(value))
            case ast.Subscript():
                container = self.value(target.value)
                self.put(container, self._stored(target.slice, value), target)
            case _:
                self.value(target)

    def _unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        counted = True
        for index, item in enumerate(target.elts):
            if isinstance(item, ast.Starred):
                counted = False
                self.bind(item.value, self.new(item, Value(items=value.item())))
            else:
                self.bind(item, value.field(index) if counted else value.item())

    def _stored(self, key_node: ast.expr, value: Value) -> Value:
        """What storing a value under a key adds to a container."""
        if isinstance(key_node, ast.Slice):
            self._other(key_node)
            return value.contents()
        key = constant_key(key_node)
        # Elements of lists move, so that numbers say nothing.
        if isinstance(key, str):
            return Value(fields={key: value})
        return Value(self._heap.origins(self.value(key_node)), items=value)

    def _other(self, node: ast.expr) -> Value:
        children = [self.value(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        if isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            return NOTHING
        if isinstance(node, ast.BinOp):
            return self.new(node, join(*(child.contents() for child in children)))
        if isinstance(node, ast.Starred):
            return children[0].item()
        if isinstance(node, ast.JoinedStr | ast.FormattedValue):
            return Value(NOWHERE.union(*map(self._heap.origins, children)))
        return mixture(*children)

    def _display(self, node: ast.List | ast.Set | ast.Tuple) -> Value:
        items = list(map(self.value, node.elts))
        if isinstance(node, ast.Tuple) and not any(isinstance(item, ast.Starred) for item in node.elts):
            return join(Value(fields=dict(enumerate(items))))
        return self.new(node, Value(items=join(*items)) if items else NOTHING)

    def _dict(self, node: ast.Dict) -> Value:
        parts: list[Value] = []
        for key_node, item in zip(node.keys, node.values, strict=True):
            value = self.value(item)
            if key_node is None:
                parts.append(replace(value, cells=NO_CELLS))
            elif (key := constant_key(key_node)) is not None:
                parts.append(Value(fields={key: value}))
            else:
                parts.append(Value(self._heap.origins(self.value(key_node)), items=value))
        return self.new(node, join(*parts))

    def _subscript(self, node: ast.Subscript) -> Value:
        base = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            self._other(node.slice)
            part = base.contents()
            return self.new(node, part if node.slice.lower is None else replace(part, whole=NOWHERE))
        index = self.value(node.slice)
        key = constant_key(node.slice)
        if not isinstance(key, str):
            self.takes_element(node, base)
        taken = base.item() if key is None else base.field(key)
        # Looked up in a table of constants, a value is but another spelling of its key.
        return taken if taken != NOTHING else Value(self._heap.origins(index))

    def takes_element(self, node: ast.expr, container: Value) -> None:
        """Note that an expression fails when a container is empty."""
        span = span_of(node)
        self.emptied_by[span] = self.emptied_by.get(span, NOWHERE) | container.whole

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        outer = dict(self._scope)
        targets: set[str] = set()
        found: list[Value] = []

        def once() -> None:
            whole = self._generate(node.generators, targets)
            if isinstance(node, ast.DictComp):
                content = Value(self._heap.origins(self.value(node.key)), whole, items=self.value(node.value))
            else:
                content = Value(whole=whole, items=self.value(node.elt))
            found.append(content)

        self.settle(once)
        inner = {name: value for name, value in self._scope.items() if name not in targets}
        self._scope = {**inner, **{name: outer[name] for name in targets if name in outer}}
        return self.new(node, join(*found))

    def _generate(self, generators: list[ast.comprehension], targets: set[str]) -> Origins:
        """Follow the loops of a comprehension; returns the calls that leave it as empty as they are."""
        sources: list[Value] = []
        for generator in generators:
            sources.append(self.value(generator.iter))
            self.bind(generator.target, sources[-1].item())
            targets.update(_names_in(generator.target))
            for condition in generator.ifs:
                self.value(condition)
        return NOWHERE if len(sources) > 1 or generators[0].ifs else sources[0].whole


def constant_key(node: ast.expr) -> Key | None:
    """The key that a subscript is written with, if it is a constant."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str | int) else None


def _names_in(target: ast.expr) -> Iterator[str]:
    return (name.id for name in ast.walk(target) if isinstance(name, ast.Name))
