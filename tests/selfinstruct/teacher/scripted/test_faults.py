"""Every planted fault meets the real gate and the real sandbox."""

from collections import defaultdict
from random import Random

import pytest

from herdwick.selfinstruct.teacher.gate import Gate
from herdwick.selfinstruct.teacher.journal import ReplyLine
from herdwick.selfinstruct.teacher.judging import judge_reply
from herdwick.selfinstruct.teacher.reply import Task
from herdwick.selfinstruct.teacher.scripted.faults import KINDS, OWN_REASONS, kinds_at, spoil
from herdwick.selfinstruct.teacher.scripted.ledger import reason_for
from herdwick.selfinstruct.teacher.seeds import read_seeds

PROGRAM = 'final_result = searchPerson(name="Ada Quill")[0]["num_pubs"]'
TASK = Task("How many papers has Ada Quill?", "", f"searchPerson\n{PROGRAM}")


@pytest.mark.slow
def test_every_fault_is_rejected_for_its_own_reason(write, prompts, config, runner):
    seeds = read_seeds(config.seeds).tasks
    found = defaultdict(list)
    for number in range(25):
        reply = write(number, faults=0.6)
        line = ReplyLine(number=number, form="json", text=reply.text, finish=reply.finish, id=reply.id)
        # A gate for each reply: what was asked in another cannot be what it is rejected for.
        decision = judge_reply(line, prompts(number), Gate(config, seeds, runner), config, "scripted")
        for fault in reply.faults:
            found[fault.kind].append(reason_for(fault, decision))
    assert {*found} == {*KINDS}
    earlier = {
        kind: [reason for reason in reasons if reason not in OWN_REASONS[kind]]
        for kind, reasons in found.items()
    }
    # Under a question that is like a seed, a program is not looked at.
    assert {reason for reasons in earlier.values() for reason in reasons} <= {"too_similar", "too_short"}
    assert all(len(earlier[kind]) < len(found[kind]) for kind in KINDS)


def test_only_the_first_task_can_be_refused_and_only_the_last_break_off():
    assert "refusal" in kinds_at(0, 3)
    assert "truncated" not in kinds_at(0, 3)
    assert not {"refusal", "truncated"} & {*kinds_at(1, 3)}
    assert "truncated" in kinds_at(2, 3)
    assert kinds_at(0, 1) == KINDS


@pytest.mark.parametrize(
    ("kind", "output"),
    [
        (
            "unknown_function",
            'searchPerson\nfinal_result = searchPersonByName(name="Ada Quill")[0]["num_pubs"]',
        ),
        ("other_plan", f"searchPublication -> getPublication\n{PROGRAM}"),
    ],
)
def test_a_program_is_spoiled_in_one_place(kind, output):
    assert spoil(kind, TASK, Random(1)) == Task(TASK.instruction, "", output)


def test_a_constant_takes_the_place_of_the_result():
    spoiled = spoil("constant_result", TASK, Random(1)).output
    assert spoiled.startswith(f"{TASK.output}\nfinal_result = ")
    assert spoiled.rpartition(" ")[2].isdecimal()


def test_a_fault_of_the_reply_is_none_of_a_program():
    with pytest.raises(ValueError, match="truncated"):
        spoil("truncated", TASK, Random(1))
