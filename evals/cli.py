"""Run an evaluation suite and measure how many answers are right."""

import json
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.terminal import results
from herdwick.agents.strategies import STRATEGIES
from herdwick.evals.asking import Budget
from herdwick.evals.circle.cli import circle
from herdwick.evals.compare_cli import compare
from herdwick.evals.figures import figures
from herdwick.evals.metrics_table import metrics_table
from herdwick.evals.runner import run_suite
from herdwick.evals.suite import shipped_suites
from herdwick.evals.tokens import Price
from herdwick.evals.view_cli import bench, judge, score, view

EXAMPLES = """\b
Examples:
  herdwick eval list
  herdwick eval run aminer_dev --out runs/dev
  herdwick eval run aminer_dev --limit 50 --model http://127.0.0.1:8000/v1 --out runs/vllm --json
  herdwick eval run aminer --data questions.jsonl --graph graph.sqlite --out runs/mine
  herdwick eval run bgp --data questions.jsonl --out runs/bgp
  herdwick eval compare runs/dev runs/vllm
  herdwick eval view runs/dev
"""


@click.group("eval", epilog=EXAMPLES)
def eval_group() -> None:
    """Measure how well questions are answered."""


eval_group.add_command(circle)
eval_group.add_command(compare)
eval_group.add_command(score)
eval_group.add_command(judge)
eval_group.add_command(bench)
eval_group.add_command(view)


@eval_group.command(epilog=EXAMPLES)
@click.argument("suite")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Questions to use instead of the suite's own: JSON lines, an array, CSV, or langsmith:DATASET.",
)
@click.option("--graph", type=click.Path(path_type=Path), help="Graph to use instead of the suite's own.")
@click.option("--model", default="embedded", show_default=True, help="Any model that `herdwick ask` takes.")
@click.option(
    "--strategy",
    type=click.Choice(STRATEGIES),
    default="one-shot",
    show_default=True,
    help="How plan and program come about.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Ask only the first so many questions.")
@click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Questions asked at once."
)
@click.option(
    "--repeat",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Times each question is asked.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Of the order of multiple-choice options."
)
@click.option(
    "--langsmith",
    is_flag=True,
    help="Have LangSmith's `evaluate` judge the answers too.",
)
@click.option(
    "--upload", is_flag=True, help="With --langsmith: keep questions and answers there, as an experiment."
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of replies, by request and weights; behind a URL by address: take another when the model "
    "there changes.",
)
@click.option("--max-seconds", type=click.FloatRange(min=0), help="Stop asking after so long.")
@click.option(
    "--max-tokens", type=click.IntRange(min=0), help="Stop asking when the run took so many tokens."
)
@click.option("--max-cost", type=click.FloatRange(min=0), help="Stop asking when the run cost so much.")
@click.option(
    "--price",
    type=(click.FloatRange(min=0), click.FloatRange(min=0)),
    default=(0.0, 0.0),
    metavar="PROMPT COMPLETION",
    help="What a million tokens of each cost.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the run."
)
@json_option
def run(
    suite: str,
    data: Path | None,
    graph: Path | None,
    model: str,
    strategy: str,
    limit: int | None,
    workers: int,
    repeat: int,
    seed: int,
    max_seconds: float | None,
    max_tokens: int | None,
    max_cost: float | None,
    price: tuple[float, float],
    langsmith: bool,
    upload: bool,
    cache: Path | None,
    out: Path,
    as_json: bool,
) -> None:
    """Ask the questions of SUITE and judge the answers.

    Writes OUT/predictions.jsonl, OUT/metrics.json and OUT/report.html. The same command again finishes a run
    that was interrupted, or reached a limit. With --data, SUITE is any name that starts with a domain, and a
    row may name the `files` that it is about, relative to its own file.
    """
    if max_cost is not None and not any(price):
        raise click.UsageError("--max-cost needs --price.")
    if upload and not langsmith:
        raise click.UsageError("--upload needs --langsmith.")
    metrics = run_suite(
        suite,
        out=out,
        data=data,
        graph=graph,
        model=model,
        strategy=strategy,
        limit=limit,
        workers=workers,
        repeat=repeat,
        seed=seed,
        budget=Budget(max_seconds, max_tokens, max_cost, Price(*price)),
        langsmith=langsmith,
        upload=upload,
        cache=cache,
    )
    if as_json:
        click.echo(json.dumps({"out": str(out), **figures(metrics)}, ensure_ascii=False))
        return
    results().print(metrics_table(metrics))
    results().print(Text(f"predictions, figures and report.html are in {out}"))


@eval_group.command("list", epilog=EXAMPLES)
@json_option
def list_suites(as_json: bool) -> None:
    """List the suites that ship."""
    suites = shipped_suites()
    if as_json:
        click.echo(json.dumps({name: about.model_dump() for name, about in suites.items()}))
        return
    table = Table("suite", "domain", "what", box=None, padding=(0, 2, 0, 0))
    for name, about in suites.items():
        table.add_row(name, about.domain, about.summary)
    results().print(table)
