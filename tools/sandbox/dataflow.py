"""Which calls of a program feed which: the ground for comparing a program with a plan.

    flow = trace_calls(ast.parse(program), {"searchPerson", "getCoauthors"})
    flow.plans()        # {("searchPerson", "getCoauthors")}: the longest chains of calls
    flow.emptied_by     # for `hits[0]`: the calls that leave `hits` empty when they find nothing

A call depends on an earlier one when a value the earlier one returned flows into its arguments, through
assignments, loops, comprehensions, lambdas and the program's own functions (which are followed at every place
they are called). Conditions carry no dependency: who is asked about does not change by being filtered.
"""

import ast
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from herdwick.tools.sandbox.contract import ProgramFailure
from herdwick.tools.sandbox.values import NOWHERE, Function, Origins, Site, Value, join
from herdwick.tools.solutions import Plan

Span = tuple[int, int, int, int]
Scope = dict[str, Value]

MAX_STEPS = 200_000
"""Expressions looked at before a program is refused as too entangled; usual programs need below 1,000."""

_MAX_ROUNDS = 12
_NO_ORIGIN = frozenset({"len", "any", "all", "isinstance", "bool", "print", "range"})
_SAME_LENGTH = frozenset({"sorted", "list", "tuple", "reversed", "iter", "set", "frozenset"})
_PICKS_ONE = frozenset({"max", "min", "next"})
_MUTATORS = frozenset({"append", "add", "extend", "update", "insert", "setdefault", "appendleft"})


@dataclass(frozen=True)
class CallFlow:
    """The calls of a program and what feeds them.

    Attributes:
        sites: Every call, in the order it was met.
        feeds: For each call, the calls whose results its arguments were made of.
        literals: For each call, the arguments that are written out as constants, by position or name.
        emptied_by: For the expressions that take an element, the calls that, finding nothing, leave none.
    """

    sites: tuple[Site, ...]
    feeds: Mapping[Site, Origins]
    literals: Mapping[Site, Mapping[int | str, object]]
    emptied_by: Mapping[Span, Origins]

    def circular(self) -> Site | None:
        """A call that feeds itself through a loop, so that its number of hops is not fixed."""
        for site in self.sites:
            reached: set[Site] = set()
            pending = list(self.feeds[site])
            while pending:
                before = pending.pop()
                if before not in reached:
                    reached.add(before)
                    pending.extend(self.feeds[before])
            if site in reached:
                return site
        return None

    def plans(self) -> frozenset[Plan]:
        """The function names along every longest chain of calls; needs a flow that is not circular."""
        chains: dict[Site, frozenset[Plan]] = {}

        def ending_at(site: Site) -> frozenset[Plan]:
            if site not in chains:
                before = _longest(ending_at(feeder) for feeder in self.feeds[site]) or {()}
                chains[site] = frozenset((*plan, site.function) for plan in before)
            return chains[site]

        return _longest(ending_at(site) for site in self.sites)


def _longest(groups: Iterable[frozenset[Plan]]) -> frozenset[Plan]:
    plans: frozenset[Plan] = frozenset().union(*groups)
    longest = max(map(len, plans), default=0)
    return frozenset(plan for plan in plans if len(plan) == longest)


def trace_calls(tree: ast.Module, functions: Collection[str]) -> CallFlow:
    """Follow values through a program.

    Args:
        tree: The program; the constructs that `source` forbids need not be handled.
        functions: Names of the API functions.

    Raises:
        ProgramFailure: The program is too entangled to follow (`forbidden`).
    """
    tracer = _Tracer(functions)
    tracer.block(tree.body)
    return CallFlow(tuple(tracer.feeds), tracer.feeds, tracer.literals, tracer.emptied_by)


def span_of(node: ast.expr) -> Span:
    """Position of an expression, as the keys of `CallFlow.emptied_by`."""
    return (node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)


