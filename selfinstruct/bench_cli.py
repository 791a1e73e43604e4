"""`herdwick selfinstruct bench-rouge`: the ROUGE-L gate against rouge-score."""

import sys
from typing import TYPE_CHECKING

import click
from rich.table import Table

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.terminal import results

if TYPE_CHECKING:
    from herdwick.agents.cli.spread import Spread
    from herdwick.selfinstruct.similarity.rouge_bench import RougeBench

EXAMPLES = """\b
Examples:
  herdwick selfinstruct bench-rouge
  herdwick selfinstruct bench-rouge --pool 20000 --candidates 10 --threshold 0.7 --json
"""


@click.command("bench-rouge", epilog=EXAMPLES)
@click.option(
    "--pool", default=5_000, show_default=True, type=click.IntRange(1), help="Instructions compared with."
)
@click.option("--candidates", default=40, show_default=True, type=click.IntRange(1), help="To decide.")
@click.option(
    "--threshold", default=0.5, show_default=True, type=click.FloatRange(0, 1), help="Score still admitted."
)
@click.option("--seed", default=7, show_default=True, help="Of the instructions.")
@json_option
def bench_rouge(*, pool: int, candidates: int, threshold: float, seed: int, as_json: bool) -> None:
    """Measure how fast instructions are compared with a pool, and that rouge-score decides the same.

    The peer is rouge-score, given the same pool and candidates in the same run; a candidate takes it about a
    second. Times are the processor's.
    """
    from herdwick.selfinstruct.similarity.rouge_bench import bench_rouge as measure

    with click.progressbar(length=candidates, label="Candidates", file=sys.stderr) as bar:
        figures = measure(pool, candidates, threshold, seed, progress=lambda: bar.update(1))
    if as_json:
        click.echo(figures.model_dump_json())
        return
    results().print(_table(figures))
    click.echo(
        f"Decided alike: {figures.same_decisions} of {figures.candidates} ({figures.admitted} admitted); "
        f"same scores to the last bit: {figures.same_scores}."
    )


def _table(figures: "RougeBench") -> Table:
    from herdwick.selfinstruct.similarity.rouge_bench import PEER

    table = Table(
        f"{figures.pool:,} instructions of {figures.pool_words:.0f} words",
        "median ms",
        "p95 ms",
        "runs",
        "times faster",
        box=None,
    )
    table.add_row("admitted or not", *_columns(figures.decision), f"{figures.decision_ratio:,.0f}")
    table.add_row("nearest ten and average", *_columns(figures.record), f"{figures.record_ratio:,.0f}")
    table.add_row(f"peer: {PEER}", *_columns(figures.peer), "1")
    return table


def _columns(spread: "Spread") -> tuple[str, str, str]:
    return f"{1000 * spread.median_s:.2f}", f"{1000 * spread.p95_s:.2f}", str(spread.runs)
