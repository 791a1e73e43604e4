"""What a failing program is told: the line, the cause, the search that found nothing."""

import pytest


def nobody(where: str, taken: str = "element 0") -> str:
    return f"searchPerson(name='Nemo Null') found nothing, and {where} takes {taken} of it."


EMPTY = {
    "indexed at once": (
        'final_result = searchPerson(name="Nemo Null")[0]["name"]',
        nobody('line 1: `final_result = searchPerson(name="Nemo Null")[0]["name"]`'),
    ),
    "indexed later": (
        'a = searchPerson(name="Chen Wei")\nb = searchPerson(name="Nemo Null")\n'
        "x = a[0]\nfinal_result = b[0]",
        nobody("line 4: `final_result = b[0]`"),
    ),
    "the other of two empty searches": (
        'b = searchPerson(name="Nemo Null")\nc = searchPerson(name="No One")\nfinal_result = b[0]',
        nobody("line 3: `final_result = b[0]`"),
    ),
    "behind non-ASCII text": (
        'é = "牧"; b = searchPerson("Nemo Null")[0]\nfinal_result = b',
        nobody('line 1: `é = "牧"; b = searchPerson("Nemo Null")[0]`'),
    ),
    "over several lines": (
        'final_result = searchPerson(\n    name="Nemo Null",\n)[\n    0\n]',
        nobody("line 1: `final_result = searchPerson(`"),
    ),
    "through a comprehension": (
        'names = [p["name"] for p in searchPerson(name="Nemo Null")]\nfinal_result = names[0]',
        nobody("line 2: `final_result = names[0]`"),
    ),
    "sorted first": (
        'final_result = sorted(searchPerson(name="Nemo Null"), key=lambda p: p["name"])[0]',
        nobody('line 1: `final_result = sorted(searchPerson(name="Nemo Null"), key=lambda p: p["name"])[0]`'),
    ),
    "in a function": (
        "def first(n):\n    return searchPerson(name=n)[0]\n"
        'first("Chen Wei")\nfinal_result = first("Nemo Null")',
        nobody("line 2: `return searchPerson(name=n)[0]`"),
    ),
    "in a key": (
        'cs = searchPerson(name="Chen Wei")\n'
        'final_result = max(cs, key=lambda c: searchPerson(name="Nemo Null")[0]["num_pubs"])',
        nobody(
            'line 2: `final_result = max(cs, key=lambda c: searchPerson(name="Nemo Null")[0]["num_pubs"])`'
        ),
    ),
    "the last element": (
        'final_result = searchPerson(name="Nemo Null")[-1]',
        nobody('line 1: `final_result = searchPerson(name="Nemo Null")[-1]`', "element -1"),
    ),
    "the best of none": (
        'final_result = max(searchPerson(name="Nemo Null"), key=lambda p: p["num_pubs"])',
        nobody(
            'line 1: `final_result = max(searchPerson(name="Nemo Null"), key=lambda p: p["num_pubs"])`',
            "the best",
        ),
    ),
    "filtered away": (
        'hits = [p for p in searchPerson(name="Chen Wei") if p["num_pubs"] > 99]\nfinal_result = hits[0]',
        "`hits` is empty, and line 2: `final_result = hits[0]` takes element 0 of it.",
    ),
}

RUNTIME = {
    "beyond the end": (
        'final_result = searchPerson(name="Chen Wei")[5]',
        'line 1: `final_result = searchPerson(name="Chen Wei")[5]`: IndexError: list index out of range.',
    ),
    "division": (
        'x = searchPerson(name="Chen Wei")\nfinal_result = 1 / (len(x) - 1)',
        "line 2: `final_result = 1 / (len(x) - 1)`: ZeroDivisionError: division by zero.",
    ),
    "unknown key of a variable": (
        'key = "EMAIL".lower()\nfinal_result = searchPerson(name="Chen Wei")[0][key]',
        "line 2: `final_result = searchPerson(name=\"Chen Wei\")[0][key]`: KeyError: 'email'.",
    ),
    "raised by the program": (
        'searchPerson(name="A")\nfinal_result = 1\nraise ValueError("cannot say")',
        'line 3: `raise ValueError("cannot say")`: ValueError: cannot say.',
    ),
    "raised without words": (
        'searchPerson(name="A")\nfinal_result = 1\nraise ValueError',
        "line 3: `raise ValueError`: ValueError.",
    ),
    "assertion": (
        'hits = searchPerson(name="Chen Wei")\nassert len(hits) > 1, "only one"\nfinal_result = 1',
        'line 2: `assert len(hits) > 1, "only one"`: AssertionError: only one',
    ),
    "in a function": (
        'def f(x):\n    return 1 / x\n\nsearchPerson(name="A")\nfinal_result = f(0)',
        "line 2: `return 1 / x`: ZeroDivisionError: division by zero.",
    ),
    "next of nothing": (
        'hits = searchPerson(name="Chen Wei")\nfinal_result = next(p for p in hits if p["num_pubs"] > 99)',
        'line 2: `final_result = next(p for p in hits if p["num_pubs"] > 99)`: StopIteration.',
    ),
}


