"""The root command, and what every exit of the program means.

    sys.exit(run_command(["ask", "aminer", "How many papers has Olga Zhuravlev?"]))

Exit codes: 0 answered, 1 could not answer, 2 wrong usage, 130 interrupted, 141 reader gone. Nothing heavy is
imported here: each command loads its own module when it is used.
"""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import click

from herdwick.agents.cli.failures import (
    BROKEN_PIPE,
    NOT_ANSWERED,
    FailureGroup,
    output_is_lost,
    show_error,
)

COMMANDS = {
    name: f"herdwick.agents.cli.{name}:{name}"
    for name in ("ask", "run", "repl", "tools", "graph", "elems", "bgp", "serve", "bench", "doctor")
}
PLUGINS = "herdwick.commands"
"""Entry-point group through which other packages add commands."""

EXAMPLES = """\b
Examples:
  herdwick ask aminer "How many citations does Olga Zhuravlev have?"
  herdwick ask aminer "Who works with Olga Zhuravlev?" --graph graph.sqlite --json
  herdwick ask bgp "Which prefixes have several origins at the same time?"
  herdwick repl aminer
  herdwick doctor
"""


@click.group(
    cls=FailureGroup,
    commands_at=COMMANDS,
    plugins=PLUGINS,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="herdwick", prog_name="herdwick", message="%(prog)s %(version)s")
def cli() -> None:
    """Ask questions about data in plain words.

    A small model writes a plan and a program, a sandbox runs the program against a domain's functions, and
    the result is the answer, with the program as its proof.
    """


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: What follows `herdwick`; the process's own when None.

    Returns:
        The exit code.

    Raises:
        KeyboardInterrupt: Somebody pressed Ctrl-C.
    """
    if sys.stdout is None:
        show_error("Standard output is closed.", "Send it to a file, or to /dev/null.")
        return NOT_ANSWERED
    _replace_closed_streams()
    _make_streams_tolerant()
    try:
        code = _exit_code(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except OSError as error:
        if not output_is_lost(error):
            raise
        _discard_output()
        show_error(f"The output cannot be written: {error.strerror}.", "")
        return NOT_ANSWERED
    return code


def _exit_code(arguments: Sequence[str] | None) -> int:
    try:
        code = cli.main(arguments, prog_name="herdwick", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return code if isinstance(code, int) else 0


def _replace_closed_streams() -> None:
    """A stream that was closed before the start is like an empty one."""
    # Left closed, their numbers would go to the next files that are opened.
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _make_streams_tolerant() -> None:
    """Neither a letter the terminal cannot show nor a byte that is not UTF-8 ends the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")


def _discard_output() -> None:
    """Python flushes stdout once more when it exits, and would complain there."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