class _Tracer:
    """An abstract interpreter: one method a kind of statement or expression."""

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

    # Statements

    def block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    self._bind(target, value)
            case ast.AnnAssign(value=ast.expr() as assigned):
                self._bind(node.target, self.value(assigned))
            case ast.AugAssign():
                self._bind(node.target, join(self.value(node.target), self.value(node.value)))
            case ast.For():
                self._for(node)
            case ast.While():
                self._while(node)
            case ast.If():
                self.value(node.test)
                self._branches(lambda: self.block(node.body), lambda: self.block(node.orelse))
            case ast.Try():
                self._try(node)
            case ast.Match():
                self._match(node)
            case ast.FunctionDef():
                self._scope[node.name] = Value(functions=(node,))
            case ast.Return(value=ast.expr() as returned):
                self._returned.append(self.value(returned))
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child)

    def _for(self, node: ast.For) -> None:
        items = self.value(node.iter)

        def once() -> None:
            self._bind(node.target, items.element())
            self.block(node.body)

        self._repeat(once)
        # `for c in cs: c["hit"] = …` changes the elements of `cs` itself.
        if isinstance(node.target, ast.Name) and node.target.id in self._changed_items:
            self._bind(node.iter, join(items, self._scope[node.target.id]))
        self.block(node.orelse)

    def _while(self, node: ast.While) -> None:
        def once() -> None:
            self.value(node.test)
            self.block(node.body)

        self._repeat(once)
        self.block(node.orelse)

    def _repeat(self, body: Callable[[], object]) -> None:
        for _ in range(_MAX_ROUNDS):
            before = dict(self._scope)
            body()
            self._scope = _join_scopes(before, self._scope)
            if self._scope == before:
                return

    def _branches(self, *bodies: Callable[[], object]) -> None:
        start = dict(self._scope)
        ends: list[Scope] = []
        for body in bodies:
            self._scope = dict(start)
            body()
            ends.append(self._scope)
        self._scope = _join_scopes(*ends)

    def _try(self, node: ast.Try) -> None:
        start = dict(self._scope)
        self.block(node.body)
        done = dict(self._scope)
        self._scope = _join_scopes(start, done)
        handlers = [lambda body=handler.body: self.block(body) for handler in node.handlers]

        def no_error() -> None:
            self._scope = dict(done)
            self.block(node.orelse)

        self._branches(no_error, *handlers)
        self.block(node.finalbody)

    def _match(self, node: ast.Match) -> None:
        subject = self.value(node.subject)

        def case(branch: ast.match_case) -> None:
            for pattern in ast.walk(branch.pattern):
                if isinstance(pattern, ast.MatchAs | ast.MatchStar) and pattern.name:
                    self._scope[pattern.name] = subject.member()
            if branch.guard:
                self.value(branch.guard)
            self.block(branch.body)

        self._branches(lambda: None, *(lambda branch=branch: case(branch) for branch in node.cases))

    def _bind(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name():
                self._scope[target.id] = value
            case ast.Tuple() | ast.List():
                for index, item in enumerate(target.elts):
                    self._bind(item, value.field(index) if index in value.fields else value.element())
            case ast.Starred():
                self._bind(target.value, value)
            case ast.Subscript():
                self._store_item(target, value)
            case _:
                self.value(target)

    def _store_item(self, target: ast.Subscript, value: Value) -> None:
        base = self.value(target.value)
        key = _constant_key(target.slice)
        if key is not None:
            changed = base.with_field(key, value)
        else:
            changed = join(base, value.element(), self.value(target.slice).flat())
        if isinstance(target.value, ast.Name):
            self._changed_items.add(target.value.id)
        if isinstance(target.value, ast.Name | ast.Subscript):
            self._bind(target.value, changed)

    # Expressions

    def value(self, node: ast.expr) -> Value:
        """What is known about the value of an expression."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise ProgramFailure(
                "forbidden",
                "The program's functions and loops are too entangled to be checked.",
                "Write a shorter, flatter program.",
            )
        match node:
            case ast.Constant():
                return Value()
            case ast.Name():
                return self._scope.get(node.id, Value())
            case ast.Call():
                return self._call(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node)
            case ast.Dict():
                return self._dict(node)
            case ast.Tuple() if not any(isinstance(item, ast.Starred) for item in node.elts):
                return Value(fields=dict(enumerate(self.value(item) for item in node.elts)))
            case ast.Tuple() | ast.List() | ast.Set():
                return join(Value(), *(self.value(item) for item in node.elts)).element()
            case ast.IfExp():
                self.value(node.test)
                return join(self.value(node.body), self.value(node.orelse))
            case ast.BoolOp():
                return join(*(self.value(item) for item in node.values))
            case ast.BinOp():
                return join(self.value(node.left), self.value(node.right)).element()
            case ast.NamedExpr():
                self._bind(node.target, value := self.value(node.value))
                return value
            case ast.Starred():
                return self.value(node.value)
            case ast.Lambda():
                return Value(functions=(node,))
            case _:
                return self._other(node)

    def _other(self, node: ast.expr) -> Value:
        children = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        value = join(Value(), *(self.value(child) for child in children)).flat()
        is_test = isinstance(node, ast.Compare) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        )
        return Value() if is_test else value

    def _dict(self, node: ast.Dict) -> Value:
        result = Value()
        for key_node, item in zip(node.keys, node.values, strict=True):
            value = self.value(item)
            key = _constant_key(key_node) if key_node else None
            if key is not None:
                result = result.with_field(key, value)
            else:
                origins = self.value(key_node).flat() if key_node else Value()
                result = join(result, value.element(), origins)
        return result

    def _subscript(self, node: ast.Subscript) -> Value:
        base = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            self._other(node.slice)
            return base if node.slice.lower is None else base.element()
        self.value(node.slice)
        key = _constant_key(node.slice)
        if not isinstance(key, str):
            self._takes_element(node, base)
        return base.element() if key is None else base.field(key).element()

    def _takes_element(self, node: ast.expr, container: Value) -> None:
        span = span_of(node)
        self.emptied_by[span] = self.emptied_by.get(span, NOWHERE) | container.whole

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        outer = dict(self._scope)
        targets: set[str] = set()
        for generator in node.generators:
            self._bind(generator.target, self.value(generator.iter).element())
            targets.update(name.id for name in ast.walk(generator.target) if isinstance(name, ast.Name))
            for condition in generator.ifs:
                self.value(condition)
        if isinstance(node, ast.DictComp):
            result = join(self.value(node.key).flat(), self.value(node.value)).element()
        else:
            result = self.value(node.elt).element()
        first = node.generators[0]
        whole = NOWHERE if len(node.generators) > 1 or first.ifs else self.value(first.iter).whole
        inner = {name: value for name, value in self._scope.items() if name not in targets}
        self._scope = {**inner, **{name: outer[name] for name in targets if name in outer}}
        return Value(result.origins, whole, result.fields, result.functions)

    # Calls

    def _call(self, node: ast.Call) -> Value:
        if isinstance(node.func, ast.Name) and node.func.id in self._functions:
            return self._api_call(node, node.func.id)
        given = [self.value(argument) for argument in node.args]
        named = {keyword.arg or "": self.value(keyword.value) for keyword in node.keywords}
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func, given, named)
        called = self.value(node.func)
        if called.functions:
            results = [self._own_function(node, function, given, named) for function in called.functions]
            return join(*results)
        return self._builtin(node, node.func.id if isinstance(node.func, ast.Name) else "", given, named)

    def _api_call(self, node: ast.Call, name: str) -> Value:
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        origins = NOWHERE.union(*(self.value(argument).all_origins() for argument in arguments))
        site = Site(name, node.lineno, span_of(node), self._path)
        self.feeds[site] = self.feeds.get(site, NOWHERE) | origins
        keys = [*range(len(node.args)), *(keyword.arg or "" for keyword in node.keywords)]
        self.literals[site] = {
            key: argument.value
            for key, argument in zip(keys, arguments, strict=True)
            if isinstance(argument, ast.Constant)
        }
        return Value(frozenset({site}), frozenset({site}))

    def _own_function(
        self, node: ast.Call, function: Function, given: list[Value], named: Mapping[str, Value]
    ) -> Value:
        if function in self._active:
            return join(Value(), *given, *named.values()).flat()
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        local = {
            argument.arg: Value() for argument in ast.walk(function.args) if isinstance(argument, ast.arg)
        }
        for name, default in zip(reversed(names), reversed(function.args.defaults), strict=False):
            local[name] = self.value(default)
        local |= dict(zip(names, given, strict=False))
        local |= {name: value for name, value in named.items() if name in local}
        if function.args.vararg:
            local[function.args.vararg.arg] = join(Value(), *given[len(names) :])
        return self._run_function(span_of(node), function, local)

    def _run_function(self, called_at: Span, function: Function, local: Scope) -> Value:
        outer, outer_returned, outer_path = dict(self._scope), self._returned, self._path
        self._scope = {**outer, **local}
        self._returned = []
        self._path = (*outer_path, called_at)
        self._active.append(function)
        if isinstance(function, ast.Lambda):
            result = self.value(function.body)
        else:
            self.block(function.body)
            result = join(Value(), *self._returned)
        self._active.pop()
        own = set(local) | (_assigned_in(function) if isinstance(function, ast.FunctionDef) else set())
        changed = {name: value for name, value in self._scope.items() if name not in own}
        self._scope, self._returned, self._path = {**outer, **changed}, outer_returned, outer_path
        return result

    def _builtin(self, node: ast.Call, name: str, given: list[Value], named: Mapping[str, Value]) -> Value:
        everything = join(Value(), *given, *named.values())
        applied = self._apply(node, everything)
        if name in _NO_ORIGIN:
            return Value()
        if name in _SAME_LENGTH and given:
            return given[0]
        if name in _PICKS_ONE and given:
            self._takes_element(node, given[0])
            return everything.element()
        if name == "map":
            return applied
        if name == "filter" and len(given) > 1:
            return given[1].element()
        if name == "zip":
            return Value(fields={index: value.element() for index, value in enumerate(given)})
        if name == "enumerate" and given:
            return Value(whole=given[0].whole, fields={0: Value(), 1: given[0].element()})
        if name == "dict":
            return join(Value(), *given, *(Value(fields={key: value}) for key, value in named.items()))
        return join(everything, applied).element()

    def _apply(self, node: ast.Call, items: Value) -> Value:
        """Run the functions that are passed to a built-in, as `key` or first argument, on its items."""
        results = [Value()]
        for function in items.functions:
            names = [argument.arg for argument in function.args.args]
            if len(names) == 1:
                local = {names[0]: items.element()}
            else:
                local = {name: items.element() for name in names}
            if function not in self._active:
                results.append(self._run_function(span_of(node), function, local))
        return join(*results)

    def _method(
        self, node: ast.Call, method: ast.Attribute, given: list[Value], named: Mapping[str, Value]
    ) -> Value:
        base = self.value(method.value)
        everything = join(base, *given, *named.values())
        if method.attr in _MUTATORS:
            if isinstance(method.value, ast.Name | ast.Subscript):
                self._bind(method.value, everything.element())
            return everything.element()
        if method.attr == "get" and node.args:
            key = _constant_key(node.args[0])
            return join(base.element() if key is None else base.field(key).element(), *given[1:])
        if method.attr == "items":
            return Value(whole=base.whole, fields={0: Value(base.origins), 1: base.member()})
        if method.attr == "keys":
            return Value(base.origins, base.whole)
        if method.attr == "values":
            return base.member()
        if method.attr in {"sort", "index", "count"}:
            self._apply(node, everything)
            return Value()
        if method.attr in {"copy", "pop", "popitem", "popleft"}:
            return everything.element()
        return join(everything, self._apply(node, everything)).element()


def _join_scopes(*scopes: Scope) -> Scope:
    names = dict.fromkeys(name for scope in scopes for name in scope)
    return {name: join(*(scope[name] for scope in scopes if name in scope)) for name in names}


def _assigned_in(function: ast.FunctionDef) -> set[str]:
    nodes = list(ast.walk(function))
    shared = {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored - shared


def _constant_key(node: ast.expr) -> str | int | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        return node.value
    return None
