"""Hostile programs, each against both walls: the static checks, and Monty alone.

Every attempt names the kind that stops it, so that none is stopped by luck; after each, the same workers must
give an innocent program its own answer.
"""

import ast
import time
from dataclasses import dataclass, replace

import pytest

from herdwick.tools.sandbox import Limits, ProgramFailure
from herdwick.tools.sandbox.calls import CallDesk
from herdwick.tools.sandbox.chains import CallFlow
from herdwick.tools.sandbox.execution import execute
from herdwick.tools.sandbox.failures import RunningProgram
from herdwick.tools.sandbox.source import Source
from herdwick.tools.sandbox.workers import open_pool
from herdwick.tools.tool import FunctionTool

LIMITS = Limits(time_s=20.0, memory_bytes=32 * 2**20, calls=50, recursion=100)
SHORT = replace(LIMITS, time_s=0.5)
SMALL = Limits(result_bytes=10_000)
INNOCENT = 'final_result = searchPerson(name="Chen Wei")[0]["name"]'


@dataclass(frozen=True)
class Attempt:
    """A hostile program.

    Attributes:
        program: Its source; a harmless call and a result are added around it.
        outer: Kind by which the whole sandbox refuses or stops it.
        inner: Kind by which Monty alone stops it; None where it is not Python, or harmless.
    """

    program: str
    outer: str
    inner: str | None = None

    @property
    def text(self) -> str:
        return f'hits = searchPerson(name="Chen Wei")\n{self.program}\nfinal_result = 1'


