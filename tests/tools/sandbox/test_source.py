"""Syntax, length and forbidden constructs, with messages that quote the line."""

import pytest

from herdwick.tools.sandbox import ProgramFailure
from herdwick.tools.sandbox.source import bound_names, parse_program, refuse_forbidden, sets_result

FUNCTIONS = ["search", "detail"]


def refusal(program: str) -> ProgramFailure | None:
    try:
        refuse_forbidden(parse_program(program, 10_000), FUNCTIONS)
    except ProgramFailure as failure:
        return failure
    return None


def test_syntax_error_names_line_column_and_source():
    with pytest.raises(ProgramFailure) as caught:
        parse_program("x = 1\ny = (2,\n", 100)
    assert caught.value.kind == "syntax"
    assert caught.value.message == "line 2: `y = (2,`: '(' was never closed (column 5)."


def test_too_long_program_is_refused_before_parsing():
    with pytest.raises(ProgramFailure) as caught:
        parse_program("(" * 101, 100)
    assert (caught.value.kind, caught.value.message) == (
        "forbidden",
        "The program is 101 characters long; the limit is 100.",
    )


@pytest.mark.parametrize(
    "program",
    [f"x = {'[' * 70}{']' * 70}", f"x = {'-' * 3000}1", f"x = a{'.b' * 3000}", f"x = {'1 + ' * 2000}1"],
)
def test_deep_nesting_is_refused(program):
    with pytest.raises(ProgramFailure, match="nested too deeply"):
        parse_program(program, 100_000)


@pytest.mark.parametrize("program", ["x = '\0'", "x = '\ud800'"])
def test_text_that_is_no_source_is_a_syntax_error(program):
    with pytest.raises(ProgramFailure) as caught:
        parse_program(program, 100)
    assert caught.value.kind == "syntax"


def test_lines_are_counted_as_python_counts_them():
    source = parse_program("a = '\u2028'\r\nb = 2\rc = 3", 100)
    assert [source.at(number) for number in (2, 3, 4)] == ["line 2: `b = 2`", "line 3: `c = 3`", "line 4"]


def test_positions_count_characters_not_bytes():
    source = parse_program("é = 'ö'; x = é[0]", 100)
    subscript = source.tree.body[1].value
    assert source.position(subscript) == (1, 14)
    assert source.end_position(subscript) == (1, 18)


def test_long_line_is_cut_in_messages():
    source = parse_program(f"x = '{'a' * 500}'", 1_000)
    assert len(source.at(1)) < 200


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("import os", "line 1: `import os`: os cannot be imported."),
        ("import os.path", "line 1: `import os.path`: os.path cannot be imported."),
        ("from . import x", "line 1: `from . import x`: . cannot be imported."),
        ("from json import *", "line 1: `from json import *`: this import is not available to programs."),
        ("x = 1\nx.__class__", "line 2: `x.__class__`: the attribute __class__ is private."),
        ("x = 1\nx.y = 2", "line 2: `x.y = 2`: attributes cannot be set."),
        ("_x = 1", "line 1: `_x = 1`: the name _x starts with an underscore."),
        ("print(__name__)", "line 1: `print(__name__)`: __name__ is not available to programs."),
        ("eval('1')", "line 1: `eval('1')`: eval is not available to programs."),
        ("search = 1", "line 1: `search = 1`: search is an API function and cannot be redefined."),
        ("f = search", "line 1: `f = search`: search is used without being called."),
        ("class A: pass", "line 1: `class A: pass`: `class` is not available to programs."),
        ("def f():\n    yield 1", "line 2: `yield 1`: `yield` is not available to programs."),
        (
            "x = [a async for a in b]",
            "line 1: `x = [a async for a in b]`: `async for` is not available to programs.",
        ),
        ("it = iter([])\nnext(it)", "line 2: `next(it)`: `next` on a variable is not supported."),
        ("@print\ndef f(): pass", "line 2: `def f(): pass`: decorators are not available to programs."),
    ],
)
def test_forbidden_construct_is_named(program, message):
    failure = refusal(program)
    assert (failure.kind, failure.message) == ("forbidden", message)
    assert failure.hint.endswith(".")


def test_unknown_function_is_a_plan_error_that_lists_the_functions():
    failure = refusal("serch('x')")
    assert failure.kind == "plan"
    assert failure.message == "line 1: `serch('x')`: there is no function serch."
    assert failure.hint == "Use one of: search, detail."


@pytest.mark.parametrize(
    "program",
    [
        "import json, math\nfrom collections import Counter as C",
        "for _ in range(3): search('x')",
        "def f(a, *b, c=1, **d): return search(a)\nf(1)",
        "try:\n    x = search('a')[0]\nexcept (IndexError, KeyError) as error:\n    print(error)",
        "x = next((h for h in search('a') if h), None)",
        "match search('a'):\n    case {'k': v, **rest}: print(v, rest)\n    case [a, *b]: print(a, b)",
        "sorted(search('a'), key=lambda h: h['x'])",
        "if (n := len(search('a'))) > 1: print(n)",
    ],
)
def test_ordinary_python_is_let_through(program):
    assert refusal(program) is None


def test_every_way_of_binding_a_name_is_found():
    program = (
        "import json as a\nb = c, *d = e = 1, 2\nfor f in []: pass\ndef g(h, *i, j=1, **k): global l\n"
        "try: pass\nexcept Exception as m: pass\nmatch 1:\n    case [n, *o]: pass\n"
        "    case {'x': p, **q}: pass\n"
        "[r for r in []]\n(s := 1)\n(lambda t: t)\nu: int = 1\nv += 1"
    )
    assert sorted(set(bound_names(parse_program(program, 1_000).tree))) == list("abcdefghijkmnopqrstuv")


@pytest.mark.parametrize(
    ("program", "expected"),
    [("final_result = 1", True), ("if x: final_result, y = 1, 2", True), ("result = final_result", False)],
)
def test_result_is_set_or_not(program, expected):
    assert sets_result(parse_program(program, 100).tree) is expected
