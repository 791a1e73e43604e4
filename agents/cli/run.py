"""Check a given program and run it against a domain's functions, or run a script."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click
from pydantic import BaseModel, JsonValue

from herdwick.agents.answer import Answer, Timings
from herdwick.agents.cli.answer_options import answer_options
from herdwick.agents.cli.ask import show_drawn
from herdwick.agents.cli.domain_group import DomainGroup
from herdwick.agents.cli.failures import NOT_ANSWERED
from herdwick.agents.cli.run_script import run_script
from herdwick.agents.cli.source_files import read_source
from herdwick.agents.errors import UsageError
from herdwick.agents.wording import describe
from herdwick.tools.domain import Domain
from herdwick.tools.errors import HerdwickError
from herdwick.tools.sandbox import Limits, ProgramSandbox, RunResult
from herdwick.tools.solutions import Plan, parse_plan
from herdwick.tools.tool import functions_of

STRATEGY = "run"
"""Stands in the answer where a solver's strategy would: nobody drafted this program."""

EXAMPLES = """\b
Examples:
  herdwick run DOMAIN program.py --json
  herdwick tools list DOMAIN
  PROGRAM | herdwick run DOMAIN -
  herdwick run DOMAIN script.py --script SCRIPT
"""


@click.command(epilog=EXAMPLES)
@click.argument("program", metavar="PROGRAM.py|-", type=click.File("rb"))
@click.option(
    "--plan", metavar="PLAN", help="The plan it must follow, such as 'f -> g'; default: any legal one."
)
@click.option("--script", is_flag=True, help="Run it as free Python instead, where the domain has scripts.")
@answer_options
def template(
    domain: Domain,
    options: BaseModel,
    program: BinaryIO,
    plan: str | None,
    script: bool,
    verbose: bool,
    as_json: bool,
    plot: Path | None = None,
) -> None:
    """Check PROGRAM.py and run it in the sandbox; `-` reads it from standard input.

    A program calls the domain's functions and leaves its answer in `final_result`. It is refused before it
    runs when its calls are no plan of the solution library, or its arguments have the wrong types.

    With --script it is free Python instead, and what it prints is its answer. It runs in bubblewrap, without
    a network, and sees only the data that the domain's options, or it itself, name.

    Exit code: 0 it ran, 1 it was refused or failed, 2 wrong usage.
    """
    if script and plot:
        raise UsageError(
            "plot_of_script", "What a script prints cannot be drawn.", "Leave out --plot or --script."
        )
    if script:
        run_script(domain, options, program, plan, verbose=verbose, as_json=as_json)
        return
    source = read_source(program, Limits().program_chars)
    answer = run_program(domain, options, source, parse_plan(plan) if plan else None)
    show_drawn(domain, options, answer, plot, as_json=as_json, verbose=verbose)
    click.get_current_context().exit(NOT_ANSWERED if answer.error else 0)


def run_program(domain: Domain, options: BaseModel, program: str, plan: Plan | None) -> Answer:
    """The answer that `program` gives.

    Args:
        domain: Whose functions it calls.
        options: What the domain is opened with.
        program: Python that sets `final_result`.
        plan: What it must follow; any legal plan when None.
    """
    started = time.perf_counter()
    spent = {"check_s": 0.0, "run_s": 0.0}
    data: dict[str, JsonValue] = {}
    result: RunResult | None = None
    try:
        with domain.open(options) as toolkit, ProgramSandbox() as sandbox:
            data = toolkit.data()
            tools = functions_of(toolkit.get_tools())
            try:
                with _timing(spent, "check_s"):
                    checked = sandbox.check(program, domain, plan)
                with _timing(spent, "run_s"):
                    result = sandbox.run_checked(checked, tools)
            finally:
                # Reading may have cost something, whatever came of it.
                data = toolkit.data()
    except HerdwickError as error:
        return Answer.of_error(
            error,
            question="",
            domain=domain.name,
            strategy=STRATEGY,
            model="",
            plan=plan or (),
            program=program,
            calls=result.calls if result else error.calls,
            timings=Timings(**spent, total_s=time.perf_counter() - started),
            data=data,
        )
    return Answer(
        question="",
        domain=domain.name,
        strategy=STRATEGY,
        model="",
        plan=list(result.plan),
        program=program,
        answer=result.value,
        text=describe(result.value, program),
        status="ok",
        calls=list(result.calls),
        timings=Timings(**spent, total_s=time.perf_counter() - started),
        data=data,
    )


@contextmanager
def _timing(spent: dict[str, float], step: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        spent[step] += time.perf_counter() - started


run = DomainGroup("run", template)