ATTEMPTS = {
    # Reaching the machine
    "os.system": Attempt("import os\nos.system('id')", "forbidden", "runtime"),
    "os.popen through from": Attempt("from os import popen\npopen('id')", "forbidden", "runtime"),
    "subprocess": Attempt("import subprocess\nsubprocess.run(['id'])", "forbidden", "forbidden"),
    "open for reading": Attempt("open('/etc/passwd').read()", "forbidden", "forbidden"),
    "open for writing": Attempt("open('/tmp/owned', 'w').write('x')", "forbidden", "forbidden"),
    "pathlib": Attempt(
        "import pathlib\npathlib.Path('/proc/self/environ').read_text()", "forbidden", "forbidden"
    ),
    "environment": Attempt("import os\nos.environ['PATH']", "forbidden", "forbidden"),
    "os.getenv": Attempt("import os\nos.getenv('AMINER_API_KEY')", "forbidden", "forbidden"),
    "list a folder": Attempt("import os\nos.listdir('/proc')", "forbidden", "forbidden"),
    "socket": Attempt("import socket\nsocket.create_connection(('127.0.0.1', 1))", "forbidden", "forbidden"),
    "urllib": Attempt("import urllib.request", "forbidden", "forbidden"),
    "ctypes": Attempt("import ctypes\nctypes.CDLL(None)", "forbidden", "forbidden"),
    "pickle": Attempt(
        "import pickle\npickle.loads(b'cos\\nsystem\\n(S\"id\"\\ntR.')", "forbidden", "forbidden"
    ),
    "zlib bomb": Attempt("import zlib\nzlib.decompress(b'x' * 10)", "forbidden", "forbidden"),
    "sys.modules": Attempt("import sys\nsys.modules['os']", "forbidden", "runtime"),
    "sleep": Attempt("import time\ntime.sleep(100)", "forbidden", "forbidden"),
    "clock": Attempt("import datetime\ndatetime.datetime.now()", "forbidden", "forbidden"),
    "asyncio sleep": Attempt("import asyncio\nasyncio.run(asyncio.sleep(100))", "forbidden", "forbidden"),
    "random from the host": Attempt("import random\nrandom.random()", "forbidden", "forbidden"),
    "input": Attempt("input('password? ')", "forbidden", "runtime"),
    "exit": Attempt("exit(0)", "forbidden", "runtime"),
    "breakpoint": Attempt("breakpoint()", "forbidden", "runtime"),
    # Python's insides
    "__import__": Attempt("__import__('os').system('id')", "forbidden", "runtime"),
    "importlib": Attempt("import importlib\nimportlib.import_module('os')", "forbidden", "forbidden"),
    "eval": Attempt("eval('__import__(\"os\")')", "forbidden", "runtime"),
    "exec": Attempt("exec('import socket')", "forbidden", "forbidden"),
    "compile": Attempt("compile('1', 'x', 'eval')", "forbidden", "runtime"),
    "subclasses": Attempt("().__class__.__mro__[1].__subclasses__()", "forbidden", "runtime"),
    "globals of a host function": Attempt("searchPerson.__globals__", "forbidden", "runtime"),
    "getattr": Attempt("getattr(1, '__class__')", "forbidden", "runtime"),
    "getattr by pieces": Attempt("getattr((), '__cl' + 'ass__')", "forbidden", "runtime"),
    "builtins": Attempt("__builtins__['eval']('1')", "forbidden", "runtime"),
    "globals()": Attempt("globals()['_encode'] = None", "forbidden", "runtime"),
    "vars": Attempt("vars(searchPerson)", "forbidden", "runtime"),
    "type with three arguments": Attempt("type('X', (), {'__del__': print})().y", "forbidden", "runtime"),
    "metaclass": Attempt("class M(type):\n    pass", "forbidden", "runtime"),
    "class with __del__": Attempt("class D:\n    def __del__(self):\n        open('/x')", "forbidden"),
    "str.format attribute": Attempt("'{0.__class__}'.format(hits)", "runtime", "runtime"),
    "str.format index and attribute": Attempt(
        "'{0[0].__class__.__init__}'.format(hits)", "runtime", "runtime"
    ),
    "f-string attribute": Attempt("f'{hits.__class__}'", "forbidden", "runtime"),
    "format_map": Attempt("'{a.__class__}'.format_map({'a': 1})", "runtime", "runtime"),
    "decorator": Attempt("@eval\ndef f():\n    pass", "forbidden", "runtime"),
    "traceback frames": Attempt(
        "try:\n    1 / 0\nexcept Exception as e:\n    e.__traceback__.tb_frame", "forbidden", "runtime"
    ),
    "homoglyph name": Attempt("\uff45\uff56\uff41\uff4c('1 / 0')", "forbidden", "runtime"),
    "homoglyph attribute": Attempt("x = hits.__\uff43lass__", "forbidden", "runtime"),
    # The bridge to the host
    "call the bridge": Attempt("_host_call('searchPerson', '[[\"x\"], {}]')", "forbidden", "runtime"),
    "bridge through eval": Attempt('eval(\'_host_call("searchPerson", "[]")\')', "forbidden", "runtime"),
    "replace the encoder": Attempt("_encode = lambda *a: 'x' * 10**9", "forbidden"),
    "replace a host function": Attempt("searchPerson = lambda **k: [{'name': 'fake'}]", "forbidden"),
    "replace by def": Attempt("def searchPerson(**k):\n    return []", "forbidden"),
    "replace by parameter": Attempt("(lambda searchPerson: searchPerson('x'))(print)", "forbidden"),
    "replace by import": Attempt("from json import dumps as searchPerson", "forbidden"),
    "replace by loop": Attempt("for searchPerson in [print]:\n    pass", "forbidden"),
    "monkeypatch a module": Attempt("import json\njson.dumps = print", "forbidden", "runtime"),
    "pass a host function on": Attempt("f = searchPerson\nf(name='x')", "forbidden"),
    "invent a host function": Attempt("deletePerson(person_id='wei')", "plan", "runtime"),
    "hash bomb as argument": Attempt(
        "x = (1,)\nfor i in range(30):\n    x = (x,) * 10\nsearchPerson(**{'name': {x: 1}})",
        "type",
        "runtime",
    ),
    "nested argument": Attempt(
        "x = [1]\nfor i in range(30):\n    x = [x] * 10\nsearchPerson(**{'name': x})", "type", "runtime"
    ),
    "huge argument": Attempt("searchPerson(name='a' * 10**6)", "runtime", "runtime"),
    "star arguments": Attempt("searchPerson(*['x'] * 10**5)", "runtime", "runtime"),
    "call flood": Attempt("while True:\n    searchPerson(name='x')", "call_limit", "call_limit"),
    "call flood behind except": Attempt(
        "while True:\n    try:\n        searchPerson(name='x')\n    except BaseException:\n        pass",
        "call_limit",
        "call_limit",
    ),
    "unknown name flood": Attempt(
        "while True:\n    try:\n        nobody\n    except NameError:\n        pass", "type", "call_limit"
    ),
    # Time
    "endless loop": Attempt("while True:\n    pass", "time_limit", "time_limit"),
    "endless loop behind except": Attempt(
        "while 1:\n    try:\n        while 1:\n            pass\n    except BaseException:\n        pass",
        "time_limit",
        "time_limit",
    ),
    "endless loop in finally": Attempt(
        "try:\n    1 / 0\nfinally:\n    while True:\n        pass", "time_limit", "time_limit"
    ),
    "endless iterator": Attempt(
        "import itertools\nfor i in itertools.count():\n    pass", "time_limit", "time_limit"
    ),
    "native power without end": Attempt("x = pow(7, 10**7)", "time_limit", "time_limit"),
    "comparison without end": Attempt(
        "x = [1]\ny = [1]\nfor i in range(60):\n    x = [x, x]\n    y = [y, y]\nx == y",
        "time_limit",
        "time_limit",
    ),
    "sum without end": Attempt("sum(range(10**12))", "time_limit", "time_limit"),
    "million prints": Attempt("while True:\n    print('x' * 1000)", "time_limit", "time_limit"),
    "iterate over what grows": Attempt(
        "for i in iter(int, 1):\n    hits = hits[:1]", "time_limit", "time_limit"
    ),
    # Memory
    "huge list": Attempt("x = list(range(10**9))", "memory_limit", "memory_limit"),
    "huge string": Attempt("x = 'a' * 10**10", "memory_limit", "memory_limit"),
    "huge power": Attempt("x = 2 ** 10**10", "memory_limit", "memory_limit"),
    "huge shift": Attempt("x = 1 << 10**12", "memory_limit", "memory_limit"),
    "huge padding": Attempt("x = '%99999999999d' % 5", "memory_limit", "memory_limit"),
    "growing list": Attempt("for hit in hits:\n    hits.append('x' * 10**6)", "memory_limit", "memory_limit"),
    "doubling string": Attempt("x = 'a'\nwhile True:\n    x += x", "memory_limit", "memory_limit"),
    "memory error caught": Attempt(
        "try:\n    x = 'a' * 10**10\nexcept MemoryError:\n    pass", "forbidden", "memory_limit"
    ),
    "cartesian product": Attempt(
        "import itertools\nx = list(itertools.product(range(999), repeat=5))", "memory_limit", "memory_limit"
    ),
    # Stack
    "recursion": Attempt("def f(n):\n    return f(n + 1)\nf(0)", "recursion_limit", "recursion_limit"),
    "lambda recursion": Attempt("f = lambda g: g(g)\nf(f)", "recursion_limit", "recursion_limit"),
    "nested brackets": Attempt(f"x = {'[' * 5000}{']' * 5000}", "syntax"),
    "nested lists": Attempt(f"x = {'[' * 90}{']' * 90}", "syntax"),
    "chain of not": Attempt(f"x = {'not ' * 4000}1", "syntax"),
    "chain of attributes": Attempt(f"x = hits{'.a' * 4000}", "syntax"),
    "null byte": Attempt("x = '\0'", "syntax"),
    "lone surrogate": Attempt("x = '\ud800'", "syntax"),
    "endless digits": Attempt(f"x = {'9' * 5000}", "syntax"),
    "too long": Attempt("x = 1\n" * 4000, "forbidden"),
    # Checks made slow
    "functions that double": Attempt(
        "def f0(x):\n    return searchPerson(name=x)\n"
        + "".join(f"def f{i + 1}(x):\n    return [f{i}(x), f{i}(x)]\n" for i in range(30))
        + "f30('x')",
        "forbidden",
    ),
    "types that double": Attempt("x = (1,)\n" + "x = (x, x)\n" * 40 + "searchPerson(name=x)", "forbidden"),
    # Monty runs a subset; the rest is refused
    "generator": Attempt("def g():\n    while True:\n        yield 1\nlist(g())", "forbidden", "runtime"),
    "async": Attempt("async def f():\n    await f()", "forbidden"),
    "with": Attempt("with open('/etc/passwd') as f:\n    pass", "forbidden", "forbidden"),
    "del": Attempt("del hits", "forbidden", "runtime"),
    "exception bomb": Attempt("raise Exception('x' * 10**6)", "runtime", "runtime"),
    "exception chain": Attempt(
        "def f(n):\n    try:\n        1 / 0\n    finally:\n        f(n + 1)\nf(0)",
        "recursion_limit",
        "recursion_limit",
    ),
    "regular expression": Attempt("import re\nre.compile('(a{1,1000}){1,1000}')", "runtime", "runtime"),
    "deep JSON": Attempt("import json\njson.loads('[' * 10**5)", "runtime", "runtime"),
}

