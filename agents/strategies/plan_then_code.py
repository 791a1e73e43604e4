"""Plan-then-code: a plan from the library first, then a program with that plan's functions only.

As SoAyGPT does (arXiv:2405.15165, section 3.2), but for its last request: the answer's words are rendered
from the value, not written by the model.
"""

from collections.abc import Generator, Sequence
from typing import Any

from herdwick.agents.drafts import Draft, Failure
from herdwick.agents.errors import DraftError
from herdwick.agents.steps import Action, Steps, Task
from herdwick.agents.strategies.repair import solve
from herdwick.tools.solutions import Plan


def plan_then_code(task: Task) -> Steps:
    """Answer with drafts that the model writes in two replies."""
    return solve(task, _draft)


def _draft(task: Task, attempt: int, failures: Sequence[Failure]) -> Generator[Action, Any, Draft]:
    plan: Plan = yield task.ask(attempt, task.style.choose_plan(task.brief, failures))
    objection = task.brief.domain.library.explain(plan)
    if objection:
        raise DraftError(
            "illegal_plan", f"The plan is not in the library: {objection}.", "Choose another plan."
        )
    draft: Draft = yield task.ask(attempt, task.style.write_program(task.brief, plan, failures))
    return draft
