"""Which calls of a program feed which: the ground for comparing a program with a plan.

    flow = trace_calls(ast.parse(program), {"searchPerson", "getCoauthors"})
    flow.plans(max_hops=3)     # {("searchPerson", "getCoauthors")}
    flow.emptied_by            # for `hits[0]`: the calls that leave `hits` empty when they find nothing

A call depends on an earlier one when a value the earlier one returned flows into its arguments, through
assignments, loops, comprehensions, lambdas and the program's own functions (which are followed from every
place they are called).
"""

import ast
from collections.abc import Callable, Collection, Iterable, Iterator

from herdwick.tools.sandbox.chains import CallFlow
from herdwick.tools.sandbox.invocations import CallTracer
from herdwick.tools.sandbox.memory import Scope
from herdwick.tools.sandbox.values import NOTHING, Value, join, mixture

_RAISED = ("raised",)


def trace_calls(tree: ast.Module, functions: Collection[str]) -> CallFlow:
    """Follow values through a program.

    Args:
        tree: The program; constructs that `source` forbids are not looked into.
        functions: Names of the API functions.

    Raises:
        ProgramFailure: The program is too entangled to follow (`forbidden`).
        RecursionError: Its functions nest too deeply.
    """
    tracer = _ProgramTracer(tree, functions)
    tracer.block(tree.body)
    feeds = {site: frozenset().union(*arguments.values()) for site, arguments in tracer.feeds.items()}
    return CallFlow(feeds, tracer.literals, tracer.emptied_by, tracer.feeds)


class _ProgramTracer(CallTracer):
    """An abstract interpreter of statements."""

    def block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    self.bind(target, value)
            case ast.AnnAssign(value=ast.expr() as assigned):
                self.bind(node.target, self.value(assigned))
            case ast.AugAssign():
                self._augment(node)
            case ast.For() | ast.While():
                self._loop(node)
            case ast.If():
                self.value(node.test)
                self._branches(lambda: self.block(node.body), lambda: self.block(node.orelse))
            case ast.Try():
                self._try(node)
            case ast.Match():
                self._match(node)
            case ast.FunctionDef():
                self.keep_defaults(node)
                self.assign(node.name, Value(functions=(node,)))
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    self.assign((alias.asname or alias.name).partition(".")[0], NOTHING)
            case ast.Return(value=ast.expr() as returned):
                self._returned.append(self.value(returned))
            case ast.Raise() | ast.Assert():
                for child in _expressions_of(node):
                    self._heap.add(_RAISED, mixture(self.value(child)))
            case _:
                for child in _expressions_of(node):
                    self.value(child)

    def _augment(self, node: ast.AugAssign) -> None:
        base, added = self.value(node.target), self.value(node.value).contents()
        # `x += y` changes the list that x is, under all its names; numbers and texts are made anew.
        if base.cells:
            self.put(base, added, node)
        self.bind(node.target, self.new(node, join(base, added)))

    def _loop(self, node: ast.For | ast.While) -> None:
        leaves = any(isinstance(child, ast.Break | ast.Continue) for child in ast.walk(node))

        def once() -> None:
            if isinstance(node, ast.For):
                self.bind(node.target, self.value(node.iter).item())
            else:
                self.value(node.test)
            recorded = self._recorded(node.body)
            if leaves:
                self._scope = self.join_scopes(self._scope, recorded)

        self.settle(once)
        self.block(node.orelse)

    def _recorded(self, statements: list[ast.stmt]) -> Scope:
        """Follow statements; returns all that their variables held at any time."""
        recorder: Scope = {}
        self._recorders.append(recorder)
        self.block(statements)
        self._recorders.pop()
        return recorder

    def _branches(self, *bodies: Callable[[], None]) -> None:
        start = self._scope
        ends: list[Scope] = []
        for body in bodies:
            self._scope = dict(start)
            body()
            ends.append(self._scope)
        self._scope = self.join_scopes(*ends)

    def _try(self, node: ast.Try) -> None:
        start = dict(self._scope)
        recorded = self._recorded(node.body)
        done = self._scope
        # An error may come at any time.
        self._scope = self.join_scopes(start, done, recorded)

        def no_error() -> None:
            self._scope = dict(done)
            self.block(node.orelse)

        caught = [lambda handler=handler: self._handle(handler) for handler in node.handlers]
        ends = self._recorded_branches(no_error, *caught)
        if node.finalbody:
            self._scope = self.join_scopes(self._scope, recorded, ends)
            self.block(node.finalbody)

    def _recorded_branches(self, *bodies: Callable[[], None]) -> Scope:
        recorder: Scope = {}
        self._recorders.append(recorder)
        self._branches(*bodies)
        self._recorders.pop()
        return recorder

    def _handle(self, handler: ast.ExceptHandler) -> None:
        if handler.type:
            self.value(handler.type)
        if handler.name:
            # Words of an error may quote any value that played a part in it.
            self.assign(handler.name, join(Value(frozenset(self.feeds)), self._heap.get(_RAISED)))
        self.block(handler.body)

    def _match(self, node: ast.Match) -> None:
        subject = self.value(node.subject)
        held = join(subject, mixture(subject))
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                if name := _captured_by(pattern):
                    self.assign(name, join(self._scope.get(name, NOTHING), held))
            if case.guard:
                self.value(case.guard)
        self._branches(lambda: None, *(self._follower(case.body) for case in node.cases))

    def _follower(self, statements: list[ast.stmt]) -> Callable[[], None]:
        return lambda: self.block(statements)


def _expressions_of(node: ast.stmt) -> Iterator[ast.expr]:
    return (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))


def _captured_by(pattern: ast.AST) -> str | None:
    if isinstance(pattern, ast.MatchAs | ast.MatchStar):
        return pattern.name
    return pattern.rest if isinstance(pattern, ast.MatchMapping) else None
