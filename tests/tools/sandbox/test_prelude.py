"""The sandbox's own built-ins do what Python's do, and can call the host where Monty's cannot."""

import ast
from importlib.resources import files

import pytest

from herdwick.tools.sandbox.source import BUILTINS

SHADOWING = {
    "sorted by key": (
        'list = searchPerson(name="Chen Wei")\n'
        'final_result = sorted(list, key=lambda p: p["num_pubs"])[0]["name"]',
        "Chen Wei",
    ),
    "a variable str": ('str = searchPerson(name="Chen Wei")[0]["name"]\nfinal_result = str', "Chen Wei"),
    "a variable type": (
        'type = searchPerson(name="Chen Wei")\nfinal_result = [p["name"] for p in type]',
        ["Chen Wei"],
    ),
    "an error in a handler": (
        'TypeError = searchPerson(name="Chen Wei")[0]["name"]\n'
        "final_result = sorted({1, TypeError}, key=repr)",
        ["Chen Wei", 1],
    ),
}

EXPRESSIONS = [
    "sorted([3, 1, 2])",
    "sorted('bca', reverse=True)",
    "sorted([(1, 'b'), (0, 'b'), (2, 'a')], key=lambda p: p[1])",
    "sorted([(1, 'b'), (0, 'b'), (2, 'a')], key=lambda p: p[1], reverse=True)",
    "sorted({'b': 1, 'a': 2})",
    "sorted([])",
    "max([3, 1, 2])",
    "max(3, 1, 2)",
    "max('a', 'b', key=lambda c: -ord(c))",
    "max([], default=None)",
    "max([(1, 'x'), (2, 'y'), (2, 'z')], key=lambda p: p[0])",
    "min([(2, 'x'), (1, 'y'), (1, 'z')], key=lambda p: p[0])",
    "min([], default=0)",
    "min(n for n in [3, 1, 2])",
    "list(map(lambda a, b: a + b, [1, 2, 3], [10, 20]))",
    "list(map(str, [1, 2]))",
    "list(filter(None, [0, 1, '', 'a']))",
    "list(filter(lambda n: n > 1, [1, 2, 3]))",
    "next(n for n in [5, 6])",
    "next((n for n in []), 7)",
    "next(iter([8, 9]))",
    "next(map(str, [1]))",
]

FAILURES = [
    "max([])",
    "min(n for n in [])",
    "next(n for n in [])",
    "sorted([1, 'a'])",
    "max([1, 'a'])",
]

NEEDS_HOST = {
    "sorted": 'sorted(cs, key=lambda c: searchPerson(name=c["name"])[0]["num_citation"])[0]["name"]',
    "max": 'max(cs, key=lambda c: searchPerson(name=c["name"])[0]["num_citation"])["name"]',
    "min": 'min(cs, key=lambda c: searchPerson(name=c["name"])[0]["num_citation"])["name"]',
    "map": 'list(map(lambda c: searchPerson(name=c["name"])[0]["num_pubs"], cs))',
    "filter": '[c["name"] for c in filter(lambda c: searchPerson(name=c["name"], interest="botany"), cs)]',
    "next": 'next(c["name"] for c in cs if searchPerson(name=c["name"], interest="databases"))',
    "reduce": 'reduce(lambda n, c: n + searchPerson(name=c["name"])[0]["num_pubs"], cs, 0)',
}
ANSWERS = {
    "sorted": "Dina O'Hara",
    "max": "Chen Wei",
    "min": "Dina O'Hara",
    "map": [3, 2, 2],
    "filter": [],
    "next": "Dina O'Hara",
    "reduce": 7,
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_value_is_pythons(run, expression):
    program = f'searchPerson(name="A")\nfinal_result = {expression}'
    value = run(program).value
    expected = eval(expression)
    assert value == (list(expected) if isinstance(expected, tuple) else _plain(expected))


@pytest.mark.parametrize("expression", FAILURES)
def test_error_is_pythons(run, expression):
    with pytest.raises(Exception) as expected:
        eval(expression)
    caught = f"try:\n    {expression}\nexcept {expected.type.__name__}:\n    final_result = 'as in Python'"
    assert run(f'searchPerson(name="A")\n{caught}').value == "as in Python"


@pytest.mark.parametrize("name", NEEDS_HOST)
def test_host_functions_can_be_called_from_keys_and_the_like(run, name):
    program = (
        "from functools import reduce\n"
        'cs = getCoauthors(searchPerson(name="Ada Mercer", interest="Data Mining")[0]["person_id"])\n'
        f'cs = sorted(cs, key=lambda c: c["name"])\nfinal_result = {NEEDS_HOST[name]}'
    )
    assert run(program).value == ANSWERS[name]


def test_sort_in_place_by_a_host_call_is_explained(failure_of):
    failure = failure_of(
        'cs = searchPerson(name="Chen Wei")\ncs.sort(key=lambda c: getCoauthors(c["person_id"]))\n'
        "final_result = cs"
    )
    assert failure.kind == "runtime"
    assert failure.message.startswith("line 2: ")
    assert "from where programs cannot call one" in failure.message


@pytest.mark.parametrize("name", SHADOWING)
def test_program_may_call_a_variable_like_a_builtin(run, name):
    program, value = SHADOWING[name]
    assert run(program).value == value


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_no_builtin_is_needed_to_call_and_to_answer(run, name):
    program = (
        f'{name} = searchPerson(name="Chen Wei")\nmore = searchPerson(name={name}[0]["name"])\n'
        "final_result = [{1: more[0]['name'], 'x': (1.5, None)}, {2, 1}]"
    )
    assert run(program).value == [{"1": "Chen Wei", "x": [1.5, None]}, [1, 2]]


def test_prelude_reads_no_name_that_a_program_could_set():
    tree = ast.parse(files("herdwick.tools.sandbox").joinpath("prelude.py").read_text("utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions
    assert {name for function in functions for name in _globals_read(function)} == set()


def _globals_read(function: ast.FunctionDef) -> set[str]:
    """Public names that the body reads and does not bind; annotations are not read when it runs."""
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    annotations = [
        node.annotation if isinstance(node, ast.arg | ast.AnnAssign) else node.returns
        for node in nodes
        if isinstance(node, ast.arg | ast.AnnAssign | ast.FunctionDef)
    ]
    skipped = {id(node) for one in annotations if one for node in ast.walk(one)}
    names = [node for node in nodes if isinstance(node, ast.Name) and id(node) not in skipped]
    bound = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    bound |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    bound |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return {node.id for node in names if not node.id.startswith("_")} - bound


def _plain(value: object) -> object:
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
