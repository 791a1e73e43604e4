"""Which calls feed which, through everything that carries a value in Python."""

import ast

import pytest

from herdwick.tools.sandbox import ProgramFailure
from herdwick.tools.sandbox.dataflow import trace_calls

FUNCTIONS = {"find", "near", "info"}
FIND, NEAR, INFO = "find", "near", "info"

CHAINS = {
    # straight lines
    "a call in an argument": ("near(find('a')[0]['id'])", {(FIND, NEAR)}),
    "through a variable": ("a = find('a')\nb = a[0]\nnear(b['id'])", {(FIND, NEAR)}),
    "through a keyword": ("a = find('a')\nnear(who=a[0]['id'])", {(FIND, NEAR)}),
    "two independent calls": ("find('a')\nfind('b')", {(FIND,)}),
    "independent calls, then one more": ("a = find('a')\nb = find('b')\nnear(a[0]['id'])", {(FIND, NEAR)}),
    "a variable used again for something else": (
        "x = find('a')\nx = near(x[0]['id'])\nx = find('b')\ninfo(x[0]['id'])",
        {(FIND, NEAR), (FIND, INFO)},
    ),
    "both sides of a difference": ("near(find('a')[0]['n'] - find('b')[0]['n'])", {(FIND, NEAR)}),
    "an f-string": ("a = find('a')[0]\nfind(f\"{a['name']}!\")", {(FIND, FIND)}),
    "an augmented assignment": ("x = ''\nx += find('a')[0]['name']\nfind(x)", {(FIND, FIND)}),
    "a walrus": ("if (a := find('a')): near(a[0]['id'])", {(FIND, NEAR)}),
    "unpacking": ("a, b = find('a')[:2]\nnear(b['id'])", {(FIND, NEAR)}),
    "starred unpacking": ("a, *rest = find('a')\nnear(rest[0]['id'])", {(FIND, NEAR)}),
    "a conditional expression": ("a = find('a')\nnear(a[0]['id'] if a else 'x')", {(FIND, NEAR)}),
    "a default with or": ("a = find('a') or find('b')\nnear(a[0]['id'])", {(FIND, NEAR)}),
    "an annotated assignment": ("a: list = find('a')\nnear(a[0]['id'])", {(FIND, NEAR)}),
    # conditions carry nothing
    "a filter": (
        "x = find('a')[0]['id']\nr = [p for p in find('b') if x in [c['id'] for c in near(p['id'])]]",
        {(FIND, NEAR)},
    ),
    "a branch": ("if find('a'):\n    n = 'b'\nelse:\n    n = 'c'\nfind(n)", {(FIND,)}),
    "a length": ("find('a' * len(find('b')))", {(FIND,)}),
    "a comparison": ("find(str(find('a') == find('b')))", {(FIND,)}),
    # loops and comprehensions
    "a for loop": ("for p in find('a'):\n    near(p['id'])", {(FIND, NEAR)}),
    "nested loops": (
        "for p in find('a'):\n    for q in near(p['id']):\n        info(q['id'])",
        {(FIND, NEAR, INFO)},
    ),
    "a list filled in a loop": (
        "ids = []\nfor p in find('a'):\n    ids.append(p['id'])\nfor i in ids:\n    near(i)",
        {(FIND, NEAR)},
    ),
    "results collected, not fed back": (
        "r = []\nfor p in find('a'):\n    r.extend(near(p['id']))\nprint(r)",
        {(FIND, NEAR)},
    ),
    "the best so far": (
        "best = None\nfor p in find('a'):\n    i = info(p['id'])\n"
        "    if best is None or i['n'] > best['n']:\n        best = i\nfind(best['name'])",
        {(FIND, INFO, FIND)},
    ),
    "a while loop": ("p = find('a')\nwhile p:\n    near(p.pop()['id'])", {(FIND, NEAR)}),
    "a comprehension": ("[info(c['id']) for p in find('a') for c in near(p['id'])]", {(FIND, NEAR, INFO)}),
    "a comprehension's condition": ("[p for p in find('a') if info(p['id'])['x']]", {(FIND, INFO)}),
    "a comprehension's target does not leak": (
        "p = find('a')\nq = [p for p in find('b')]\nnear(p[0]['id'])",
        {(FIND, NEAR)},
    ),
    "a dict comprehension": ("d = {p['name']: p for p in find('a')}\nnear(d['x']['id'])", {(FIND, NEAR)}),
    "keys of a dict": ("d = {p['name']: 1 for p in find('a')}\nfor n in d:\n    find(n)", {(FIND, FIND)}),
    "items of a dict": (
        "d = {}\nfor p in find('a'):\n    d[p['name']] = p\nfor n, p in d.items():\n    near(p['id'])",
        {(FIND, NEAR)},
    ),
    "set algebra": (
        "a = {p['id'] for p in find('a')} & {p['id'] for p in find('b')}\n[near(i) for i in a]",
        {(FIND, NEAR)},
    ),
    # the program's own data
    "a record of two sources keeps them apart": (
        "r = [{'id': c['id'], 'hit': find(c['name'])} for c in near(find('a')[0]['id'])]\n"
        "[info(x['id']) for x in r]",
        {(FIND, NEAR, FIND), (FIND, NEAR, INFO)},
    ),
    "a field added to an API record": (
        "cs = near(find('a')[0]['id'])\nfor c in cs:\n    c['hit'] = find(c['name'])[0]\n"
        "info(cs[0]['hit']['id'])",
        {(FIND, NEAR, FIND, INFO)},
    ),
    "pairs": (
        "pairs = [(c, find(c['name'])) for c in near(find('a')[0]['id'])]\n"
        "for c, hits in pairs:\n    info(c['id'])",
        {(FIND, NEAR, FIND), (FIND, NEAR, INFO)},
    ),
    "zip": ("a = find('a')\nfor p, q in zip(a, find('b')):\n    near(q['id'])", {(FIND, NEAR)}),
    "enumerate": ("for i, p in enumerate(find('a')):\n    near(p['id'])", {(FIND, NEAR)}),
    "a dict behind a variable key": (
        "d = {'x': find('a')[0], 'y': find('b')[0]}\nfor k in ['x', 'y']:\n    near(d[k]['id'])",
        {(FIND, NEAR)},
    ),
    # functions
    "a sort key": ("sorted(find('a'), key=lambda p: len(near(p['id'])))", {(FIND, NEAR)}),
    "the best by a key": ("b = max(find('a'), key=lambda p: p['n'])\nnear(b['id'])", {(FIND, NEAR)}),
    "map": ("[info(x[0]['id']) for x in map(lambda p: near(p['id']), find('a'))]", {(FIND, NEAR, INFO)}),
    "filter": ("for p in filter(lambda p: p['n'], find('a')):\n    near(p['id'])", {(FIND, NEAR)}),
    "next": ("p = next((p for p in find('a') if p['n']), None)\nnear(p['id'])", {(FIND, NEAR)}),
    "reduce": (
        "from functools import reduce\nreduce(lambda a, b: a + near(b['id']), find('a'), [])",
        {(FIND, NEAR)},
    ),
    "dict.get": ("near(find('a')[0].get('id', ''))", {(FIND, NEAR)}),
    "a function of the program": (
        "def first(n):\n    return find(n)[0]\nnear(first('a')['id'])",
        {(FIND, NEAR)},
    ),
    "a function called twice": (
        "def first(n):\n    return find(n)[0]\na = first('a')\nb = first('b')\nprint(a, b)",
        {(FIND,)},
    ),
    "a function fed by itself": (
        "def ids(i):\n    return [c['id'] for c in near(i)]\n[ids(i) for i in ids(find('a')[0]['id'])]",
        {(FIND, NEAR, NEAR)},
    ),
    "a function's default and keyword": (
        "def f(i, n=find('a')[0]['name']):\n    return find(n)\nf(i=1)",
        {(FIND, FIND)},
    ),
    "a function that fills a global list": (
        "found = []\ndef look(n):\n    found.append(find(n)[0])\nlook('a')\nnear(found[0]['id'])",
        {(FIND, NEAR)},
    ),
    "a lambda in a variable": ("f = lambda n: find(n)[0]\nnear(f('a')['id'])", {(FIND, NEAR)}),
    "a function that calls itself": (
        "def f(n):\n    return find(n) if n else f(n)\nnear(f('a')[0]['id'])",
        {(FIND, NEAR)},
    ),
    "a function never called": ("def f(n):\n    return info(n)\nfind('a')", {(FIND,)}),
    # other statements
    "try": (
        "try:\n    p = find('a')[0]\nexcept IndexError:\n    p = find('b')[0]\nnear(p['id'])",
        {(FIND, NEAR)},
    ),
    "match": ("match find('a'):\n    case [p, *_]:\n        near(p['id'])", {(FIND, NEAR)}),
    "assert and raise": ("p = find('a')\nassert near(p[0]['id']), 'nobody'", {(FIND, NEAR)}),
}


