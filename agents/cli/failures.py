"""Failures as users see them: a message, what to do next, an exit code, and no traceback.

    @click.command()
    @json_option
    def doctor(as_json: bool) -> None:
        raise DataError("missing_graph", "There is no graph g.sqlite.", "Check the path.")   # exit code 1

With `--json` a failure is also one JSON object on stdout, an answer whose status is `error`, whatever the
command. `HERDWICK_DEBUG=1` shows the traceback.
"""

import errno
import os
import sys
from collections.abc import Callable, Sequence
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
        domain: The domain it is about, '' where there is none.
    """

    as_json: bool = False
    domain: str = ""


def json_option(command: Command) -> Command:
    """Add `--json`, passed on as `as_json`."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="Print one JSON object on one line and nothing else on stdout.",
    )(command)


class Failure(click.ClickException):
    """A failure that ends the program.

    Args:
        kind: Short stable identifier.
        message: What went wrong.
        hint: What to do next.
    """

    exit_code = NOT_ANSWERED

    def __init__(self, kind: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it."""
        show_error(self.message, self.hint, file)


class Misuse(Failure):
    """A failure of whoever called."""

    exit_code = WRONG_USAGE


class FailureGroup(LazyGroup):
    """Turns whatever its commands raise into a `click.ClickException`, and prints that as JSON too."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Note what the call is like before any of it is parsed, which may fail.

        Raises:
            click.UsageError: There is no such command or option.
        """
        invocation = Invocation(as_json=_asks_for_json(args))
        try:
            return super().make_context(info_name, args, parent, obj=invocation, **extra)
        except click.UsageError as error:
            _print_json(error, invocation)
            raise
        except BrokenPipeError as error:
            raise click.exceptions.Exit(BROKEN_PIPE) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        Raises:
            click.ClickException: It failed.
        """
        invocation = ctx.ensure_object(Invocation)
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort):
            raise
        except click.ClickException as error:
            _print_json(error, invocation)
            raise
        except BrokenPipeError as error:
            raise click.exceptions.Exit(BROKEN_PIPE) from error
        except Exception as error:
            if os.environ.get("HERDWICK_DEBUG") or output_is_lost(error):
                raise
            failure = _explain(error)
            _print_json(failure, invocation)
            raise failure from error


def show_error(message: str, hint: str, file: IO[Any] | None = None) -> None:
    """Print a message and a hint to stderr."""
    from herdwick.agents.cli.terminal import printable

    click.secho(f"Error: {printable(message)}", file=file, err=True, fg="red")
    if hint:
        click.echo(printable(hint), file=file, err=True)


def show_warning(message: str, hint: str = "") -> None:
    """Print to stderr what does not end the program, but must not be missed."""
    from herdwick.agents.cli.terminal import printable

    click.secho(f"Warning: {printable(message)}", err=True, fg="yellow")
    if hint:
        click.echo(printable(hint), err=True)


def output_is_lost(error: Exception) -> bool:
    """Whether `error` comes of a stdout that takes no more, such as one on a full disk."""
    if not isinstance(error, OSError):
        return False
    try:
        # What could not be written is still there, and fails again.
        sys.stdout.flush()
    except OSError:
        return True
    return error.errno == errno.ENOSPC and error.filename is None


def _asks_for_json(arguments: Sequence[str]) -> bool:
    for argument in arguments:
        if argument in ("--json", "--"):
            return argument == "--json"
    return False


def _print_json(error: click.ClickException, invocation: Invocation) -> None:
    if not invocation.as_json:
        return
    # These cost a second, which `--help` must not pay.
    from herdwick.agents.answer import Answer
    from herdwick.tools.errors import HerdwickError

    explained = HerdwickError(_kind(error), error.format_message(), _hint(error))
    answer = Answer.of_error(explained, question="", domain=invocation.domain, strategy="", model="")
    click.echo(answer.model_dump_json())


def _kind(error: click.ClickException) -> str:
    if isinstance(error, Failure):
        return error.kind
    return "bad_usage" if isinstance(error, click.UsageError) else "bad_command"


def _hint(error: click.ClickException) -> str:
    if isinstance(error, Failure):
        return error.hint
    if isinstance(error, click.UsageError) and error.ctx:
        return f"Try '{error.ctx.command_path} --help'."
    return ""


def _explain(error: Exception) -> Failure:
    from herdwick.agents.errors import UsageError
    from herdwick.tools.errors import DomainError, HerdwickError

    if not isinstance(error, HerdwickError):
        return Failure(
            "internal_error",
            f"{type(error).__name__}: {error}",
            "This is a bug. HERDWICK_DEBUG=1 shows where it happened.",
        )
    kind = Misuse if isinstance(error, UsageError | DomainError) else Failure
    return kind(error.kind, error.message, error.hint)
