"""What comes out of a session: values that JSON can hold, and nothing else."""

import pytest

VALUES = {
    "None": None,
    "True": True,
    "1.5": 1.5,
    "10**30": 10**30,
    "'牧羊 \\u2028 \\x00 \"quoted\"'": '牧羊 \u2028 \x00 "quoted"',
    "(1, (2, 'a'))": [1, [2, "a"]],
    "{3, 1, 2}": [1, 2, 3],
    "frozenset('ba')": ["a", "b"],
    "{1: 'a', None: 'b', 2.5: {'x'}}": {"1": "a", "None": "b", "2.5": ["x"]},
    "{'a': 1}.keys()": ["a"],
    "{'a': 1}.values()": [1],
    "{'a': 1}.items()": [["a", 1]],
    "range(3)": [0, 1, 2],
    "(n for n in [1, 2])": [1, 2],
    "map(str, [1, 2])": ["1", "2"],
    "zip([1], [2])": [[1, 2]],
    "enumerate('a')": [[0, "a"]],
    "Counter('aab')": {"a": 2, "b": 1},
    "defaultdict(list, {'a': [1]})": {"a": [1]},
    "'[...]'": "[...]",
    "[]": [],
    "{}": {},
    "''": "",
}


@pytest.mark.parametrize("expression", VALUES)
def test_value_arrives_as_json(run, expression):
    program = (
        f'from collections import Counter, defaultdict\nsearchPerson(name="A")\nfinal_result = {expression}'
    )
    value = run(program).value
    assert (value, type(value)) == (VALUES[expression], type(VALUES[expression]))


def test_mixed_set_becomes_a_list_in_some_order(run):
    value = run('searchPerson(name="A")\nfinal_result = {1, "a"}').value
    assert sorted(map(str, value)) == ["1", "a"]


def test_shared_lists_are_written_out(run):
    assert run('searchPerson(name="A")\nx = [1]\nfinal_result = [x, x]').value == [[1], [1]]


def test_depth_limit_counts_levels(run, failure_of):
    program = 'searchPerson(name="A")\nfinal_result = [[[1]]]'
    assert run(program, result_depth=3).value == [[[1]]]
    assert failure_of(program, result_depth=2).kind == "result_limit"


def test_size_limit_counts_bytes_of_utf8(run, failure_of):
    program = 'searchPerson(name="A")\nfinal_result = "牧" * 10'
    assert len(run(program, result_bytes=32).value) == 10
    assert failure_of(program, result_bytes=31).kind == "result_limit"


def test_no_result_on_this_way_through_the_program(failure_of):
    failure = failure_of('if not searchPerson(name="Chen Wei"):\n    final_result = 1')
    assert (failure.kind, failure.message) == ("no_result", "The program ended without setting final_result.")


def test_result_set_inside_a_function_only_is_no_result(failure_of):
    program = 'def f():\n    final_result = searchPerson(name="A")\nf()'
    assert failure_of(program).kind == "no_result"


def test_result_set_as_a_global_counts(run):
    program = 'def f():\n    global final_result\n    final_result = len(searchPerson(name="Chen Wei"))\nf()'
    assert run(program).value == 1


def test_call_limit_counts_calls(run, failure_of):
    program = 'for n in ["A", "B", "C"]:\n    searchPerson(name=n)\nfinal_result = 1'
    assert len(run(program, calls=3).calls) == 3
    failure = failure_of(program, calls=2)
    assert (failure.kind, len(failure.calls)) == ("call_limit", 2)


def test_recursion_limit_is_the_callers(run, failure_of):
    program = 'def f(n):\n    return f(n - 1) if n else 0\nsearchPerson(name="A")\nfinal_result = f(50)'
    assert run(program, recursion=100).value == 0
    assert failure_of(program, recursion=40).kind == "recursion_limit"


def test_memory_limit_is_the_callers(run, failure_of):
    program = 'searchPerson(name="A")\nfinal_result = len("a" * (8 * 2**20))'
    assert run(program, memory_bytes=32 * 2**20).value == 8 * 2**20
    assert failure_of(program, memory_bytes=4 * 2**20).kind == "memory_limit"