RESULTS = {
    "shared references": ("x = [1]\nfor i in range(30):\n    x = [x] * 10\nfinal_result = x", "result_limit"),
    "hash bomb": ("x = (1,)\nfor i in range(30):\n    x = (x,) * 10\nfinal_result = {x: 1}", "bad_result"),
    "itself": ("hits.append(hits)\nfinal_result = hits", "result_limit"),
    "depth": ("x = 1\nfor i in range(1000):\n    x = [x]\nfinal_result = x", "result_limit"),
    "long text": ("final_result = 'a' * 10_001", "result_limit"),
    "long text in UTF-8": ("final_result = '牧' * 4_000", "result_limit"),
    "long list": ("final_result = list(range(6_000))", "result_limit"),
    "long number": ("final_result = 10**5000", "bad_result"),
    "not a number": ("final_result = float('nan')", "bad_result"),
    "infinity": ("final_result = [1e400]", "bad_result"),
    "a function": ("final_result = lambda: 1", "bad_result"),
    "a built-in": ("final_result = print", "bad_result"),
    "bytes": ("final_result = 'a'.encode()", "bad_result"),
    "an exception": ("final_result = ValueError('x')", "bad_result"),
    "a key that is a tuple": ("final_result = {(1, 2): 3}", "bad_result"),
    "keys that become the same": ("final_result = {1: 2, '1': 3}", "bad_result"),
    "never set": ("if not hits:\n    final_result = 1", "no_result"),
}


