"""One-shot: plan and program in one reply, as SoAyLLaMA does (arXiv:2405.15165, section 3.3)."""

from collections.abc import Generator, Sequence
from typing import Any

from herdwick.agents.drafts import Draft, Failure
from herdwick.agents.steps import Action, Steps, Task
from herdwick.agents.strategies.repair import solve


def one_shot(task: Task) -> Steps:
    """Answer with drafts that the model writes at once."""
    return solve(task, _draft)


def _draft(task: Task, attempt: int, failures: Sequence[Failure]) -> Generator[Action, Any, Draft]:
    draft: Draft = yield task.ask(attempt, task.style.draft(task.brief, failures))
    return draft
