"""Which field of a function's result the answer of a program is, read off the program.

    result_field('final_result = [r["prefix"] for r in moas()]')           # Result("prefix")
    result_field('final_result = len({r["asn"] for r in prepending()})')   # Result("asn", is_count=True)

Where that is not plain to see, it is nothing: what an answer consists of is never guessed.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

_KEEPING = frozenset({"list", "tuple", "set", "sorted", "reversed", "max", "min", "next", "fromkeys"})
"""Calls whose result consists of what their first argument does."""

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)

Names = Mapping[str, ast.expr]


@dataclass(frozen=True)
class Result:
    """What an answer consists of.

    Attributes:
        field: Name of the field, '' if that is not known.
        is_count: Whether the answer is how many different values of it, or values, there are.
    """

    field: str = ""
    is_count: bool = False


def result_field(program: str) -> Result:
    """What the `final_result` of `program` consists of."""
    try:
        tree = ast.parse(program)
    except (SyntaxError, ValueError, RecursionError):
        return Result()
    assigned: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        for name, value in _bindings(node):
            assigned.setdefault(name, []).append(value)
    # A name that is bound twice may be either.
    names = {name: values[0] for name, values in assigned.items() if len(values) == 1}
    return _of(names["final_result"], names) if "final_result" in names else Result()


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names, each with the expression that it or its elements come from."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.Assign(targets=targets):
            # Unpacked or bound together: bound twice, so that nobody takes it for known.
            for target in ast.walk(ast.Module([ast.Expr(one) for one in targets], [])):
                if isinstance(target, ast.Name):
                    yield from ((target.id, node.value),) * 2
        case ast.AugAssign(target=ast.Name(id=name)) | ast.NamedExpr(target=ast.Name(id=name)):
            yield from ((name, node.value),) * 2
        case (
            ast.For(target=ast.Name(id=name), iter=value)
            | ast.comprehension(target=ast.Name(id=name), iter=value)
        ):
            yield name, value


def _of(node: ast.expr, names: Names) -> Result:
    match node:
        case ast.Subscript(slice=ast.Constant(value=str() as field)):
            return Result(field)
        case ast.Subscript(value=value):
            return _of(value, names)
        case ast.ListComp(elt=value) | ast.SetComp(elt=value) | ast.GeneratorExp(elt=value):
            return _of(value, names)
        case ast.Name(id=name) if name in names:
            # Less that name, so that what is made of itself ends.
            return _of(names[name], {known: value for known, value in names.items() if known != name})
        case ast.IfExp(body=body, orelse=ast.Constant(value=None)):
            return _of(body, names)
        case ast.Call(func=ast.Name(id="len"), args=[value]):
            counted = _of(value, names)
            return Result() if counted.is_count else replace(counted, is_count=True)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[value, *_]) if (
            name in _KEEPING
        ):
            return _of(value, names)
    return Result()