@pytest.fixture(scope="module")
def pool():
    workers = open_pool(1, None, turn_timeout_s=10.0)
    yield workers
    workers.__exit__(None, None, None)


@pytest.fixture
def run_unchecked(pool, tools):
    """Runs a program in Monty with no static check before it."""

    def run(program: str, limits: Limits = LIMITS) -> object:
        desk = CallDesk({tool.name: tool for tool in tools}, limits)
        source = Source(program, ast.parse(program))
        return execute(pool, RunningProgram(source, CallFlow({}, {}, {}), desk, limits))

    return run


@pytest.mark.parametrize("name", ATTEMPTS)
def test_sandbox_stops(sandbox, tools, domain, name):
    attempt = ATTEMPTS[name]
    limits = SHORT if attempt.outer == "time_limit" else LIMITS
    with pytest.raises(ProgramFailure) as caught:
        sandbox.run(attempt.text, tools, domain=domain, limits=limits)
    assert caught.value.kind == attempt.outer
    assert len(caught.value.message) < 1_000
    assert sandbox.run(INNOCENT, tools, domain=domain).value == "Chen Wei"


@pytest.mark.parametrize("name", [name for name, attempt in ATTEMPTS.items() if attempt.inner])
def test_inner_wall_alone_stops(run_unchecked, name):
    attempt = ATTEMPTS[name]
    with pytest.raises(ProgramFailure) as caught:
        run_unchecked(attempt.text, SHORT if attempt.inner == "time_limit" else LIMITS)
    assert caught.value.kind == attempt.inner
    assert run_unchecked(INNOCENT) == "Chen Wei"


@pytest.mark.parametrize("name", RESULTS)
def test_result_is_refused(sandbox, tools, domain, name):
    program, kind = RESULTS[name]
    with pytest.raises(ProgramFailure) as caught:
        sandbox.run(f'hits = searchPerson(name="Chen Wei")\n{program}', tools, domain=domain, limits=SMALL)
    assert (caught.value.kind, len(caught.value.calls)) == (kind, 1)
    assert sandbox.run(INNOCENT, tools, domain=domain).value == "Chen Wei"


@pytest.mark.parametrize("encoder", ["'x'", "5", "{(1, 2): 3}", "None", "print"])
def test_replaced_encoder_lets_only_text_out(run_unchecked, encoder):
    with pytest.raises(ProgramFailure) as caught:
        run_unchecked(f"final_result = 1\n_encode = lambda *a: {encoder}\nsearchPerson(name='x')")
    assert caught.value.kind == "runtime"


