"""Ask one question about a domain's data, or about whichever domain's it is."""

import sys
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel
from rich.text import Text

from herdwick.agents.answer import Answer
from herdwick.agents.build import build_solver
from herdwick.agents.cli.answer_options import answer_options
from herdwick.agents.cli.answer_view import print_answer, problems_of
from herdwick.agents.cli.domain_group import DomainGroup
from herdwick.agents.cli.domain_options import as_arguments
from herdwick.agents.cli.failures import (
    NOT_ANSWERED,
    WRONG_USAGE,
    Invocation,
    show_error,
    show_warning,
)
from herdwick.agents.cli.plotting import draw_answer
from herdwick.agents.cli.routed_command import DomainChoice
from herdwick.agents.cli.solver_options import solver_options
from herdwick.agents.cli.steps_display import follow
from herdwick.agents.cli.terminal import diagnostics, printable, results
from herdwick.agents.errors import UsageError
from herdwick.agents.model_urls import public_name
from herdwick.agents.questions import MAX_CHARS, one_line
from herdwick.agents.routing import Route, ask_in_turn, find_route
from herdwick.tools.domain import Domain, get_domain
from herdwick.tools.errors import HerdwickError

EXAMPLES = """\b
Examples:
  herdwick ask FIRST
  herdwick ask DOMAIN QUESTION
  herdwick ask DOMAIN "…" --json | jq .answer
  herdwick ask DOMAIN "…" --model vllm --strategy plan-then-code
  echo "…" | herdwick ask DOMAIN -
"""


@click.command(epilog=EXAMPLES)
@click.argument("question")
@solver_options
@answer_options
def template(
    domain: Domain,
    options: BaseModel,
    question: str,
    verbose: bool,
    as_json: bool,
    plot: Path | None = None,
    **solver: Any,
) -> None:
    """Answer QUESTION; `-` reads it from standard input.

    The answer comes with its evidence: the plan, the program, every call it made, and the data that was read.

    Where no domain is named, the words of the question choose it, or an option that only one domain has.
    Where they do not, the models of the domains are asked, and the first that does not refuse answers.

    Exit code: 0 answered, 1 could not answer, 2 wrong usage.
    """
    answer, code = _answer(domain, options, read_question(question), solver)
    show_drawn(domain, options, answer, plot, as_json=as_json, verbose=verbose)
    click.get_current_context().exit(code if answer.error else 0)


def ask_routed(
    choice: DomainChoice,
    question: str,
    verbose: bool,
    as_json: bool,
    plot: Path | None = None,
    **solver: Any,
) -> None:
    """Answer a question for which no domain was named."""
    question = read_question(question)
    route = find_route(question, choice.domains)
    is_decided = len(route.domains) == 1
    codes: dict[str, int] = {}

    def ask_of(domain: Domain) -> Answer:
        # What fails from now on is about this domain.
        click.get_current_context().ensure_object(Invocation).domain = domain.name
        answer, codes[domain.name] = _answer(domain, choice.options_of(domain), question, solver)
        return answer

    if is_decided and not as_json:
        _tell_domain(route.domains[0], _reason(choice, route))
    answer = ask_in_turn(route.domains, ask_of)
    if not is_decided and not as_json:
        asked = ", ".join(name for name in codes if name != answer.domain)
        _tell_domain(get_domain(answer.domain), f"{asked} refused" if asked else "asked first")
    domain = get_domain(answer.domain)
    show_drawn(domain, choice.options_of(domain), answer, plot, as_json=as_json, verbose=verbose)
    click.get_current_context().exit(codes[answer.domain] if answer.error else 0)


def read_question(question: str) -> str:
    """The question as it was typed; `-` stands for standard input."""
    # One more than allowed, so that the refusal of a longer one still comes.
    return sys.stdin.read(MAX_CHARS + 1) if question == "-" else question


def show_answer(answer: Answer, *, as_json: bool, verbose: bool) -> None:
    """Print an answer to stdout; an error goes to stderr as well when stdout is for JSON."""
    if not as_json:
        print_answer(results(), answer, verbose=verbose)
    else:
        click.echo(answer.model_dump_json())
        if answer.error:
            show_error(answer.error.message, answer.error.hint)
    show_problems(answer)


def show_problems(answer: Answer) -> None:
    """Warn of data that could not be read: an answer from the rest may be another."""
    for problem in problems_of(answer):
        show_warning(f"{problem}.")


def show_drawn(
    domain: Domain, options: BaseModel, answer: Answer, plot: Path | None, *, as_json: bool, verbose: bool
) -> None:
    """Print an answer, and draw it if that is wanted and it is no error.

    Args:
        domain: Which answered.
        options: What it was opened with.
        answer: To print; as JSON it says what became of the picture, so that one is drawn before.
        plot: Where to draw, if anywhere.
        as_json: Print one line of JSON.
        verbose: Print every call and time.
    """
    drawn = draw_answer(domain, options, answer, plot) if plot and as_json and not answer.error else None
    if drawn:
        answer = answer.model_copy(update={"data": answer.data | {"plot": drawn.as_json()}})
    show_answer(answer, as_json=as_json, verbose=verbose)
    if plot and not as_json and not answer.error:
        drawn = draw_answer(domain, options, answer, plot)
    if drawn:
        drawn.tell(quiet=as_json)


def _answer(domain: Domain, options: BaseModel, question: str, solver: dict[str, Any]) -> tuple[Answer, int]:
    """The answer, and the exit code if it is an error."""
    try:
        with build_solver(domain, **solver, **as_arguments(options)) as built:
            return follow(built.stream({"question": question}), diagnostics()), NOT_ANSWERED
    except HerdwickError as error:
        code = WRONG_USAGE if isinstance(error, UsageError) else NOT_ANSWERED
        return _unanswered(error, question, domain, solver), code


def _reason(choice: DomainChoice, route: Route) -> str:
    if len(choice.domains) == 1:
        return f"for {', '.join(choice.deciding)}" if choice.deciding else "the only one"
    return f"for {', '.join(route.words)}"


def _tell_domain(domain: Domain, reason: str) -> None:
    diagnostics().print(Text(printable(f"Domain {domain.name}: {reason}."), style="dim"), soft_wrap=True)


def _unanswered(error: HerdwickError, question: str, domain: Domain, solver: dict[str, Any]) -> Answer:
    return Answer.of_error(
        error,
        question=one_line(question),
        domain=domain.name,
        strategy=solver["strategy"],
        model=public_name(solver["model"]),
    )


ask = DomainGroup("ask", template, routed=ask_routed)
