"""Names that stand for more than one variable, or for one that outlives its function."""

import ast

import pytest

from herdwick.tools.sandbox.captures import declared_names, imported_names, own_names, shared_names


@pytest.mark.parametrize(
    ("program", "names"),
    [
        ("x = 1\ndef f(y):\n    return x + y", set()),
        ("x = 1\nf = lambda x: x", set()),
        ("def f(x):\n    return lambda: x", {"x"}),
        ("fs = [lambda: x for x in xs]", {"x"}),
        ("def f(x):\n    def g():\n        nonlocal x\n        x = 1", {"x"}),
        ("def f():\n    return x\ndef g():\n    x = 1\n    return f()", {"x"}),
        ("def f():\n    global x\n    x = 1\ndef g():\n    x = 2\n    f()", {"x"}),
    ],
)
def test_shared_names(program, names):
    assert shared_names(ast.parse(program)) == names


@pytest.mark.parametrize(
    ("function", "names"),
    [
        ("def f(a, b=1, *c, d, **e): pass", {"a", "b", "c", "d", "e"}),
        ("def f():\n    x = 1\n    for y in z: pass", {"x", "y"}),
        ("def f():\n    def g(a):\n        b = 1", {"g"}),
        ("def f():\n    global x\n    x = 1", set()),
        ("def f(s):\n    match s:\n        case [x, *y, {'k': z, **w}]: pass", {"s", "x", "y", "z", "w"}),
        ("def f():\n    try: pass\n    except ValueError as e: pass", {"e"}),
    ],
)
def test_own_names(function, names):
    [node] = ast.parse(function).body
    assert own_names(node) == names


def test_declared_and_imported_names():
    tree = ast.parse("from functools import reduce as fold\nimport json\ndef f():\n    global x")
    assert declared_names(tree) == {"x"}
    assert imported_names(tree) == {"fold": "reduce"}
