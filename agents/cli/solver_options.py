"""The options that choose and bound a solver, shared by `ask`, `repl` and `bench ask`.

@click.command()
@solver_options
def ask(..., **solver: Any) -> None:
build_solver("aminer", **solver)
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from herdwick.agents.models import TIMEOUT_S
from herdwick.agents.strategies import STRATEGIES
from herdwick.agents.styles import STYLES

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--model",
        default="embedded",
        show_default=True,
        help="embedded, vllm, openai, a URL of an OpenAI-compatible server, or NAME@URL.",
    ),
    click.option(
        "--strategy",
        type=click.Choice(STRATEGIES),
        default="one-shot",
        show_default=True,
        help="How plan and program come about.",
    ),
    click.option(
        "--style", type=click.Choice(STYLES), help="How the model is prompted; default: what suits it."
    ),
    click.option(
        "--max-repairs",
        type=click.IntRange(min=0),
        default=2,
        show_default=True,
        help="Further attempts after a draft that fails.",
    ),
    click.option(
        "--timeout",
        "timeout_s",
        type=click.FloatRange(min=0, min_open=True),
        default=TIMEOUT_S,
        show_default=True,
        metavar="SECONDS",
        help="Longest wait for one reply of the model.",
    ),
)


def solver_options(command: Command) -> Command:
    """Add the options; they are passed on under the names of `build_solver`'s parameters."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
