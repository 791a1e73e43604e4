"""Measures the HTTP API: many clients at once, against a server on loopback that is started for it.

    figures = bench_serve(questions, BenchPlan(clients=50, each=2), ["--model", "embedded"])
    figures.answered, figures.refused_429, figures.latency.p95_s, figures.throughput_per_s

A client that is refused with 429 waits as `Retry-After` says and asks again. The peer is one client alone,
which asks the same server one question after another, right before.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import httpx
from pydantic import BaseModel, ConfigDict
from rich.table import Table

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.spread import Spread
from herdwick.agents.cli.terminal import diagnostics, results
from herdwick.tools.errors import ExternalError

PEER = "one client alone"

START_TIMEOUT_S = 180.0
"""The longest start seen, on two cores that a training kept busy, took 60 s."""

STOP_TIMEOUT_S = 60.0

EXAMPLES = """\b
Examples:
  herdwick bench serve
  herdwick bench serve --clients 50 --each 4 --json
  herdwick bench serve --domain bgp --max-queue 8
"""


@dataclass(frozen=True)
class BenchPlan:
    """How much is asked.

    Attributes:
        clients: At the same time.
        each: Questions of each client.
        alone: Questions of the peer.
        timeout_s: Longest wait for one response.
        patience: How often a client comes back after a 429 before it gives up.
    """

    clients: int = 50
    each: int = 2
    alone: int = 10
    timeout_s: float = 300.0
    patience: int = 50


class ServeBench(BaseModel):
    """What was measured.

    Attributes:
        clients: At the same time.
        questions: Asked by all of them together, repeats after a 429 not counted.
        answered: With status `ok`.
        unanswered: Understood, but without an answer.
        refused_429: Refusals that told the client to come back.
        given_up: Questions that were refused to the end of the client's patience.
        failures: Any other status, and connections that broke.
        latency: Of responses with an answer object, from the request that got it.
        latency_with_waits: The same from the first request, with the waits after refusals.
        throughput_per_s: Answer objects in a second.
        peer: Time of a question of one client alone.
        speedup: Throughput over that of the peer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    clients: int
    questions: int
    answered: int
    unanswered: int
    refused_429: int
    given_up: int
    failures: int
    latency: Spread | None
    latency_with_waits: Spread | None
    throughput_per_s: float
    peer: Spread
    speedup: float


@dataclass
class _Tally:
    answered: int = 0
    unanswered: int = 0
    refused: int = 0
    given_up: int = 0
    failures: int = 0
    latencies_s: list[float] = field(default_factory=list)
    with_waits_s: list[float] = field(default_factory=list)


@click.command("serve", epilog=EXAMPLES)
@click.option(
    "--clients", default=50, show_default=True, type=click.IntRange(min=1), help="Clients at the same time."
)
@click.option(
    "--each", default=2, show_default=True, type=click.IntRange(min=1), help="Questions of each client."
)
@click.option("--domain", default="aminer", show_default=True, help="What is asked about.")
@click.option(
    "--suite",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON lines with a `question` each; default: questions about the domain's sample.",
)
@click.option("--model", default="embedded", show_default=True, help="As for `herdwick serve --api`.")
@click.option("--slots", default=4, show_default=True, type=click.IntRange(min=1), help="Answered at once.")
@click.option("--max-queue", default=32, show_default=True, type=click.IntRange(min=0), help="May wait.")
@json_option
def bench_serve_command(
    clients: int,
    each: int,
    domain: str,
    suite: Path | None,
    model: str,
    slots: int,
    max_queue: int,
    as_json: bool,
) -> None:
    """Measure the HTTP API: many clients at once, on loopback."""
    from herdwick.agents.cli.bench import read_questions, sample_questions
    from herdwick.tools.domain import get_domain

    questions = read_questions(suite) if suite else sample_questions(get_domain(domain))
    arguments = ["--domain", domain, "--model", model, "--slots", str(slots), "--max-queue", str(max_queue)]
    with diagnostics().status(f"{clients} clients ask {clients * each} questions"):
        figures = bench_serve(questions, BenchPlan(clients, each), arguments)
    if as_json:
        click.echo(figures.model_dump_json())
        return
    results().print(_table(figures))


def bench_serve(questions: Sequence[str], plan: BenchPlan, arguments: Sequence[str]) -> ServeBench:
    """Start a server, ask it, and stop it.

    Args:
        questions: Asked in turn; as many as are needed.
        plan: How much is asked.
        arguments: Further options of `herdwick serve --api`.

    Raises:
        ExternalError: The server does not start.
    """
    with _server(arguments) as url:
        return asyncio.run(_measure(url, questions, plan))


