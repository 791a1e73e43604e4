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


# Each of these carries ITEM to ID in a way that has nothing to do with the name it is read by.
ITEM = "near(find('a')[0]['id'])[0]['id']"
HIDDEN = {
    "an alias of a list": (f"l = []\nm = l\nm.append({ITEM})", "l[0]"),
    "a tuple that holds a list": (f"l = []\nt = (l, 1)\nt[0].append({ITEM})", "l[0]"),
    "a list that holds a list": (f"l = []\nt = [l]\nt[0].append({ITEM})", "l[0]"),
    "a list in a list of lists": (f"ls = [[], []]\nfor l in ls:\n    l.append({ITEM})", "ls[0][0]"),
    "a list made several times": (f"l = [[]] * 2\nl[0].append({ITEM})", "l[1][0]"),
    "an alias by or": (f"l = []\n(None or l).append({ITEM})", "l[0]"),
    "an alias by max": (f"l = []\nmax([l], key=len).append({ITEM})", "l[0]"),
    "an alias extended in place": (f"l = []\nm = l\nm += [{ITEM}]", "l[0]"),
    "an alias's slice": (f"l = ['x']\nm = l\nm[0:1] = [{ITEM}]", "l[0]"),
    "an alias's element": (f"l = ['x']\nm = l\nm[0] = {ITEM}", "l[0]"),
    "an alias's key": (f"d = {{}}\ne = d\ne.update(a={ITEM})", "d['a']"),
    "an alias of an API record": (f"p = find('b')[0]\nq = p\nq['x'] = {ITEM}", "p['x']"),
    "a parameter": (f"def f(a):\n    a.append({ITEM})\nl = []\nf(l)", "l[0]"),
    "a result that is a global list": (f"l = []\ndef f():\n    return l\nf().append({ITEM})", "l[0]"),
    "a default that is kept": (f"def f(v, l=[]):\n    l.append(v)\n    return l\nf({ITEM})", "f('x')[0]"),
    "a default of its time": (f"i = {ITEM}\ndef f(a=i):\n    return a\ni = 'x'", "f()"),
    "a default by keyword only": (f"def f(*, a={ITEM}):\n    return a", "f()"),
    "arguments by star": ("def f(a, b):\n    return b", f"f(*['x', {ITEM}])"),
    "parameters by star": ("def f(*a):\n    return a[1]", f"f('x', {ITEM})"),
    "parameters by two stars": ("def f(**a):\n    return a['x']", f"f(x={ITEM})"),
    "setdefault": (f"d = {{}}\nd.setdefault('x', []).append({ITEM})", "d['x'][0]"),
    "a defaultdict": (
        f"from collections import defaultdict\nd = defaultdict(list)\nd['x'].append({ITEM})",
        "d['x'][0]",
    ),
    "a view": (f"d = {{}}\nv = d.items()\nd['x'] = {ITEM}", "list(v)[0][1]"),
    "a closure": (f"def f(x):\n    return lambda: x\nx = 'x'\ng = f({ITEM})", "g()"),
    "a closure over a loop": (f"fs = [lambda: c for c in [{ITEM}]]", "fs[0]()"),
    "a nonlocal variable": (
        "def f():\n    x = 'x'\n    def put(v):\n        nonlocal x\n        x = v\n"
        f"    return put, lambda: x\nput, get = f()\nput({ITEM})",
        "get()",
    ),
    "a global behind a local": (
        f"x = 'x'\ndef f(v):\n    global x\n    x = v\ndef g(v):\n    x = 'y'\n    f(v)\ng({ITEM})",
        "x",
    ),
    "partial": (
        f"from functools import partial\ndef f(a):\n    return a\ng = partial(f, {ITEM})",
        "g()",
    ),
    "a name of Python's": (f"from functools import partial\nlen = partial(str, {ITEM})", "len()"),
    "an error": (
        f"q = 'x'\ntry:\n    raise ValueError({ITEM})\nexcept ValueError as e:\n    q = str(e)",
        "q",
    ),
    "an error's words": (f"q = 'x'\ntry:\n    {{}}[{ITEM}]\nexcept KeyError as e:\n    q = str(e)", "q"),
    "before an error": (
        f"x = ''\ntry:\n    x = {ITEM}\n    1 / 0\n    x = ''\nexcept Exception:\n    pass",
        "x",
    ),
    "before a break": (f"while True:\n    x = {ITEM}\n    break\n    x = ''", "x"),
    "before a return": (f"def f():\n    global x\n    x = {ITEM}\n    return 1\n    x = ''\nf()", "x"),
    "positions in a table": (f"h = '0123456789abcdef'\nq = [h[h.index(c)] for c in {ITEM}]", "''.join(q)"),
    "one of a tuple in a list": (f"t = [('x', {ITEM})]", "t[0][1]"),
    "the last of a tuple": (f"t = ('x', {ITEM})", "t[-1]"),
    "the rest of a match": (
        f"match {{'x': {ITEM}, 'y': 1}}:\n    case {{'y': y, **rest}}:\n        pass",
        "rest['x']",
    ),
    "a key made of it": (f"d = {{{ITEM}: 1}}", "list(d.keys())[0]"),
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


@pytest.mark.parametrize("name", HIDDEN)
def test_no_value_escapes(name):
    program, read = HIDDEN[name]
    assert flow_of(f"{program}\ninfo({read})").plans(max_hops=4) == {(FIND, NEAR, INFO)}


# Errors may quote anything.
@pytest.mark.parametrize("name", [name for name in HIDDEN if name not in ("an error", "an error's words")])
def test_what_is_carried_decides_the_chain(name):
    program, read = HIDDEN[name]
    constant = f"near(find('b')[0]['id'])\n{program}\ninfo({read})".replace(ITEM, "find('b')[0]['id']")
    assert (FIND, NEAR, INFO) not in flow_of(constant).plans(max_hops=4)


@pytest.mark.parametrize(
    "program",
    [
        "p = find('a')\nwhile True:\n    p = near(p[0]['id'])",
        "ids = [find('a')[0]['id']]\nfor i in ids:\n    ids.extend(c['id'] for c in near(i))",
        "p = find('a')\nfor _ in range(2):\n    p = [d for c in p for d in near(c['id'])]",
        "l = [find('a')[0]['id']]\nm = l\nfor _ in range(2):\n    m.append(near(l[-1])[0]['id'])",
        "l = [find('a')[0]['id']]\n[l.append(near(l[-1])[0]['id']) for _ in range(2)]",
        "l = [find('a')[0]['id']]\nlist(map(lambda _: l.append(near(l[-1])[0]['id']), range(2)))",
        "def f(i, n):\n    return f(near(i)[0]['id'], n - 1) if n else i\nf(find('a')[0]['id'], 9)",
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


def test_tables_of_tables_are_followed_in_few_steps():
    """A value counts as many steps as it has branches, so that none can have millions."""
    tables = "a0 = find('a')[0]\n"
    for level in range(1, 5):
        tables += f"a{level} = {{{', '.join(f'{key!r}: a{level - 1}' for key in map(str, range(40)))}}}\n"
    flow = flow_of(tables + "x = a4 or a3\n" + "y = [a4, x]\n" * 40 + "near(y[0])")
    assert flow.plans(max_hops=4) == {(FIND, NEAR)}


def test_change_of_an_unknown_container_is_refused():
    with pytest.raises(ProgramFailure, match="line 3: what is changed here cannot be followed"):
        flow_of("def f(a=None):\n    g = lambda: unknown\n    g().append(find('a'))\nf()")


def test_what_feeds_each_argument_is_told_apart():
    flow = flow_of("a = find('a')\nb = near('b')\ninfo(a[0], who=b[0])")
    [*_, arguments] = flow.arguments.values()
    assert {key: [site.function for site in sites] for key, sites in arguments.items()} == {
        0: [FIND],
        "who": [NEAR],
    }


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
        "x = find('a')\n" + "x = (x, x)\n" * 500,
        "s = []\nx = find('a')\n"
        + "".join(f"l{i} = [x]\ns.append(l{i})\n" for i in range(300))
        + "s[0].append(x)\n" * 100,
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
