"""Measures questions: the first of a process, warm ones, and what of that is not the model.

    figures = bench_ask(domain, options, questions, {"model": "embedded"}, first_runs=3)
    figures.warm.median_s, figures.ratio

The peer is the model's own endpoint, asked in the same run for as many tokens as the solution has, without
grammar, check, sandbox or tools. The ratio says what all of Herdwick adds to the bare model.
"""

import resource
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from herdwick.agents.answer import Answer
from herdwick.agents.build import build_solver
from herdwick.agents.cli.bench_import import process_seconds
from herdwick.agents.cli.domain_options import as_arguments, as_command_line
from herdwick.agents.cli.spread import Spread
from herdwick.agents.endpoint import Endpoint
from herdwick.agents.endpoint_errors import endpoint_errors
from herdwick.agents.models import load_model
from herdwick.agents.prompt_files import prompt
from herdwick.agents.solver import Solver
from herdwick.tools.domain import Domain
from herdwick.tools.errors import ExternalError
from herdwick.tools.solutions import format_plan

PEER = "a plain completion of as many tokens on the same endpoint"


class AskBench(BaseModel):
    """What was measured.

    Attributes:
        model: Name of the model.
        strategy: Name of the strategy.
        answered: Warm questions that were answered.
        first: A question in a new process, from the start of the process to its end.
        warm: A question after the first.
        draft: Of that, the model's part.
        without_model: Of that, check, sandbox and tools.
        peer: The peer's time; None where the endpoint cannot be made to write a given number of tokens.
        ratio: Median over the questions of the warm time over the peer's.
        peak_memory_mb: Largest resident memory of this process, in 10^6 bytes; the embedded model is in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    strategy: str
    answered: int
    first: Spread
    warm: Spread
    draft: Spread
    without_model: Spread
    peer: Spread | None
    ratio: float | None
    peak_memory_mb: float


def bench_ask(
    domain: Domain,
    options: BaseModel,
    questions: Sequence[str],
    solver: dict[str, Any],
    first_runs: int,
) -> AskBench:
    """Ask every question once, warm.

    Args:
        domain: What is asked about.
        options: What the domain is opened with.
        questions: At least two; the first also warms up.
        solver: Arguments of `build_solver`: model, strategy, style, max_repairs, timeout_s.
        first_runs: New processes started for the first question.

    Raises:
        HerdwickError: The solver cannot be built, its model or data cannot be used, or its endpoint fails as
            a peer.
    """
    # What is wrong with the model's name is told here: a URL that carries a password starts no process.
    load_model(solver["model"], timeout_s=solver["timeout_s"]).close()
    first_s = [_first_question_s(domain, options, questions[0], solver) for _ in range(first_runs)]
    with build_solver(domain, **solver, **as_arguments(options)) as built:
        ((warmed,), _) = _ask_all(built, questions[:1])
        if warmed.error and warmed.error.external:
            raise ExternalError(warmed.error.kind, warmed.error.message, warmed.error.hint)
        answers, peer_s = _ask_all(built, questions)
    peers = [seconds for seconds in peer_s if seconds]
    ratios = [
        answer.timings.total_s / seconds for answer, seconds in zip(answers, peer_s, strict=True) if seconds
    ]
    return AskBench(
        model=answers[0].model,
        strategy=answers[0].strategy,
        answered=sum(answer.status == "ok" for answer in answers),
        first=Spread.of(first_s),
        warm=Spread.of([answer.timings.total_s for answer in answers]),
        draft=Spread.of([answer.timings.draft_s for answer in answers]),
        without_model=Spread.of([answer.timings.check_s + answer.timings.run_s for answer in answers]),
        peer=Spread.of(peers) if peers else None,
        ratio=statistics.median(ratios) if ratios else None,
        peak_memory_mb=peak_memory_mb(),
    )


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far, in 10^6 bytes."""
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def plain_completion_s(endpoint: Endpoint, answer: Answer) -> float:
    """Seconds in which the bare endpoint writes as many tokens as the answer's plan and program have.

    Raises:
        ModelError: It does not.
    """
    completions = endpoint.chat.root_client.completions
    begun = prompt("short", question=answer.question)
    body = dict(endpoint.extra_body)
    with endpoint_errors(endpoint):
        solution = f"{format_plan(answer.plan)}\n{answer.program}"
        counted = completions.create(model=endpoint.model, prompt=solution, max_tokens=1, extra_body=body)
        body |= {"ignore_eos": True}
        if endpoint.engine == "llamacpp":
            # The question was asked a moment ago: the peer must read it anew, as the solver had to.
            body |= {"cache_prompt": False}
        tokens = counted.usage.prompt_tokens
        started = time.perf_counter()
        completions.create(
            model=endpoint.model, prompt=begun, max_tokens=tokens, temperature=0, extra_body=body
        )
    return time.perf_counter() - started


def _ask_all(solver: Solver, questions: Sequence[str]) -> tuple[list[Answer], list[float | None]]:
    endpoint = solver.model.endpoint(solver.domain.name)
    answers, peer_s = [], []
    for question in questions:
        answer = solver.invoke(question)
        answers.append(answer)
        comparable = answer.attempts == 1 and answer.program and endpoint.engine in ("llamacpp", "vllm")
        peer_s.append(plain_completion_s(endpoint, answer) if comparable else None)
    return answers, peer_s


def _first_question_s(domain: Domain, options: BaseModel, question: str, solver: dict[str, Any]) -> float:
    flags = {
        "--model": solver["model"],
        "--strategy": solver["strategy"],
        "--style": solver["style"],
        "--max-repairs": solver["max_repairs"],
        "--timeout": solver["timeout_s"],
    }
    chosen = [f"{flag}={value}" for flag, value in flags.items() if value is not None]
    command = ["-m", "herdwick.agents.cli", "ask", domain.name, "--json", *chosen, *as_command_line(options)]
    # 1 is a question without an answer, which takes its time as well.
    return process_seconds([*command, "--", question], expected=(0, 1))
