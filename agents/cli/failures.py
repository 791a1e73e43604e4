"""Failures as users see them: a message, what to do next, an exit code, and no traceback.

    @click.command()
    @json_option
    def doctor(as_json: bool) -> None:
        raise DataError("missing_graph", "There is no graph g.sqlite.", "Check the path.")   # exit code 1

With `--json` a failure is also one JSON object on stdout. `HERDWICK_DEBUG=1` shows the traceback.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, TypeVar

import click

from herdwick.agents.cli.lazy_group import LazyGroup

NOT_ANSWERED, WRONG_USAGE = 1, 2

BROKEN_PIPE = 141
"""128 + SIGPIPE, as shells report it: whoever read the output has gone."""

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Invocation:
    """One call of the program.

    Attributes:
        as_json: Whether stdout is for JSON only.
    """

    as_json: bool = False


def json_option(command: Command) -> Command:
    """Add `--json`, passed on as `as_json`."""

    def remember(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
        ctx.ensure_object(Invocation).as_json = value
        return value

    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        callback=remember,
        help="Print one JSON object on one line and nothing else on stdout.",
    )(command)


class Failure(click.ClickException):
    """A failure that ends the program.

    Args:
        kind: Short stable identifier.
        message: What went wrong.
        hint: What to do next.
        as_json: Whether stdout gets the failure as JSON.
    """

    exit_code = NOT_ANSWERED

    def __init__(self, kind: str, message: str, hint: str, *, as_json: bool) -> None:
        super().__init__(message)
        self.kind = kind
        self.hint = hint
        self.as_json = as_json

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it."""
        if self.as_json:
            error = {"kind": self.kind, "message": self.message, "hint": self.hint}
            click.echo(json.dumps({"status": "error", "error": error}, ensure_ascii=False))
        show_error(self.message, self.hint, file)


class Misuse(Failure):
    """A failure of whoever called."""

    exit_code = WRONG_USAGE


class FailureGroup(LazyGroup):
    """The group that turns whatever its commands raise into a `Failure`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        Raises:
            Failure: It failed.
        """
        invocation = ctx.ensure_object(Invocation)
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError as error:
            raise click.exceptions.Exit(BROKEN_PIPE) from error
        except Exception as error:
            if os.environ.get("HERDWICK_DEBUG"):
                raise
            raise _explain(error, as_json=invocation.as_json) from error


def show_error(message: str, hint: str, file: IO[Any] | None = None) -> None:
    """Print a message and a hint to stderr."""
    from herdwick.agents.cli.terminal import printable

    click.secho(f"Error: {printable(message)}", file=file, err=True, fg="red")
    if hint:
        click.echo(printable(hint), file=file, err=True)


def _explain(error: Exception, *, as_json: bool) -> Failure:
    # These cost a second, which `--help` must not pay.
    from herdwick.agents.errors import UsageError
    from herdwick.tools.errors import DomainError, HerdwickError

    if not isinstance(error, HerdwickError):
        return Failure(
            "internal_error",
            f"{type(error).__name__}: {error}",
            "This is a bug. HERDWICK_DEBUG=1 shows where it happened.",
            as_json=as_json,
        )
    kind = Misuse if isinstance(error, UsageError | DomainError) else Failure
    return kind(error.kind, error.message, error.hint, as_json=as_json)
