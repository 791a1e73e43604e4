"""Following values into and out of what a program calls: API functions, its own, Python's."""

import ast
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from herdwick.tools.sandbox.callees import (
    ITEMWISE,
    LAZY,
    MUTATORS,
    PICKING,
    PLAIN,
    builtin_result,
    method_result,
    put,
)
from herdwick.tools.sandbox.chains import SPREAD
from herdwick.tools.sandbox.expressions import ExpressionTracer, constant_key
from herdwick.tools.sandbox.memory import MAX_ROUNDS, Scope, too_entangled
from herdwick.tools.sandbox.values import (
    NOTHING,
    NOWHERE,
    Cell,
    Function,
    Key,
    Site,
    Value,
    join,
    mixture,
    span_of,
)


@dataclass(frozen=True)
class Arguments:
    """What a call passes.

    Attributes:
        given: By position.
        named: By name.
        spread: By `*` or `**`: anything, to any parameter.
    """

    given: tuple[Value, ...] = ()
    named: Mapping[str, Value] = field(default_factory=dict)
    spread: Value = NOTHING

    def every(self) -> list[Value]:
        """All of them, in no order."""
        spread = [] if self.spread is NOTHING else [self.spread]
        return [*self.given, *self.named.values(), *spread]


class CallTracer(ExpressionTracer):
    """An abstract interpreter of expressions and the calls in them."""

    def __init__(self, tree: ast.Module, functions: Iterable[str]) -> None:
        super().__init__(tree, frozenset(functions))
        self._returned: list[Value] = []

    @abstractmethod
    def block(self, statements: Iterable[ast.stmt]) -> None:
        """Follow statements."""

    def call(self, node: ast.Call) -> Value:
        """What is known about the result of a call."""
        if isinstance(node.func, ast.Name) and node.func.id in self._functions:
            return self._api_call(node, node.func.id)
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        callee = self.value(node.func)
        passed = self._arguments(node)
        if callee.functions:
            return join(*(self._own_call(node, function, passed, callee) for function in callee.functions))
        name = self._python_name(node.func) if passed.spread is NOTHING else ""
        if name in PICKING and passed.given:
            self.takes_element(node, passed.given[0])
        given = passed.given if name else (*passed.every(), callee)
        named = passed.named if name else {}
        result = builtin_result(name, given, named, self._apply(node, name, passed))
        return self._returned_by(node, result, name, given)

    def _python_name(self, callee: ast.expr) -> str:
        """What a function is called in Python, if the program has not made that name its own."""
        if not isinstance(callee, ast.Name) or self._bound[callee.id] > 1:
            return ""
        return self._imported.get(callee.id, "") if self._bound[callee.id] else callee.id

    def _returned_by(self, node: ast.Call, result: Value, name: str, sources: Iterable[Value]) -> Value:
        if name in PLAIN:
            return result
        inside = Cell(span_of(node), self._path, level=1)
        returned = self.new(node, replace(result, inner=result.inner | {inside}))
        if name in LAZY:
            self.follow(returned, *sources)
        return returned

    def _arguments(self, node: ast.Call) -> Arguments:
        given = [(argument, self.value(argument)) for argument in node.args]
        named = [(keyword.arg, self.value(keyword.value)) for keyword in node.keywords]
        spread = [value for argument, value in given if isinstance(argument, ast.Starred)]
        spread += [value.item() for name, value in named if name is None]
        return Arguments(
            tuple(value for argument, value in given if not isinstance(argument, ast.Starred)),
            {name: value for name, value in named if name is not None},
            join(*spread, Value()) if spread else NOTHING,
        )

    def _api_call(self, node: ast.Call, name: str) -> Value:
        arguments: list[tuple[Key, ast.expr]] = [
            (SPREAD if isinstance(argument, ast.Starred) else index, argument)
            for index, argument in enumerate(node.args)
        ]
        arguments += [(keyword.arg or SPREAD, keyword.value) for keyword in node.keywords]
        site = Site(name, node.lineno, span_of(node), self._path)
        values = [(key, self.value(argument)) for key, argument in arguments]
        fed = self.feeds.setdefault(site, {})
        for key, value in values:
            fed[key] = fed.get(key, NOWHERE) | self._heap.origins(value)
        self.literals[site] = {
            key: argument.value for key, argument in arguments if isinstance(argument, ast.Constant)
        }
        return self._result_of(site)

    def _result_of(self, site: Site) -> Value:
        """A list of records, each a container of its own; what is in those is not told apart."""
        origins = frozenset({site})
        top, record, deeper = (frozenset({Cell(site.span, site.path, level)}) for level in range(3))
        part = Value(origins, cells=deeper, inner=deeper)
        return Value(origins, origins, items=Value(origins, items=part, cells=record), cells=top)

    def _method(self, node: ast.Call, method: ast.Attribute) -> Value:
        base = self.value(method.value)
        passed = self._arguments(node)
        name = method.attr
        if name in ("get", "setdefault") and passed.given and passed.spread is NOTHING:
            return self._get(node, base, passed)
        if name in MUTATORS:
            added = [*passed.given, *([] if passed.spread is NOTHING else [passed.spread])]
            self.put(base, put(name, added, passed.named), node)
            return NOTHING
        given = (base, *passed.every())
        applied = self._apply(node, name, replace(passed, given=(base, *passed.given)))
        return self._returned_by(node, method_result(name, given, {}, applied), name, given)

    def _get(self, node: ast.Call, base: Value, passed: Arguments) -> Value:
        defaults = join(*passed.given[1:], *passed.named.values())
        key = constant_key(node.args[0])
        if isinstance(node.func, ast.Attribute) and node.func.attr == "setdefault":
            self.put(base, self._stored(node.args[0], defaults), node)
        return join(base.item() if key is None else base.field(key), defaults)

    def keep_defaults(self, function: Function) -> None:
        """Look at the default arguments of a function that is being defined."""
        arguments = function.args
        positional = [*arguments.posonlyargs, *arguments.args]
        pairs = [
            *zip(reversed(positional), reversed(arguments.defaults), strict=False),
            *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
        ]
        for argument, default in pairs:
            if default is not None:
                self._heap.add((function, argument.arg), self.value(default))

    def _own_call(self, node: ast.Call, function: Function, passed: Arguments, callee: Value) -> Value:
        """Call a function of the program; `callee` may hold arguments, as of `partial`."""
        bound = replace(mixture(callee), functions=())
        if bound != NOTHING:
            passed = replace(passed, spread=join(passed.spread, bound, Value()))
        return self._run(node, function, self._parameters(node, function, passed))

    def _parameters(self, node: ast.Call, function: Function, passed: Arguments) -> Scope:
        arguments = function.args
        positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        names = [*positional, *(argument.arg for argument in arguments.kwonlyargs)]
        local = {name: self._heap.get((function, name)) for name in names}
        local |= dict(zip(positional, passed.given, strict=False))
        local |= {name: value for name, value in passed.named.items() if name in local}
        surplus = list(passed.given[len(positional) :])
        keywords = [Value(fields={name: value}) for name, value in passed.named.items() if name not in local]
        if passed.spread is not NOTHING:
            # Arguments may have shifted.
            anything = join(*passed.every())
            local = {name: join(value, anything) for name, value in local.items()}
            surplus.append(anything)
            keywords.append(Value(items=anything))
        if arguments.vararg:
            local[arguments.vararg.arg] = Value(items=join(*surplus))
        if arguments.kwarg:
            local[arguments.kwarg.arg] = self.new(node, join(*keywords))
        return local

    def _apply(self, node: ast.Call, name: str, passed: Arguments) -> Value:
        """Run the functions passed to a built-in, as `key` or first argument, on what it may give them."""
        values = passed.every()
        functions = dict.fromkeys(function for value in values for function in mixture(value).functions)
        if not functions:
            return NOTHING
        items = [value.item() for value in values]
        alone = name in ITEMWISE and (name not in PICKING or len(passed.given) == 1)
        results: list[Value] = []

        def once() -> None:
            item = replace(join(*items), whole=NOWHERE)
            anything = item if alone else replace(join(item, *values, *results), whole=NOWHERE)
            for function in functions:
                names = [arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)]
                local = dict.fromkeys(names, item if name == "reduce" else anything)
                # The first is what the function returned before.
                local |= dict.fromkeys(names[:1], anything)
                results.append(self._run(node, function, local))

        known = None
        while known is None or join(*results) != known:
            known = join(*results)
            self.settle(once)
        return known

    def _run(self, node: ast.Call, function: Function, local: Scope) -> Value:
        """The result of a function of the program for these parameters."""
        passed_key, result_key = ("passed", function), ("result", function)
        if function in self._active:
            fields: dict[Key, Value] = dict(local.items())
            self._heap.add(passed_key, Value(fields=fields))
            return self._heap.get(result_key)
        for _ in range(MAX_ROUNDS):
            again = self._heap.get(passed_key)
            result = self._run_once(
                node, function, {name: join(value, again.field(name)) for name, value in local.items()}
            )
            if self._heap.get(passed_key) == NOTHING:
                return result
            known = self._heap.get(result_key)
            self._heap.add(result_key, result)
            if self._heap.get(passed_key) is again and self._heap.get(result_key) is known:
                return result
        raise too_entangled()

    def _run_once(self, node: ast.Call, function: Function, local: Scope) -> Value:
        outer, outer_returned, outer_path = dict(self._scope), self._returned, self._path
        recorder: Scope = {}
        self._scope, self._returned, self._path = dict(outer), [], (*outer_path, span_of(node))
        self._active.append(function)
        self.count(len(local) + len(outer))
        if self._declared:
            self._recorders.append(recorder)
        for name, value in local.items():
            self.assign(name, value)
        if isinstance(function, ast.Lambda):
            self._returned.append(self.value(function.body))
        else:
            self.block(function.body)
        if self._declared:
            self._recorders.pop()
        self._active.pop()
        result = join(*self._returned)
        own = self.own(function)
        # A function may return before it changes a variable again.
        changed = {
            name: join(value, recorder.get(name, NOTHING))
            for name, value in self._scope.items()
            if name not in own
        }
        self._scope, self._returned, self._path = {**outer, **changed}, outer_returned, outer_path
        return result
