"""Ask questions one after another."""

import sys
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from herdwick.agents.cli.domain_group import DEFAULT_DOMAIN, DomainGroup
from herdwick.agents.cli.failures import NOT_ANSWERED
from herdwick.agents.cli.repl_reader import ReadQuestion, history_file, line_reader, terminal_reader
from herdwick.agents.cli.repl_session import ReplSession, SolverSettings
from herdwick.agents.cli.solver_options import solver_options
from herdwick.agents.cli.terminal import diagnostics, results
from herdwick.tools.domain import Domain

EXAMPLES = """\b
Examples:
  herdwick repl
  herdwick repl DOMAIN --model vllm
  herdwick repl DOMAIN < questions.txt
"""


@click.command(epilog=EXAMPLES)
@solver_options
def template(domain: Domain, options: BaseModel, **solver: Any) -> None:
    """Ask questions one after another; the default domain is aminer.

    Enter sends; a backslash at the end of a line, or Alt-Enter, goes on to another line. Ctrl-C cancels the
    running question and nothing else, Ctrl-D leaves, /help shows what else there is. Earlier questions come
    back with the arrow keys, in later sessions too.

    Questions may also be piped in, one a line; then the exit code is 1 if any of them got no answer.
    """
    session = ReplSession(domain, options, SolverSettings(**solver), results(), diagnostics())
    interactive = sys.stdin.isatty()
    try:
        if interactive:
            diagnostics().print(f"{domain.name}: {domain.summary} /help shows the commands, Ctrl-D leaves.")
            _converse(session, terminal_reader(_history(), session.commands))
        else:
            _converse(session, line_reader(sys.stdin))
    finally:
        session.close()
    click.get_current_context().exit(NOT_ANSWERED if session.unanswered and not interactive else 0)


def _converse(session: ReplSession, read: ReadQuestion) -> None:
    going_on = True
    while going_on:
        try:
            question = read()
        except KeyboardInterrupt:
            # At the prompt there is nothing to cancel but the line.
            continue
        except EOFError:
            return
        going_on = session.handle(question)


def _history() -> Path | None:
    try:
        return history_file()
    except OSError as error:
        diagnostics().print(f"Questions will not be remembered: {error.strerror}.")
        return None


repl = DomainGroup("repl", template, default=DEFAULT_DOMAIN)
