"""The option `--plot FILE`: a picture of what a function returned, where the domain can draw it.

@plot_option
def template(domain: Domain, …, plot: Path | None = None) -> None: ...

offered(template.params, domain)        # without it where the domain draws nothing
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import BaseModel
from rich.text import Text

from herdwick.agents.answer import Answer
from herdwick.agents.cli.failures import NOT_ANSWERED, show_error
from herdwick.agents.cli.terminal import diagnostics, printable
from herdwick.agents.errors import UsageError
from herdwick.tools.call_record import CallRecord
from herdwick.tools.domain import Domain
from herdwick.tools.errors import HerdwickError, PlotError
from herdwick.tools.plot import LIBRARIES, can_draw, check_file, check_library, drawable_calls, write_plot

PLOT_FLAG = "--plot"

Command = TypeVar("Command", bound=Callable[..., Any])


class PictureFile(click.ParamType[Path]):
    """A file for a picture that can be drawn and written; anything else is refused before anything runs."""

    name = "picture"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path.

        Raises:
            UsageError: No such kind of picture, or no such folder.
            PlotError: What draws it is not installed.
        """
        del param, ctx
        path = Path(value)
        try:
            check_file(path)
        except PlotError as error:
            raise UsageError(error.kind, error.message, error.hint) from error
        check_library(path)
        return path


class PlotOption(click.Option):
    """The option, recognised by its class."""


def plot_option(command: Command) -> Command:
    """Add `--plot`, passed on as `plot` where the domain draws something, and otherwise not."""
    return click.option(
        PLOT_FLAG,
        cls=PlotOption,
        type=PictureFile(),
        metavar=f"FILE{'|'.join(LIBRARIES)}",
        help="Draw what was found into this file too.",
    )(command)


def offered(parameters: Iterable[click.Parameter], domain: Domain) -> list[click.Parameter]:
    """The parameters of a template that a domain has a use for."""
    return [known for known in parameters if domain.plots or not isinstance(known, PlotOption)]


def check_drawable(domain: Domain, function: str) -> None:
    """See to it that what a function returns can be drawn.

    Raises:
        UsageError: It cannot.
    """
    if function not in domain.plots:
        raise UsageError("not_drawable", f"There is no picture of what {function} returns.", can_draw(domain))


def plot_answer(domain: Domain, options: BaseModel, answer: Answer, path: Path | None, *, quiet: bool) -> int:
    """Draw what an answer rests on, or tell why not; the exit code.

    Args:
        domain: Whose functions were called.
        options: What the domain was opened with; the call is made again.
        answer: Already shown, so that what fails now must not be printed as another.
        path: Nothing is drawn if None.
        quiet: Do not tell what was drawn.
    """
    if path is None:
        return 0
    try:
        calls = drawable_calls(domain, answer.calls)
        with domain.open(options) as toolkit:
            write_plot(path, domain, toolkit, calls[-1].tool, calls[-1].args)
    except HerdwickError as error:
        show_error(error.message, error.hint)
        return NOT_ANSWERED
    if not quiet:
        told = f"Drawn into {path}: {_shown(calls[-1])}"
        more = f", the last of {len(calls)} calls that can be drawn" if len(calls) > 1 else ""
        diagnostics().print(Text(printable(f"{told}{more}."), style="dim"), soft_wrap=True)
    return 0


def _shown(call: CallRecord) -> str:
    return f"{call.tool}({', '.join(f'{name}={value!r}' for name, value in call.args.items())})"
