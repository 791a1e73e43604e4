"""The options of commands that print an answer: how much of it is shown, and where.

@click.command()
@answer_options
def template(..., verbose: bool, as_json: bool, plot: Path | None = None) -> None: ...
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.plotting import plot_option

Command = TypeVar("Command", bound=Callable[..., Any])


def answer_options(command: Command) -> Command:
    """Add `--verbose`, `--plot` and `--json`; the picture only where the domain can draw one."""
    verbose = click.option("-v", "--verbose", is_flag=True, help="Every call, and the time of every step.")
    return verbose(plot_option(json_option(command)))