def flow_of(program: str):
    return trace_calls(ast.parse(program), FUNCTIONS)


@pytest.mark.parametrize("name", CHAINS)
def test_longest_chains(name):
    program, chains = CHAINS[name]
    flow = flow_of(program)
    assert flow.circular() is None
    longest = max(map(len, chains))
    assert flow.plans(max_hops=4) == {chain for chain in chains if len(chain) == longest}


@pytest.mark.parametrize(
    "program",
    [
        "p = find('a')\nwhile True:\n    p = near(p[0]['id'])",
        "ids = [find('a')[0]['id']]\nfor i in ids:\n    ids.extend(c['id'] for c in near(i))",
        "p = find('a')\nfor _ in range(2):\n    p = [d for c in p for d in near(c['id'])]",
    ],
)
def test_calls_that_feed_themselves_are_circular(program):
    assert flow_of(program).circular().function == NEAR


def test_a_loop_over_fixed_names_is_not_circular():
    flow = flow_of(
        "total = 0\nfor n in ['a', 'b']:\n    p = find(n)[0]\n    total = total + len(near(p['id']))"
    )
    assert flow.circular() is None


@pytest.mark.parametrize(
    ("program", "expression"),
    [
        ("find('a')[0]", "find('a')[0]"),
        ("a = find('a')\nb = a\nb[0]", "b[0]"),
        ("a = [p for p in find('a')]\na[-1]", "a[-1]"),
        ("a = sorted(find('a'), key=len)\na[0]", "a[0]"),
        ("a = find('a')[:3]\na[0]", "a[0]"),
        ("max(find('a'), key=len)", "max(find('a'), key=len)"),
    ],
)
def test_what_an_empty_search_empties_is_known(program, expression):
    [(span, sites)] = [(span, sites) for span, sites in flow_of(program).emptied_by.items() if sites]
    assert ast.get_source_segment(program, _at(program, span)) == expression
    assert [site.function for site in sites] == [FIND]


