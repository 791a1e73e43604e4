"""AMiner programs over a synthetic graph and over an empty one, in the real sandbox."""

import json

import pytest

from herdwick.selfinstruct.teacher.execution import Unfit
from herdwick.selfinstruct.teacher.programs import open_programs
from herdwick.selfinstruct.teacher.reply import Task


@pytest.fixture(scope="module")
def programs():
    with open_programs(people=60, papers=120, seed=3) as opened:
        yield opened


@pytest.fixture(scope="module")
def name(programs) -> str:
    return programs.pool.people[0].name


def dropped(programs, output: str) -> str:
    with pytest.raises(Unfit) as caught:
        programs.run(Task("Who?", "", output))
    return caught.value.kind


def test_a_program_is_kept_for_what_it_computes(programs, name):
    output = f'searchPerson\nfinal_result = searchPerson(name="{name}")[0]["name"]\n'
    assert json.loads(programs.run(Task("Who?", "", output))) == name


def test_a_fence_around_it_does_not_matter(programs, name):
    output = f'```python\nsearchPerson\nfinal_result = searchPerson(name="{name}")[0]["name"]\n```'
    assert json.loads(programs.run(Task("Who?", "", output))) == name


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ('searchPerson\nfinal_result = len(searchPerson(name="Nobody Here At All"))', "no_result"),
        ('searchPerson\nfinal_result = "yes" if searchPerson(name="Nobody Here") else "no"', "trivial"),
        ('searchPerson\nfinal_result = searchPerson(nam="X")', "code_type"),
        ('getCoauthors\nfinal_result = searchPerson(name="X")', "code_plan"),
        ("searchPerson\nimport os\nfinal_result = searchPerson(name=os.name)", "code_forbidden"),
        ("searchPerson", "no_program"),
        ("unanswerable: off_topic", "no_program"),
    ],
)
def test_what_is_not_kept_has_its_reason(programs, output, reason):
    assert dropped(programs, output) == reason


@pytest.mark.parametrize("result", ["7", '"yes"', '["a", "b"]'])
def test_a_result_that_is_written_in_the_program_is_trivial(programs, name, result):
    found = f'searchPerson\np = searchPerson(name="{name}")[0]'
    assert dropped(programs, f"{found}\nfinal_result = {result}") == "trivial"
    chosen = f'{found}\nfinal_result = {result} if p["name"] else 1'
    assert json.loads(programs.run(Task("Who?", "", chosen))) == json.loads(result)


def test_entities_are_those_of_the_graph_and_the_same_for_the_same_numbers(programs):
    from random import Random

    shown = programs.draw_entities(Random(1))
    assert shown == programs.draw_entities(Random(1))
    assert sum(person.name in shown for person in programs.pool.people) >= 6
