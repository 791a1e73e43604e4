r"""Which names of a program stand for more than one variable, or for one that outlives its function.

    names = shared_names(ast.parse("def later(x):\n    return lambda: x"))     # {"x"}

A scope that maps names to values cannot follow these: the function runs when another variable of that name,
or none, is in scope.
"""

import ast
from collections.abc import Iterator

from herdwick.tools.sandbox.values import Function

_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def shared_names(tree: ast.AST) -> frozenset[str]:
    """Names that are local somewhere and used by a function they are not local to."""
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    local = {name for function in functions for name in own_names(function)}
    local |= {name for node in ast.walk(tree) if isinstance(node, _COMPREHENSIONS) for name in _targets(node)}
    used = {name for function in functions for name in _used_names(function) - own_names(function)}
    return frozenset(local & used)


def declared_names(tree: ast.AST) -> frozenset[str]:
    """Names declared global or nonlocal anywhere in a piece of a program."""
    return frozenset(
        name for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names
    )


def imported_names(tree: ast.AST) -> dict[str, str]:
    """Names that stand for something imported from a module, and what it is called there."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def own_names(function: Function) -> frozenset[str]:
    """Names that are local to a function."""
    names = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
    body = function.body if isinstance(function.body, list) else [function.body]
    nodes = [node for statement in body for node in _own_nodes(statement)]
    for node in nodes:
        match node:
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
            case ast.FunctionDef() | ast.ExceptHandler(name=str()) | ast.MatchAs(name=str()):
                names.add(str(node.name))
            case ast.MatchStar(name=str()) | ast.MatchMapping(rest=str()):
                names.add(str(node.name if isinstance(node, ast.MatchStar) else node.rest))
            case ast.alias():
                names.add((node.asname or node.name).partition(".")[0])
    declared = {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    return frozenset(names - declared)


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what is below it, but not inside further functions."""
    yield node
    if not isinstance(node, Function):
        for child in ast.iter_child_nodes(node):
            yield from _own_nodes(child)


def _used_names(function: Function) -> frozenset[str]:
    used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return frozenset(used | declared_names(function))


def _targets(node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Iterator[str]:
    for generator in node.generators:
        yield from (name.id for name in ast.walk(generator.target) if isinstance(name, ast.Name))