@pytest.mark.parametrize(
    "program", ["[p for p in find('a') if p['n']][0]", "find('a')[1:][0]", "find('a')[0]['tags'][0]['t'][0]"]
)
def test_a_list_may_be_empty_though_the_search_found_something(program):
    spans = [span for span, sites in flow_of(program).emptied_by.items() if sites]
    assert [ast.get_source_segment(program, _at(program, span)) for span in spans] in ([], ["find('a')[0]"])


def test_constant_arguments_are_kept_by_position_and_name():
    flow = flow_of("x = 'c'\nfind('a', x, where='b')")
    assert list(flow.literals.values()) == [{0: "a", "where": "b"}]


def test_sites_in_a_function_are_told_apart_by_their_callers():
    flow = flow_of("def f(n):\n    return find(n)\nf('a')\nf('b')")
    assert [(site.function, site.line, len(site.path)) for site in flow.sites] == [(FIND, 2, 1), (FIND, 2, 1)]


@pytest.mark.parametrize(
    "program",
    [
        "def f0(x): return find(x)\n"
        + "".join(f"def f{i + 1}(x): return [f{i}(x), f{i}(x)]\n" for i in range(7))
        + "f7(1)\n" * 200,
        "def f0(x): return find(x)\n"
        + "".join(f"def f{i + 1}(x): return f{i}(x)\n" for i in range(20))
        + "f20(1)",
    ],
)
def test_entangled_programs_are_refused_in_time(program):
    with pytest.raises(ProgramFailure, match="too entangled"):
        flow_of(program)


def _at(program: str, span: tuple[int, int, int, int]) -> ast.expr:
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Subscript | ast.Call) and span == (
            node.lineno,
            node.col_offset,
            node.end_lineno,
            node.end_col_offset,
        ):
            return node
    raise AssertionError(f"no expression at {span}")