OWN = {
    "an empty list": 'raise IndexError("list index out of range")',
    "no maximum": 'raise ValueError("max() of an empty list")',
    "calls": 'raise RuntimeError("suspension limit 5 exceeded")',
    "a word about calls": 'raise RuntimeError("suspension")',
    "time": 'raise TimeoutError("feed time limit exceeded: 6s > 5s")',
    "a variable": 'error = TimeoutError("feed time limit exceeded: 6s > 5s"); raise error',
}


@pytest.mark.parametrize("name", OWN)
def test_errors_of_the_program_are_its_own_whatever_they_say(failure_of, name):
    failure = failure_of(f'x = searchPerson(name="Nemo Null")\n{OWN[name]}\nfinal_result = 1')
    assert failure.kind == "runtime"
    assert failure.message.startswith(f"line 2: `{OWN[name]}`: ")


def test_long_arguments_are_cut(failure_of):
    failure = failure_of('final_result = searchPerson(name="zq " * 600)[0]')
    assert failure.kind == "empty_result"
    assert "z… found nothing, and line 1: " in failure.message
    assert len(failure.message) < 500


def test_long_words_of_a_tool_are_cut(failure_of):
    failure = failure_of(
        'p = searchPerson(name="Chen Wei")[0]["person_id"]\nfinal_result = getCoauthors(person_id=p * 5000)'
    )
    assert failure.kind == "tool"
    assert len(failure.message) < 1_000


@pytest.mark.parametrize("name", EMPTY)
def test_search_that_found_nothing_is_named(failure_of, name):
    program, message = EMPTY[name]
    failure = failure_of(program)
    assert (failure.kind, failure.message) == ("empty_result", message)


@pytest.mark.parametrize("name", RUNTIME)
def test_runtime_error_names_its_line(failure_of, name):
    program, message = RUNTIME[name]
    failure = failure_of(program)
    assert failure.kind == "runtime"
    assert failure.message.startswith(message)
    assert failure.hint


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ('name="Nemo Null"', "Check the spelling of name."),
        (
            'name="Chen Wei", organization="Nowhere"',
            "Check the spelling of name and organization, or give fewer of them.",
        ),
    ],
)
def test_hint_says_which_arguments_to_look_at(failure_of, arguments, hint):
    assert failure_of(f"final_result = searchPerson({arguments})[0]").hint == hint


def test_calls_made_before_the_failure_are_kept(failure_of):
    failure = failure_of(
        'a = searchPerson(name="Chen Wei")[0]\nfinal_result = searchPerson(name="Nemo Null")[0]'
    )
    assert [call.args["name"] for call in failure.calls] == ["Chen Wei", "Nemo Null"]


def test_arguments_rejected_by_the_function_are_a_tool_failure(failure_of):
    failure = failure_of('x = searchPerson(name="")\nfinal_result = x')
    assert (failure.kind, [call.ok for call in failure.calls]) == ("tool", [False])
    assert "give at least one of name, organization and interest" in failure.message


def test_unknown_id_is_told_in_the_tools_words(failure_of):
    failure = failure_of(
        'p = searchPerson(name="Chen Wei")[0]\nkey = str(p["num_pubs"])\nfinal_result = getCoauthors(key)'
    )
    assert failure.kind == "tool"
    assert failure.message.startswith("line 3: `final_result = getCoauthors(key)`: ")
    assert "'2'" in failure.message
