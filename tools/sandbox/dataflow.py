"""Which calls of a program feed which: the ground for comparing a program with a plan.

    flow = trace_calls(ast.parse(program), {"searchPerson", "getCoauthors"})
    flow.plans(max_hops=3)     # {("searchPerson", "getCoauthors")}
    flow.emptied_by            # for `hits[0]`: the calls that leave `hits` empty when they find nothing

A call depends on an earlier one when a value the earlier one returned flows into its arguments, through
assignments, loops, comprehensions, lambdas and the program's own functions (which are followed from every
place they are called).
"""

import ast
from collections.abc import Callable, Collection, Iterable

from herdwick.tools.sandbox.chains import CallFlow
from herdwick.tools.sandbox.expressions import ExpressionTracer, Scope
from herdwick.tools.sandbox.values import Value, join

_MAX_ROUNDS = 12
"""Rounds through a loop; values settle in two or three unless fields keep shifting."""


def trace_calls(tree: ast.Module, functions: Collection[str]) -> CallFlow:
    """Follow values through a program.

    Args:
        tree: The program; constructs that `source` forbids are not looked into.
        functions: Names of the API functions.

    Raises:
        ProgramFailure: The program is too entangled to follow (`forbidden`).
        RecursionError: Its functions nest too deeply.
    """
    tracer = _ProgramTracer(functions)
    tracer.block(tree.body)
    return CallFlow(tracer.feeds, tracer.literals, tracer.emptied_by)


class _ProgramTracer(ExpressionTracer):
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
                self.bind(node.target, join(self.value(node.target), self.value(node.value)).element())
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
        def once() -> None:
            self.bind(node.target, self.value(node.iter).element())
            self.block(node.body)

        self._repeat(once)
        # `for c in cs: c["hit"] = …` changes the elements of `cs` itself.
        if isinstance(node.target, ast.Name) and node.target.id in self._changed_items:
            self._change(node.iter, join(self.value(node.iter), self._scope[node.target.id]))
        self.block(node.orelse)

    def _while(self, node: ast.While) -> None:
        def once() -> None:
            self.value(node.test)
            self.block(node.body)

        self._repeat(once)
        self.block(node.orelse)

    def _repeat(self, body: Callable[[], None]) -> None:
        for _ in range(_MAX_ROUNDS):
            before = dict(self._scope)
            body()
            self._scope = self._join_scopes(before, self._scope)
            if self._scope == before:
                return

    def _branches(self, *bodies: Callable[[], None]) -> None:
        start = self._scope
        ends: list[Scope] = []
        for body in bodies:
            self._scope = dict(start)
            body()
            ends.append(self._scope)
        self._scope = self._join_scopes(*ends)

    def _try(self, node: ast.Try) -> None:
        start = dict(self._scope)
        self.block(node.body)
        done = self._scope
        self._scope = self._join_scopes(start, done)

        def no_error() -> None:
            self._scope = dict(done)
            self.block(node.orelse)

        self._branches(no_error, *(self._follower(handler.body) for handler in node.handlers))
        self.block(node.finalbody)

    def _match(self, node: ast.Match) -> None:
        subject = self.value(node.subject).member()
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                if isinstance(pattern, ast.MatchAs | ast.MatchStar) and pattern.name:
                    self._scope[pattern.name] = subject
            if case.guard:
                self.value(case.guard)
        self._branches(lambda: None, *(self._follower(case.body) for case in node.cases))

    def _follower(self, statements: list[ast.stmt]) -> Callable[[], None]:
        return lambda: self.block(statements)

    def _join_scopes(self, first: Scope, *others: Scope) -> Scope:
        joined = dict(first)
        for scope in others:
            for name, value in scope.items():
                known = joined.get(name, value)
                if known is not value:
                    self._count(1)
                    joined[name] = join(known, value)
                else:
                    joined[name] = value
        return joined
