import pytest

from herdwick.agents.errors import ModelError
from herdwick.selfinstruct.teacher.reply import parse_reply
from herdwick.selfinstruct.teacher.scripted.writer import ScriptedWriter


@pytest.mark.parametrize("form", ["json", "text"])
def test_as_many_tasks_are_written_as_are_asked_for(write, config, form):
    reply = write(0, form=form)
    parsed = parse_reply(reply.text, form=form, finish=reply.finish)
    assert (len(parsed.tasks), parsed.unusable, reply.faults) == (config.items_per_reply, (), ())


def test_a_task_has_the_plan_above_its_program(write):
    task = parse_reply(write(0).text, form="json").tasks[0]
    plan, _, program = task.output.partition("\n")
    assert plan.split(" -> ")[0] in ("searchPerson", "searchPublication")
    assert "final_result = " in program


def test_tasks_are_about_entities_that_the_prompt_names(write, prompts):
    entities = prompts(0).entities
    names = [line.split("; ")[0].removeprefix("- ") for line in entities.splitlines() if "; " in line]
    written = write(0).text.casefold()
    assert any(name.casefold() in written for name in names)


def test_the_same_prompt_gets_the_same_reply(write):
    assert write(3, faults=0.5) == write(3, faults=0.5)


def test_another_prompt_or_seed_gets_another_reply(write):
    assert len({write(3).text, write(4).text, write(3, seed=6).text}) == 3


def test_without_faults_nothing_is_spoiled(write):
    assert not any(write(number).faults for number in range(10))


def test_a_reply_that_breaks_off_says_so(write):
    broken = [reply for reply in (write(n, faults=1.0) for n in range(40)) if reply.finish == "length"]
    assert broken
    for reply in broken:
        parsed = parse_reply(reply.text, form="json", finish="length")
        assert [piece.reason for piece in parsed.unusable] == ["truncated"]


@pytest.mark.parametrize(
    ("system", "user"),
    [
        ("Be brief.", "Hello\n\nEntities to ask about:\n- A; B; C"),
        ("Write 3 new tasks.", "no entities"),
        ("Write 3 new tasks.", "{}\n\nEntities to ask about:\n- Ada Quill; -; -"),
    ],
)
def test_what_is_no_prompt_of_the_loop_is_refused(book, system, user):
    with pytest.raises(ModelError) as caught:
        ScriptedWriter(book, faults=0.0, seed=1).reply(system, user, "json")
    assert caught.value.kind == "bad_request"
