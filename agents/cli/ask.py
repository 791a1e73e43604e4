"""Ask one question about a domain's data."""

import sys
from typing import Any

import click
from pydantic import BaseModel

from herdwick.agents.answer import Answer
from herdwick.agents.build import build_solver
from herdwick.agents.cli.answer_view import print_answer
from herdwick.agents.cli.domain_group import DomainGroup
from herdwick.agents.cli.domain_options import as_arguments
from herdwick.agents.cli.failures import NOT_ANSWERED, WRONG_USAGE, json_option, show_error
from herdwick.agents.cli.solver_options import solver_options
from herdwick.agents.cli.steps_display import follow
from herdwick.agents.cli.terminal import diagnostics, results
from herdwick.agents.errors import UsageError
from herdwick.agents.model_urls import public_name
from herdwick.agents.questions import MAX_CHARS, one_line
from herdwick.tools.domain import Domain
from herdwick.tools.errors import HerdwickError

EXAMPLES = """\b
Examples:
  herdwick ask DOMAIN "How many citations does Olga Zhuravlev have?"
  herdwick ask DOMAIN "…" --json | jq .answer
  herdwick ask DOMAIN "…" --model vllm --strategy plan-then-code
  echo "…" | herdwick ask DOMAIN -
"""


@click.command(epilog=EXAMPLES)
@click.argument("question")
@solver_options
@click.option("-v", "--verbose", is_flag=True, help="Every call, and the time of every step.")
@json_option
def template(
    domain: Domain, options: BaseModel, question: str, verbose: bool, as_json: bool, **solver: Any
) -> None:
    """Answer QUESTION; `-` reads it from standard input.

    The answer comes with its evidence: the plan, the program, every call it made, and the data that was read.

    Exit code: 0 answered, 1 could not answer, 2 wrong usage.
    """
    if question == "-":
        # One more than allowed, so that the refusal of a longer one still comes.
        question = sys.stdin.read(MAX_CHARS + 1)
    try:
        with build_solver(domain, **solver, **as_arguments(options)) as built:
            answer, code = follow(built.stream({"question": question}), diagnostics()), NOT_ANSWERED
    except HerdwickError as error:
        answer = _unanswered(error, question, domain, solver)
        code = WRONG_USAGE if isinstance(error, UsageError) else NOT_ANSWERED
    show_answer(answer, as_json=as_json, verbose=verbose)
    click.get_current_context().exit(code if answer.error else 0)


def show_answer(answer: Answer, *, as_json: bool, verbose: bool) -> None:
    """Print an answer to stdout; an error goes to stderr as well when stdout is for JSON."""
    if not as_json:
        print_answer(results(), answer, verbose=verbose)
        return
    click.echo(answer.model_dump_json())
    if answer.error:
        show_error(answer.error.message, answer.error.hint)


def _unanswered(error: HerdwickError, question: str, domain: Domain, solver: dict[str, Any]) -> Answer:
    return Answer.of_error(
        error,
        question=one_line(question),
        domain=domain.name,
        strategy=solver["strategy"],
        model=public_name(solver["model"]),
    )


ask = DomainGroup("ask", template)
