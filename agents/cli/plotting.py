"""The option `--plot FILE`: a picture of what a function returned, where the domain can draw it.

@plot_option
def template(domain: Domain, …, plot: Path | None = None) -> None: ...

offered(template.params, domain)        # without it where the domain draws nothing
draw_answer(domain, options, answer, plot).tell()

An answer without a picture is an answer: the exit code stays 0, a warning says why, and with --json so does
`data.plot`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import BaseModel, JsonValue
from rich.text import Text

from herdwick.agents.answer import Answer
from herdwick.agents.cli.failures import show_warning
from herdwick.agents.cli.terminal import diagnostics, printable
from herdwick.agents.errors import UsageError
from herdwick.tools.domain import Domain, Toolkit
from herdwick.tools.errors import HerdwickError, PlotError
from herdwick.tools.plot import (
    LIBRARIES,
    can_draw,
    check_file,
    check_library,
    drawable_calls,
    write_plot,
    write_result,
)

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
        help="Draw what was found into this file too. What cannot be drawn is a warning, and no failure.",
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


@dataclass(frozen=True)
class Drawn:
    """What became of a picture.

    Attributes:
        path: Where it was to be.
        of: The call whose result it shows; '' if there is none.
        error: Why there is none.
    """

    path: Path
    of: str = ""
    error: HerdwickError | None = None

    def as_json(self) -> dict[str, JsonValue]:
        """As it is told in the `data` of an answer."""
        if self.error is None:
            return {"file": str(self.path), "drawn": True, "of": self.of}
        error = {"kind": self.error.kind, "message": self.error.message, "hint": self.error.hint}
        return {"file": str(self.path), "drawn": False, "error": {**error}}

    def tell(self, *, quiet: bool = False) -> None:
        """Tell it on stderr; that there is no picture even if `quiet`."""
        if self.error is not None:
            show_warning(f"{self.path} was not drawn: {self.error.message}", self.error.hint)
        elif not quiet:
            told = f"Drawn into {self.path}: {self.of}."
            diagnostics().print(Text(printable(told), style="dim"), soft_wrap=True)


def draw_answer(domain: Domain, options: BaseModel, answer: Answer, path: Path) -> Drawn:
    """Draw what an answer rests on, or say why not: the answer is one all the same.

    Args:
        domain: Whose functions were called.
        options: What the domain was opened with; the call is made again.
        answer: One that is no error.
        path: Where to.
    """
    try:
        calls = drawable_calls(domain, answer.calls)
        with domain.open(options) as toolkit:
            write_plot(path, domain, toolkit, calls[-1].tool, calls[-1].args)
    except HerdwickError as error:
        return Drawn(path, error=error)
    more = f", the last of {len(calls)} calls that can be drawn" if len(calls) > 1 else ""
    return Drawn(path, f"{_shown(calls[-1].tool, calls[-1].args)}{more}")


def draw_result(
    domain: Domain, toolkit: Toolkit, function: str, args: Mapping[str, Any], value: JsonValue, path: Path
) -> Drawn:
    """Draw what a function of `toolkit` returned for `args`, or say why not."""
    try:
        write_result(path, domain, toolkit, function, args, value)
    except HerdwickError as error:
        return Drawn(path, error=error)
    return Drawn(path, _shown(function, args))


def _shown(function: str, args: Mapping[str, Any]) -> str:
    return f"{function}({', '.join(f'{name}={value!r}' for name, value in args.items())})"