async def _measure(url: str, questions: Sequence[str], plan: BenchPlan) -> ServeBench:
    limits = httpx.Limits(max_connections=plan.clients, max_keepalive_connections=plan.clients)
    async with httpx.AsyncClient(
        base_url=url, timeout=plan.timeout_s, limits=limits, trust_env=False
    ) as http:
        alone = _Tally()
        for number in range(plan.alone + 1):
            # The first one warms up.
            alone = alone if number > 1 else _Tally()
            await _ask(http, questions[number % len(questions)], plan, alone)
        if not alone.latencies_s:
            raise ExternalError("bench_failed", "The server answered no question.", "Look at its log above.")
        tally = _Tally()
        started = time.perf_counter()
        await asyncio.gather(
            *(_client(http, number, questions, plan, tally) for number in range(plan.clients))
        )
        elapsed_s = time.perf_counter() - started
    peer = Spread.of(alone.latencies_s)
    throughput = len(tally.latencies_s) / elapsed_s
    return ServeBench(
        clients=plan.clients,
        questions=plan.clients * plan.each,
        answered=tally.answered,
        unanswered=tally.unanswered,
        refused_429=tally.refused,
        given_up=tally.given_up,
        failures=tally.failures,
        latency=Spread.of(tally.latencies_s) if tally.latencies_s else None,
        latency_with_waits=Spread.of(tally.with_waits_s) if tally.with_waits_s else None,
        throughput_per_s=throughput,
        peer=peer,
        speedup=throughput * sum(alone.latencies_s) / len(alone.latencies_s),
    )


async def _client(
    http: httpx.AsyncClient, number: int, questions: Sequence[str], plan: BenchPlan, tally: _Tally
) -> None:
    for turn in range(plan.each):
        await _ask(http, questions[(number * plan.each + turn) % len(questions)], plan, tally)


async def _ask(http: httpx.AsyncClient, question: str, plan: BenchPlan, tally: _Tally) -> None:
    first = time.perf_counter()
    for _ in range(plan.patience + 1):
        started = time.perf_counter()
        try:
            response = await http.post("/ask", json={"question": question})
        except httpx.HTTPError:
            tally.failures += 1
            return
        if response.status_code != 429:
            break
        tally.refused += 1
        await asyncio.sleep(float(response.headers["Retry-After"]))
    else:
        tally.given_up += 1
        return
    if response.status_code != 200:
        tally.failures += 1
        return
    is_answered = response.json()["status"] == "ok"
    tally.answered += is_answered
    tally.unanswered += not is_answered
    tally.latencies_s.append(time.perf_counter() - started)
    tally.with_waits_s.append(time.perf_counter() - first)


@contextlib.contextmanager
def _server(arguments: Sequence[str]) -> Iterator[str]:
    command = [sys.executable, "-m", "herdwick.agents.cli", "serve", "--api", "--port", "0", "--json"]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [*command, "--rate", "0", *arguments],
        stdout=subprocess.PIPE,
        # A line for every request would be written to the terminal while it is measured.
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    # Leaving the process's own context waits for its end.
    with process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            url = _url_in(line)
            _wait_until_ready(url)
            yield url
            process.terminate()
            process.wait(STOP_TIMEOUT_S)
        finally:
            process.kill()


def _url_in(line: str) -> str:
    try:
        told = json.loads(line)
        if "url" in told:
            return str(told["url"])
        reason = told["error"]["message"]
    except (ValueError, KeyError, TypeError):
        reason = "it said nothing"
    raise ExternalError(
        "bench_failed", f"The server did not start: {reason}.", "Try it by itself: herdwick serve --api"
    )


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while httpx.get(f"{url}/health", timeout=30, trust_env=False).status_code != 200:
        if time.monotonic() > deadline:
            raise ExternalError(
                "bench_failed",
                f"The model was not loaded within {START_TIMEOUT_S:g} s.",
                "Try it by itself: herdwick serve --api",
            )
        time.sleep(0.2)


def _table(figures: ServeBench) -> Table:
    table = Table("", "", box=None, show_header=False)
    rows = {
        "questions": f"{figures.questions} of {figures.clients} clients",
        "answered": str(figures.answered),
        "understood, without an answer": str(figures.unanswered),
        "told to come back (429)": str(figures.refused_429),
        "given up": str(figures.given_up),
        "failures": str(figures.failures),
        "p50, p95": _seconds(figures.latency),
        "p50, p95 with waits": _seconds(figures.latency_with_waits),
        "throughput": f"{figures.throughput_per_s:.2f} a second",
        f"peer, {PEER}: p50, p95": _seconds(figures.peer),
        "throughput over that of the peer": f"{figures.speedup:.2f}",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _seconds(spread: Spread | None) -> str:
    return f"{spread.median_s:.2f} s, {spread.p95_s:.2f} s" if spread else "none"
