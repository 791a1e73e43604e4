"""The faults that a scripted teacher plants, and the reasons for which the gate should drop each.

    spoiled = spoil("other_plan", task, rng)
    OWN_REASONS["other_plan"]                # {"code_plan"}

They are faults that models make: a reply that breaks off, a task copied from the prompt, a refusal, another
language, and programs that are wrong in three ways. A program that runs and answers another question than the
one asked is not among them: nothing in the loop knows the right answer, so nothing could find it.
"""

from collections.abc import Mapping
from random import Random
from typing import Literal, get_args

from herdwick.selfinstruct.teacher.reply import Task

FaultKind = Literal[
    "truncated", "repeated", "refusal", "other_language", "unknown_function", "other_plan", "constant_result"
]
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)

OWN_REASONS: Mapping[FaultKind, frozenset[str]] = {
    "truncated": frozenset({"truncated"}),
    "repeated": frozenset({"too_similar", "same_instruction"}),
    "refusal": frozenset({"refusal"}),
    "other_language": frozenset({"other_language"}),
    "unknown_function": frozenset({"code_plan"}),
    "other_plan": frozenset({"code_plan"}),
    "constant_result": frozenset({"trivial"}),
}
"""Reasons of `herdwick.selfinstruct.teacher.gate` and `reply` that name the fault itself."""

_PEOPLE, _PAPERS = "searchPerson -> getCoauthors", "searchPublication -> getPublication"


def kinds_at(place: int, count: int) -> tuple[FaultKind, ...]:
    """The faults that the task at `place` of `count` can have.

    Only the first can be a refusal, which replaces the whole reply, and only the last can break off.
    """
    missing = {*(("refusal",) if place else ()), *(("truncated",) if place < count - 1 else ())}
    return tuple(kind for kind in KINDS if kind not in missing)


def spoil(kind: FaultKind, task: Task, rng: Random) -> Task:
    """`task` with a program that is wrong.

    Args:
        kind: `unknown_function`, `other_plan` or `constant_result`; the others do not concern the program.
        task: A good one: plan on the first line of its output, program below.
        rng: Chooses what the constant is.
    """
    plan, _, program = task.output.partition("\n")
    match kind:
        case "unknown_function":
            called = plan.partition(" ")[0]
            return _with_output(task, plan, program.replace(f"{called}(", f"{called}ByName("))
        case "other_plan":
            return _with_output(task, _PAPERS if plan.startswith("searchPerson") else _PEOPLE, program)
        case "constant_result":
            return _with_output(task, plan, f"{program}\nfinal_result = {rng.randint(2, 900)}")
        case _:
            raise ValueError(f"{kind} is no fault of a program")


def _with_output(task: Task, plan: str, program: str) -> Task:
    return Task(task.instruction, task.input, f"{plan}\n{program}")
