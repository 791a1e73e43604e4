"""`herdwick selfinstruct bench-rouge` and `bench-generate`: the ROUGE-L gate, and a teacher kept busy."""

import sys
from typing import TYPE_CHECKING, Literal

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


@click.command(
    "bench-generate",
    epilog="""\b
Examples:
  herdwick selfinstruct bench-generate
  herdwick selfinstruct bench-generate aminer --requests 600 --in-flight 16 --json
""",
)
@click.argument("kinds", nargs=-1, type=click.Choice(("bgp_knowledge", "aminer")))
@click.option("--requests", default=200, show_default=True, type=click.IntRange(2), help="Made in each run.")
@click.option(
    "--in-flight", default=8, show_default=True, type=click.IntRange(1), help="Requests at the same time."
)
@click.option("--latency", "latency_s", default=0.2, show_default=True, help="Of a reply, in seconds.")
@json_option
def bench_generate(
    kinds: tuple[Literal["bgp_knowledge", "aminer"], ...],
    *,
    requests: int,
    in_flight: int,
    latency_s: float,
    as_json: bool,
) -> None:
    """Measure how many requests `generate` keeps under way at a teacher on loopback.

    KINDS are bgp_knowledge, whose items are only read, and aminer, whose programs are run; both by default.
    Counted is where requests arrive, from the first to the last.
    """
    from herdwick.selfinstruct.teacher.bench import bench_generate as measure

    table = Table("", "mean in flight", "of", "requests", "asking s", "until judged s", "kept", box=None)
    for kind in kinds or ("bgp_knowledge", "aminer"):
        run = measure(kind, requests=requests, in_flight=in_flight, latency_s=latency_s)
        if as_json:
            click.echo(run.model_dump_json())
        table.add_row(
            kind,
            f"{run.mean_in_flight:.1f}",
            str(in_flight),
            str(run.requests),
            f"{run.asking_s:.1f}",
            f"{run.total_s:.1f}",
            f"{run.kept:,}",
        )
    if not as_json:
        results().print(table)


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
