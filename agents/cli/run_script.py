"""Run a script of free Python where the domain has such, and answer with what it prints.

    run_script(domain, options, sys.stdin.buffer, plan=None, verbose=False, as_json=True)

Its output is shown as it is, with what it read below; as JSON it is the `answer`: the value where all of it
is one JSON value, and text otherwise.
"""

import json
import time
from collections.abc import Callable
from typing import Any, BinaryIO

import click
from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError
from rich.text import Text

from herdwick.agents.answer import Answer, Timings
from herdwick.agents.cli.answer_view import print_answer, print_evidence
from herdwick.agents.cli.ask import show_answer, show_problems
from herdwick.agents.cli.failures import NOT_ANSWERED, WRONG_USAGE, show_error
from herdwick.agents.cli.source_files import read_source
from herdwick.agents.cli.terminal import diagnostics, printable, results
from herdwick.agents.errors import UsageError
from herdwick.agents.wording import describe
from herdwick.tools.domain import Domain, installed_domains
from herdwick.tools.errors import DomainError, HerdwickError
from herdwick.tools.sandbox.scripts import ScriptLimits
from herdwick.tools.script_output import ScriptOutput

STRATEGY = "script"
"""Stands in the answer where a solver's strategy would."""

MAX_TEXT_CHARS = 500
"""Longest output that is repeated in the `text` of an answer; of a longer one the lines are counted."""

PRINTED_NOTHING = "The script printed nothing."
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def run_script(
    domain: Domain,
    options: BaseModel,
    program: BinaryIO,
    plan: str | None,
    *,
    verbose: bool,
    as_json: bool,
) -> None:
    """Run the script in `program`, show what came of it, and end the command.

    Args:
        domain: Whose data it reads.
        options: What the data is found with.
        program: An open file.
        plan: Must be None: scripts follow none.
        verbose: Show the script and every time as well.
        as_json: Print an answer as one JSON object.

    Raises:
        UsageError: The domain has no scripts, a plan was given, or the file is not text.
    """
    run = _runner(domain)
    if plan is not None:
        raise UsageError("plan_of_script", "A script follows no plan.", "Leave out --plan or --script.")
    source = read_source(program, ScriptLimits().script_chars)
    started = time.perf_counter()
    try:
        output, code = run(source, options), NOT_ANSWERED
    except HerdwickError as error:
        output = ScriptOutput("", "", stdout_truncated=False, seconds=0.0, data={}, error=error)
        # Errors about the domain's options come from whoever typed them.
        code = WRONG_USAGE if isinstance(error, DomainError) else NOT_ANSWERED
    answer = script_answer(domain, source, output, total_s=time.perf_counter() - started)
    _show(output, answer, verbose=verbose, as_json=as_json)
    click.get_current_context().exit(code if answer.error else 0)


def script_answer(domain: Domain, source: str, output: ScriptOutput, *, total_s: float) -> Answer:
    """What a script printed, as an answer.

    Args:
        domain: Whose data it read.
        source: The script.
        output: What came of it.
        total_s: All it took, the finding of its data included.
    """
    timings = Timings(run_s=output.seconds, total_s=total_s)
    if output.error:
        return Answer.of_error(
            output.error,
            question="",
            domain=domain.name,
            strategy=STRATEGY,
            model="",
            program=source,
            timings=timings,
            data=output.data,
        )
    value = output_value(output.stdout) if not output.stdout_truncated else output.stdout
    return Answer(
        question="",
        domain=domain.name,
        strategy=STRATEGY,
        model="",
        program=source,
        answer=value,
        text=_text(value),
        status="ok",
        timings=timings,
        data=output.data | ({"output_cut": True} if output.stdout_truncated else {}),
    )


def output_value(stdout: str) -> JsonValue:
    """All of `stdout` as the one JSON value that it is, or else as text without the line ends at its end."""
    try:
        value = _JSON.validate_json(stdout)
        # Infinities and what is not a number are read, but no JSON that others understand can hold them.
        json.dumps(value, allow_nan=False)
    except (ValidationError, ValueError):
        return stdout.rstrip("\r\n")
    return value


def _runner(domain: Domain) -> Callable[[str, Any], ScriptOutput]:
    if domain.run_script is None:
        others = ", ".join(known.name for known in installed_domains() if known.run_script)
        hint = f"Domains with scripts: {others}. " if others else ""
        raise UsageError(
            "no_scripts",
            f"The domain {domain.name} runs no scripts.",
            f"{hint}Leave out --script to run a program.",
        )
    return domain.run_script


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        return describe(value)
    if not value.strip():
        return PRINTED_NOTHING
    if len(value) > MAX_TEXT_CHARS:
        return f"The script printed {len(value.splitlines()):,} lines."
    return value


def _show(output: ScriptOutput, answer: Answer, *, verbose: bool, as_json: bool) -> None:
    if output.stderr.strip():
        diagnostics().print(Text(printable(output.stderr.rstrip())), soft_wrap=True)
    if as_json:
        show_answer(answer, as_json=True, verbose=verbose)
    else:
        _show_to_people(output, answer, verbose=verbose)
    if output.stdout_truncated:
        show_error("The script printed more than is kept; the rest was thrown away.", "Print less.")


def _show_to_people(output: ScriptOutput, answer: Answer, *, verbose: bool) -> None:
    console = results()
    if output.stdout.strip():
        console.print(Text(printable(output.stdout.rstrip("\r\n"))), soft_wrap=True)
    elif answer.error is None:
        console.print(Text(PRINTED_NOTHING), soft_wrap=True)
    # Whoever runs a script has it: it would only push its output off the screen.
    shown = answer if verbose else answer.model_copy(update={"program": ""})
    (print_answer if answer.error else print_evidence)(console, shown, verbose=verbose)
    show_problems(answer)
