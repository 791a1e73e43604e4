"""Measure questions, graphs and starting up; nothing is asserted."""

import itertools
import json
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel
from rich.table import Table

from herdwick.agents.cli.bench_ask import PEER, AskBench, bench_ask
from herdwick.agents.cli.bench_bgp import bench_bgp
from herdwick.agents.cli.bench_import import PEER as START_PEER
from herdwick.agents.cli.bench_import import bench_import
from herdwick.agents.cli.bench_serve import bench_serve_command
from herdwick.agents.cli.domain_group import DEFAULT_DOMAIN, DomainGroup
from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.solver_options import solver_options
from herdwick.agents.cli.spread import Spread
from herdwick.agents.cli.terminal import diagnostics, results
from herdwick.agents.errors import UsageError
from herdwick.tools.domain import Domain

ASK_EXAMPLES = """\b
Examples:
  herdwick bench ask
  herdwick bench ask DOMAIN --questions 100 --suite questions.jsonl --json
"""

EXAMPLES = """\b
Examples:
  herdwick bench ask
  herdwick bench import --json
"""

IMPORT_EXAMPLES = """\b
Examples:
  herdwick bench import
  herdwick bench import --runs 20 --json
"""

GRAPH_EXAMPLES = """\b
Examples:
  herdwick bench graph
  herdwick bench graph --people 1000000 --papers 3000000 --folder bench
"""


@click.group(epilog=EXAMPLES)
def bench() -> None:
    """Measure questions, the HTTP API, graphs, BGP engines and starting up.

    Figures are medians and 95th percentiles, and ratios to a named peer measured in the same run.
    """


@click.command(epilog=ASK_EXAMPLES)
@click.option(
    "--questions", "count", default=30, show_default=True, type=click.IntRange(min=2), help="How many."
)
@click.option(
    "--suite",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON lines with a `question` each; default: questions about the domain's sample.",
)
@click.option(
    "--first-runs",
    default=3,
    show_default=True,
    type=click.IntRange(min=1),
    help="New processes for the first question.",
)
@solver_options
@json_option
def ask_template(
    domain: Domain,
    options: BaseModel,
    count: int,
    suite: Path | None,
    first_runs: int,
    as_json: bool,
    **solver: Any,
) -> None:
    """Measure questions: the first of a process, warm ones, and what of that is not the model.

    The default domain is aminer.
    """
    questions = read_questions(suite) if suite else sample_questions(domain)
    asked = list(itertools.islice(itertools.cycle(questions), count))
    with diagnostics().status(f"asking {count} questions"):
        figures = bench_ask(domain, options, asked, solver, first_runs)
    if as_json:
        click.echo(figures.model_dump_json())
        return
    results().print(_ask_table(figures))


@bench.command("import", epilog=IMPORT_EXAMPLES)
@click.option(
    "--runs", default=7, show_default=True, type=click.IntRange(min=1), help="New processes of each."
)
@json_option
def import_(runs: int, as_json: bool) -> None:
    """Measure what starting costs: importing the tools, and `herdwick --help`."""
    starts = bench_import(runs)
    if as_json:
        click.echo(json.dumps({"peer": START_PEER, "starts": [start.model_dump() for start in starts]}))
        return
    table = _table("start", f"ratio to {START_PEER}")
    for start in starts:
        table.add_row(start.name, *_columns(start.spread), f"{start.ratio:.1f}")
    results().print(table)


@bench.command("graph", epilog=GRAPH_EXAMPLES)
@click.option(
    "--people", default=20_000, show_default=True, type=click.IntRange(min=10), help="Persons to invent."
)
@click.option(
    "--papers", default=60_000, show_default=True, type=click.IntRange(min=10), help="Papers to invent."
)
@click.option(
    "--calls", default=100, show_default=True, type=click.IntRange(min=2), help="Calls of each kind."
)
@click.option("--seed", default=0, show_default=True, help="Of the graph and of the questions.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the graph is made and left; default: a temporary folder.",
)
@json_option
def graph(people: int, papers: int, calls: int, seed: int, folder: Path | None, as_json: bool) -> None:
    """Measure the local graph: how long it takes to build, and each function to answer."""
    from herdwick.tools.aminer.local.bench import bench_graph

    with (
        diagnostics().status(f"building a graph of {people:,} people and {papers:,} papers"),
        tempfile.TemporaryDirectory(prefix="herdwick-bench-") as scratch,
    ):
        figures = bench_graph(people, papers, folder or Path(scratch), calls=calls, seed=seed)
    if as_json:
        click.echo(json.dumps(asdict(figures), default=str))
        return
    click.echo(
        f"{figures.report.people:,} people, {figures.report.papers:,} papers: built in "
        f"{figures.report.duration_s:.1f} s with {figures.build_peak_mb:,.0f} MB of memory; dumps "
        f"{figures.dump_mb:,.0f} MB, graph {figures.graph_mb:,.0f} MB, opened in {figures.open_ms:.0f} ms"
    )
    table = Table("function", "asked by", "median ms", "p95 ms", "calls", box=None)
    for timing in figures.timings:
        cells = f"{timing.median_ms:.2f}", f"{timing.p95_ms:.2f}", str(timing.calls)
        table.add_row(timing.function, timing.case, *cells)
    results().print(table)


def read_questions(suite: Path) -> list[str]:
    """The questions of a JSONL file.

    Raises:
        UsageError: A line has none, or there is none at all.
    """
    questions = []
    for number, line in enumerate(_lines(suite.read_text(encoding="utf-8", errors="replace")), start=1):
        try:
            questions.append(str(json.loads(line)["question"]))
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                "bad_row",
                f"{suite.name}, question {number}, is no object with a `question`.",
                "Correct the line.",
            ) from error
    if not questions:
        raise UsageError("no_questions", f"{suite.name} holds no question.", "Give another --suite.")
    return questions


def sample_questions(domain: Domain) -> list[str]:
    """Questions about the data that `domain` opens without options.

    Raises:
        UsageError: None ship with this domain.
    """
    file = files("herdwick.agents.cli") / "bench_questions" / f"{domain.name}.txt"
    if not file.is_file():
        raise UsageError(
            "no_questions", f"No questions ship with {domain.name}.", "Give some as --suite FILE.jsonl."
        )
    return list(_lines(file.read_text(encoding="utf-8")))


def _lines(text: str) -> Iterable[str]:
    return (line for line in text.split("\n") if line.strip())


def _ask_table(figures: AskBench) -> Table:
    table = _table(f"{figures.model}, {figures.strategy}: {figures.answered} of {figures.warm.runs} answered")
    table.add_row("first question in a new process", *_columns(figures.first))
    table.add_row("warm question", *_columns(figures.warm))
    table.add_row("  the model's part", *_columns(figures.draft))
    table.add_row("  check, sandbox and tools", *_columns(figures.without_model))
    if figures.peer:
        table.add_row(f"peer: {PEER}", *_columns(figures.peer))
        table.add_row("ratio of warm to peer", f"{figures.ratio:.2f}")
    table.add_row("memory, at most", f"{figures.peak_memory_mb:,.0f} MB")
    return table


def _table(first: str, *more: str) -> Table:
    return Table(first, "median s", "p95 s", "runs", *more, box=None)


def _columns(spread: Spread) -> tuple[str, str, str]:
    return f"{spread.median_s:.3f}", f"{spread.p95_s:.3f}", str(spread.runs)


bench.add_command(bench_bgp)
bench.add_command(bench_serve_command)
bench.add_command(DomainGroup("ask", ask_template, default=DEFAULT_DOMAIN))
