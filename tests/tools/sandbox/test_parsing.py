"""Programs are parsed without Python's remarks on them."""

import ast
import subprocess
import sys

import pytest

from herdwick.tools.sandbox.parsing import parse_quietly


def test_the_tree_is_pythons_own():
    assert ast.dump(parse_quietly("x = 1")) == ast.dump(ast.parse("x = 1"))
    with pytest.raises(SyntaxError):
        parse_quietly("x =")


def test_python_does_not_remark_on_programs():
    script = "from herdwick.tools.sandbox.source import parse_program; parse_program('x = [0for y in h]', 99)"
    ran = subprocess.run([sys.executable, "-Wdefault", "-c", script], capture_output=True, check=True)
    assert b"literal" not in ran.stderr


def test_other_code_keeps_its_warnings():
    script = "import ast, herdwick.tools.sandbox.source; ast.parse('x = [0for y in h]')"
    ran = subprocess.run([sys.executable, "-Wdefault", "-c", script], capture_output=True, check=True)
    assert b"literal" in ran.stderr
