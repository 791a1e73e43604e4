"""Shows the steps of answering while they happen, and returns the answer.

answer = follow(solver.stream(question), diagnostics())

On anything but a terminal nothing is shown.
"""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from herdwick.agents.answer import Answer
from herdwick.agents.cli.terminal import printable
from herdwick.agents.steps import Step
from herdwick.tools.solutions import format_plan

_DOING = {"draft": "asking the model again", "check": "checking the program", "run": "running the program"}
_NEXT = {"draft": "check", "check": "run", "run": "run"}


def follow(steps: Iterator[Step], console: Console) -> Answer:
    """Consume `steps`.

    Args:
        steps: As a solver streams them.
        console: Where they are shown.

    Returns:
        The answer in the last step.
    """
    with console.status(Text("asking the model"), spinner="dots") as status:
        for step in steps:
            if step.answer:
                return step.answer
            if console.is_terminal:
                console.print(_line(step))
            status.update(Text(_DOING["draft" if step.error else _NEXT[step.step]]))
    raise RuntimeError("the steps ended without an answer")


def _line(step: Step) -> Text:
    result = step.error.message if step.error else format_plan(step.plan)
    return Text.assemble(
        ("✗ " if step.error else "✓ ", "red" if step.error else "green"),
        f"{step.step:<5} {step.seconds:5.2f} s  ",
        (printable(result), "dim"),
    )
