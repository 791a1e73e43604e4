"""Following values through the expressions of a program; `dataflow` adds the statements.

Conditions are looked into, for the calls they make, but lend their value no origin: who is asked about does
not change by being filtered.
"""

import ast
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping

from herdwick.tools.sandbox.callees import MUTATORS, PICKING, builtin_result, method_result
from herdwick.tools.sandbox.contract import ProgramFailure
from herdwick.tools.sandbox.values import (
    NOTHING,
    NOWHERE,
    Function,
    Key,
    Origins,
    Site,
    Span,
    Value,
    bounded,
    join,
)

Scope = dict[str, Value]

MAX_STEPS = 20_000
"""Steps before a program is refused as too entangled, about half a second; usual ones need below 500."""

MAX_CALL_DEPTH = 8
"""Functions of the program calling each other, beyond which it is refused as too entangled."""


class ExpressionTracer(ABC):
    """An abstract interpreter of expressions.

    Attributes:
        feeds: For each call met, what fed its arguments.
        literals: For each call met, its constant arguments.
        emptied_by: For each expression that takes an element, the calls that can leave it none.
    """

    def __init__(self, functions: Collection[str]) -> None:
        self.feeds: dict[Site, Origins] = {}
        self.literals: dict[Site, Mapping[int | str, object]] = {}
        self.emptied_by: dict[Span, Origins] = {}
        self._functions = functions
        self._scope: Scope = {}
        self._path: tuple[Span, ...] = ()
        self._active: list[Function] = []
        self._returned: list[Value] = []
        self._changed_items: set[str] = set()
        self._steps = 0

    @abstractmethod
    def block(self, statements: Iterable[ast.stmt]) -> None:
        """Follow statements."""

    def value(self, node: ast.expr) -> Value:
        """What is known about the value of an expression."""
        self._count(1)
        match node:
            case ast.Constant():
                return NOTHING
            case ast.Name():
                return self._scope.get(node.id, NOTHING)
            case ast.Call():
                return self._call(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
            case ast.Dict():
                return self._dict(node)
            case ast.Tuple() if not any(isinstance(item, ast.Starred) for item in node.elts):
                return bounded(Value(fields=dict(enumerate(map(self.value, node.elts)))))
            case ast.IfExp():
                self.value(node.test)
                return join(self.value(node.body), self.value(node.orelse))
            case ast.BoolOp():
                return join(*map(self.value, node.values))
            case ast.NamedExpr():
                bound = self.value(node.value)
                self.bind(node.target, bound)
                return bound
            case ast.Starred():
                return self.value(node.value)
            case ast.Lambda():
                return Value(functions=(node,))
            case _:
                return self._other(node)

    def bind(self, target: ast.expr, value: Value) -> None:
        """Give an assignment's target its value."""
        match target:
            case ast.Name():
                self._scope[target.id] = value
            case ast.Tuple() | ast.List():
                for index, item in enumerate(target.elts):
                    self.bind(item, value.field(index))
            case ast.Starred():
                self.bind(target.value, value)
            case ast.Subscript():
                self._bind_item(target, value)
            case _:
                self.value(target)

    def _bind_item(self, target: ast.Subscript, value: Value) -> None:
        base = self.value(target.value)
        key = constant_key(target.slice)
        if key is not None:
            changed = base.with_field(key, value)
        else:
            changed = join(base, value.element(), self._other(target.slice).flat())
        self._change(target.value, changed)

    def _change(self, container: ast.expr, value: Value) -> None:
        if isinstance(container, ast.Name):
            self._changed_items.add(container.id)
        if isinstance(container, ast.Name | ast.Subscript):
            self.bind(container, value)

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS or len(self._active) > MAX_CALL_DEPTH:
            raise ProgramFailure(
                "forbidden",
                "The program's functions and loops are too entangled to be checked.",
                "Write a shorter, flatter program.",
            )

    def _other(self, node: ast.expr) -> Value:
        children = [self.value(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        if isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            return NOTHING
        joined = join(*children).element()
        return joined if isinstance(node, ast.List | ast.Set | ast.BinOp | ast.Tuple) else joined.flat()

    def _dict(self, node: ast.Dict) -> Value:
        fields: dict[Key, Value] = {}
        rest: list[Value] = []
        for key_node, item in zip(node.keys, node.values, strict=True):
            key = constant_key(key_node) if key_node else None
            if key is not None:
                fields[key] = self.value(item)
            else:
                rest.append(self.value(item).element())
                rest.append(self.value(key_node).flat() if key_node else NOTHING)
        return join(bounded(Value(fields=fields)), *rest)

    def _subscript(self, node: ast.Subscript) -> Value:
        base = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            self._other(node.slice)
            return base if node.slice.lower is None else base.element()
        self.value(node.slice)
        key = constant_key(node.slice)
        if not isinstance(key, str):
            self._takes_element(node, base)
        return (base if key is None else base.field(key)).element()

    def _takes_element(self, node: ast.expr, container: Value) -> None:
        span = span_of(node)
        self.emptied_by[span] = self.emptied_by.get(span, NOWHERE) | container.whole

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        outer = dict(self._scope)
        targets: set[str] = set()
        sources: list[Value] = []
        for generator in node.generators:
            sources.append(self.value(generator.iter))
            self.bind(generator.target, sources[-1].element())
            targets.update(name.id for name in ast.walk(generator.target) if isinstance(name, ast.Name))
            for condition in generator.ifs:
                self.value(condition)
        if isinstance(node, ast.DictComp):
            result = join(self.value(node.key).flat(), self.value(node.value)).element()
        else:
            result = self.value(node.elt).element()
        inner = {name: value for name, value in self._scope.items() if name not in targets}
        self._scope = {**inner, **{name: outer[name] for name in targets if name in outer}}
        if len(sources) > 1 or node.generators[0].ifs:
            return result
        return Value(result.origins, sources[0].whole, result.fields, result.functions)

    def _call(self, node: ast.Call) -> Value:
        if isinstance(node.func, ast.Name) and node.func.id in self._functions:
            return self._api_call(node, node.func.id)
        given = [self.value(argument) for argument in node.args]
        named = {keyword.arg or "": self.value(keyword.value) for keyword in node.keywords}
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func, given, named)
        if functions := self.value(node.func).functions:
            return join(*(self._own_function(node, function, given, named) for function in functions))
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in PICKING and given:
            self._takes_element(node, given[0])
        return builtin_result(name, given, named, self._apply(node, [*given, *named.values()]))

    def _api_call(self, node: ast.Call, name: str) -> Value:
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        keys = [*range(len(node.args)), *(keyword.arg or "" for keyword in node.keywords)]
        origins = NOWHERE.union(*(self.value(argument).all_origins() for argument in arguments))
        site = Site(name, node.lineno, span_of(node), self._path)
        self.feeds[site] = self.feeds.get(site, NOWHERE) | origins
        self.literals[site] = {
            key: argument.value
            for key, argument in zip(keys, arguments, strict=True)
            if isinstance(argument, ast.Constant)
        }
        return Value(frozenset({site}), frozenset({site}))

    def _method(
        self, node: ast.Call, method: ast.Attribute, given: list[Value], named: Mapping[str, Value]
    ) -> Value:
        base = self.value(method.value)
        if method.attr in MUTATORS:
            changed = join(base, *given, *named.values()).element()
            self._change(method.value, changed)
            return changed
        key = constant_key(node.args[0]) if method.attr == "get" and node.args else None
        if key is not None:
            return join(base.field(key), *given[1:]).element()
        applied = self._apply(node, [base, *given, *named.values()])
        return method_result(method.attr, [base, *given], named, applied)

    def _own_function(
        self, node: ast.Call, function: Function, given: list[Value], named: Mapping[str, Value]
    ) -> Value:
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        every = [argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)]
        local = dict.fromkeys(every, NOTHING)
        for name, default in zip(reversed(names), reversed(function.args.defaults), strict=False):
            local[name] = self.value(default)
        local |= dict(zip(names, given, strict=False))
        local |= {name: value for name, value in named.items() if name in local}
        if function.args.vararg:
            local[function.args.vararg.arg] = join(*given[len(names) :])
        return self._run(node, function, local, [*given, *named.values()])

    def _apply(self, node: ast.Call, arguments: list[Value]) -> Value:
        """Run the functions passed to a built-in, as `key` or first argument, on the items passed."""
        items = join(*arguments).element()
        results: list[Value] = []
        for function in items.functions:
            local = {argument.arg: items for argument in function.args.args}
            results.append(self._run(node, function, local, arguments))
        return join(*results)

    def _run(self, node: ast.Call, function: Function, local: Scope, arguments: list[Value]) -> Value:
        if function in self._active:
            return join(*arguments).flat()
        outer, outer_returned, outer_path = dict(self._scope), self._returned, self._path
        self._scope, self._returned, self._path = {**outer, **local}, [], (*outer_path, span_of(node))
        self._active.append(function)
        if isinstance(function, ast.Lambda):
            self._returned.append(self.value(function.body))
        else:
            self.block(function.body)
        self._active.pop()
        result = join(*self._returned)
        own = {*local, *_assigned_in(function)}
        self._count(len(own) + len(outer))
        changed = {name: value for name, value in self._scope.items() if name not in own}
        self._scope, self._returned, self._path = {**outer, **changed}, outer_returned, outer_path
        return result


def span_of(node: ast.expr) -> Span:
    """Position of an expression, as in `Site.span`."""
    return (node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)


def constant_key(node: ast.expr) -> Key | None:
    """The key that a subscript is written with, if it is a constant."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str | int) else None


def _assigned_in(function: Function) -> set[str]:
    nodes = list(ast.walk(function))
    shared = {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored - shared
