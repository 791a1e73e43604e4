"""Draft, check, run; and if that fails, draft again knowing why.

def one_shot(task: Task) -> Steps:
    return solve(task, draft_at_once)
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any

from pydantic import JsonValue

from herdwick.agents.drafts import Draft, Failure
from herdwick.agents.errors import DraftError
from herdwick.agents.steps import Action, Steps, Task
from herdwick.tools.errors import ProgramError

FINAL_KINDS = frozenset({"sandbox_unavailable"})
"""What no other program can mend."""

Drafter = Callable[[Task, int, Sequence[Failure]], Generator[Action, Any, Draft]]
"""Makes one draft, knowing which attempt it is and what failed before."""


def solve(task: Task, drafter: Drafter) -> Steps:
    """Attempt `task` until a program runs, at most `1 + task.max_repairs` times.

    Returns:
        The program's `final_result`.

    Raises:
        HerdwickError: The last attempt's error, or the first that no further attempt can mend.
    """
    failures: list[Failure] = []
    while True:
        attempt = len(failures) + 1
        draft = None
        try:
            draft = yield from drafter(task, attempt, failures)
            return (yield from _run(task, attempt, draft))
        except (DraftError, ProgramError) as error:
            if attempt > task.max_repairs or error.kind in FINAL_KINDS | task.style.final_kinds:
                raise
            failures.append(Failure(draft, error))


def _run(task: Task, attempt: int, draft: Draft) -> Steps:
    checked = yield task.check(attempt, draft)
    result = yield task.run(attempt, checked)
    value: JsonValue = result.value
    return value