def test_replaced_encoder_cannot_leave_a_result_that_is_not_json(run_unchecked):
    with pytest.raises(ProgramFailure) as caught:
        run_unchecked("final_result = 1\n_encode = lambda *a: {(1, 2): 3}")
    assert caught.value.kind == "bad_result"
    assert run_unchecked(INNOCENT) == "Chen Wei"


@pytest.mark.parametrize(
    "lie",
    [
        "def len(v):\n    return -10**12",
        "def isinstance(v, t):\n    return True",
        "def type(v):\n    return list",
    ],
)
@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("searchPerson(name='a' * 10**6)\nfinal_result = 1", "runtime"),
        ("final_result = 'a' * (2 * 10**6)", "result_limit"),
        ("x = 1\nfor i in range(150):\n    x = [x]\nfinal_result = x", "result_limit"),
    ],
)
def test_builtins_redefined_lift_no_limit(run_unchecked, lie, program, kind):
    with pytest.raises(ProgramFailure) as caught:
        run_unchecked(f"{lie}\n{program}")
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("'\"' + 'a' * (2 * 10**6) + '\"'", "result_limit"),
        ("'[' * 150 + ']' * 150", "result_limit"),
        ("'[' * 10**5 + ']' * 10**5", "result_limit"),
        ("'NaN'", "bad_result"),
    ],
)
def test_replaced_encoder_lifts_no_limit_of_the_result(run_unchecked, text, kind):
    with pytest.raises(ProgramFailure) as caught:
        run_unchecked(f"final_result = 1\n_encode = lambda *a: {text}")
    assert caught.value.kind == kind


@pytest.mark.parametrize("argument", ["'\"' + 'a' * 10**6 + '\"'", "'[' * 150 + ']' * 150"])
def test_replaced_encoder_lifts_no_limit_of_the_arguments(run_unchecked, argument):
    with pytest.raises(ProgramFailure, match="OverflowError"):
        run_unchecked(f"_encode = lambda *a: '[[' + {argument} + '], {{}}]'\nsearchPerson()")


def test_prelude_binds_no_function_the_desk_does_not_answer(run_unchecked):
    with pytest.raises(ProgramFailure, match="NameError: name 'drop' is not defined"):
        run_unchecked("_function('drop', 99, 9)()\nfinal_result = 1")


def test_long_message_of_an_exception_is_cut(failure_of):
    failure = failure_of('searchPerson(name="x")\nfinal_result = 1\nraise Exception("x" * 10**6)')
    assert failure.message.endswith("x….")
    assert len(failure.message) < 400


def test_wall_clock_counts_the_time_of_calls(sandbox, tools, domain):
    def slow(**_arguments):
        time.sleep(0.05)
        return []

    slowed = [FunctionTool.of(tools[0].spec, slow), *tools[1:]]
    program = 'while True:\n    searchPerson(name="x")\nfinal_result = 1'
    with pytest.raises(ProgramFailure) as caught:
        sandbox.run(program, slowed, domain=domain, limits=Limits(wall_s=0.2))
    assert caught.value.kind == "time_limit"
    assert 2 <= len(caught.value.calls) <= 5


def waiting(tools, seconds):
    def wait(**_arguments):
        time.sleep(seconds)
        return []

    return [FunctionTool.of(replace(tools[0].spec, waits=True), wait), *tools[1:]]


def test_wall_clock_grants_functions_their_time_that_wait_as_they_are_asked_to(sandbox, tools, domain):
    program = 'for i in range(4):\n    searchPerson(name="x")\nfinal_result = 1'
    limits = Limits(time_s=1.0, wall_s=1.5)
    assert sandbox.run(program, waiting(tools, 0.5), domain=domain, limits=limits).value == 1


def test_functions_that_wait_are_granted_no_more_than_the_limit(sandbox, tools, domain):
    program = 'while True:\n    searchPerson(name="x")\nfinal_result = 1'
    with pytest.raises(ProgramFailure) as caught:
        sandbox.run(program, waiting(tools, 0.1), domain=domain, limits=Limits(wall_s=0.2, wait_s=0.2))
    assert caught.value.kind == "time_limit"
