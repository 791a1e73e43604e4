"""`herdwick finetune train` and `bench`: one recipe, several variants of it, or only what it would take.

The commands import torch only when they run.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from herdwick.finetune.plan import TrainingPlan
    from herdwick.finetune.recipe import Recipe
    from herdwick.finetune.sweep import SweepRow, Trial
    from herdwick.finetune.train_report import Progress

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
PROGRESS_EVERY_S = 10.0


@click.command(
    epilog="""\b
Examples:
  herdwick finetune train finetune/recipes/bgp-smollm2-135m.yaml --dry-run
  herdwick finetune train finetune/recipes/bgp-smollm2-135m.yaml --out runs/bgp/first
  herdwick finetune train RECIPE --sweep learning_rate=1e-4,5e-4 scheduler=cosine,constant
  accelerate launch --config_file finetune/accelerate/zero2.yaml -m herdwick.agents.cli finetune train RECIPE
"""
)
@click.argument("recipe", type=FILE)
@click.argument("more_axes", nargs=-1, metavar="[KEY=VALUE,VALUE]...")
@click.option("--out", type=FOLDER, help="Folder of the run; default: runs/ and the recipe's name.")
@click.option("--dry-run", is_flag=True, help="Check everything, say what the run would take, and stop.")
@click.option("--no-resume", is_flag=True, help="Delete an earlier run in the folder instead of going on.")
@click.option("--force", is_flag=True, help="Train although the estimate says that memory will not do.")
@click.option(
    "--sweep",
    "axes",
    multiple=True,
    metavar="KEY=VALUE,VALUE",
    help="Train with each of these values; several keys: every combination. Finished ones are not repeated. "
    "Paths are relative to the recipe's folder; a list is one value in brackets.",
)
@JSON
def train(
    recipe: Path,
    more_axes: tuple[str, ...],
    out: Path | None,
    axes: tuple[str, ...],
    *,
    dry_run: bool,
    no_resume: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Train by RECIPE; a run that was killed goes on where it stopped."""
    if more_axes and not axes:
        raise click.UsageError(f"{more_axes[0]!r} is for --sweep, which is missing.")
    from herdwick.finetune.recipe import load_recipe

    loaded = load_recipe(recipe)
    folder = out or Path("runs") / loaded.name
    if axes:
        from herdwick.finetune.sweep import list_trials, read_axes

        trials = list_trials(loaded, read_axes((*axes, *more_axes)), folder=recipe.parent)
        _sweep(trials, folder, dry_run, no_resume, force, as_json)
    elif dry_run:
        _plan(loaded, force, as_json)
    else:
        _train(loaded, folder, no_resume, force, as_json)


@click.command(
    epilog="""\b
Examples:
  herdwick finetune bench finetune/recipes/bgp-smollm2-135m.yaml --steps 20
"""
)
@click.argument("recipe", type=FILE)
@click.option("--steps", type=click.IntRange(1), default=10, show_default=True, help="Steps to measure.")
@JSON
def bench(recipe: Path, steps: int, *, as_json: bool) -> None:
    """Measure training by RECIPE beside a plain TRL loop, in tokens a second."""
    from herdwick.finetune.bench import bench as measure
    from herdwick.finetune.recipe import load_recipe

    report = measure(load_recipe(recipe), steps=steps)
    if as_json:
        click.echo(json.dumps(asdict(report) | {"ratio": report.ratio}))
        return
    click.echo(
        f"{report.ours_tokens_per_s:.0f} tokens/s, a plain TRL loop {report.plain_tokens_per_s:.0f}: "
        f"{report.ratio:.2f} times as fast ({report.steps} steps each of batch {report.batch_size}, "
        f"{report.precision})"
    )


TRAIN_COMMANDS = (train, bench)


def _train(recipe: "Recipe", folder: Path, no_resume: bool, force: bool, as_json: bool) -> None:
    from herdwick.finetune.train import result_folder
    from herdwick.finetune.train import train as run

    report = run(recipe, folder, resume=not no_resume, force=force, progress=_ProgressLines())
    made = result_folder(recipe, folder)
    if as_json:
        click.echo(json.dumps(report.model_dump(mode="json") | {"folder": str(made)}, ensure_ascii=False))
        return
    unseen = "" if report.evaluation_loss is None else f", {report.evaluation_loss:.4f} on unseen examples"
    early = ", stopped early" if report.stopped_early else ""
    click.echo(f"{report.steps:,} steps{early}, loss {report.final_loss:.4f} at the end{unseen}: {made}")


def _plan(recipe: "Recipe", force: bool, as_json: bool) -> None:
    from herdwick.finetune.plan import plan_training

    plan = plan_training(recipe)
    told = asdict(plan) | {"fits": plan.fits}
    click.echo(json.dumps(told) if as_json else _plan_text(recipe, plan))
    _check(recipe, plan, force)


def _plan_all(trials: "Sequence[Trial]", force: bool, as_json: bool) -> None:
    from herdwick.finetune.sweep import plan_sweep

    plans = list(zip(trials, plan_sweep(trials, force=True), strict=True))
    if as_json:
        rows = [{"name": trial.name} | asdict(plan) | {"fits": plan.fits} for trial, plan in plans]
        click.echo(json.dumps({"trials": rows}))
    for trial, plan in plans:
        if not as_json:
            click.echo(f"{trial.name}\n{_plan_text(trial.recipe, plan)}")
        _check(trial.recipe, plan, force)


def _check(recipe: "Recipe", plan: "TrainingPlan", force: bool) -> None:
    from herdwick.finetune.requirements import check_device

    if not force:
        check_device(recipe)
        plan.require_fit()


def _plan_text(recipe: "Recipe", plan: "TrainingPlan") -> str:
    lora = (
        ""
        if recipe.method == "full"
        else f" by {recipe.method} of rank {recipe.rank}, alpha {recipe.alpha:g}"
    )
    how = "" if plan.counted else " (estimated: the base's tokenizer is not at hand)"
    return (
        f"{plan.examples:,} examples ({plan.evaluation_examples:,} for evaluation), {plan.tokens:,} "
        f"tokens, {plan.completion_tokens:,} with loss, longest {plan.longest}{how}\n"
        f"{plan.steps:,} steps; {plan.trainable:,} of {plan.parameters:,} parameters trained{lora}, "
        f"in {plan.precision}\n"
        f"about {plan.memory_bytes / 1e9:.1f} GB of memory, {plan.available_bytes / 1e9:.1f} GB free; "
        f"loading the base takes about {plan.loading_bytes / 1e9:.1f} GB of the machine's, "
        f"{plan.host_bytes / 1e9:.1f} GB free"
    )


def _sweep(
    trials: "Sequence[Trial]",
    folder: Path,
    dry_run: bool,
    no_resume: bool,
    force: bool,
    as_json: bool,
) -> None:
    from herdwick.finetune.sweep import plan_sweep, run_sweep

    if dry_run:
        _plan_all(trials, force, as_json)
        return
    plan_sweep(trials, force=force)
    lines = _ProgressLines()

    def progress(trial: "Trial", step: "Progress") -> None:
        lines(step, trial.name)

    rows = run_sweep(trials, folder, resume=not no_resume, force=force, progress=progress)
    if as_json:
        click.echo(json.dumps({"rows": [asdict(row) for row in rows]}))
    else:
        _print_table(rows)
    if any(row.failure for row in rows):
        raise SystemExit(1)


def _print_table(rows: "Sequence[SweepRow]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*rows[0].values, "steps", "loss", "unseen", "tokens/s", "minutes")
    for row in rows:
        table.add_row(
            *map(str, row.values.values()),
            f"{row.steps:,}",
            "" if row.loss is None else f"{row.loss:.4f}",
            "" if row.evaluation_loss is None else f"{row.evaluation_loss:.4f}",
            "" if row.tokens_per_s is None else f"{row.tokens_per_s:.0f}",
            f"{row.train_s / 60:.1f}",
        )
    Console().print(table)
    for row in rows:
        if row.failure:
            click.echo(f"{row.name} failed: {row.failure}", err=True)


class _ProgressLines:
    """A line every ten seconds, fit for terminals and log files alike."""

    def __init__(self) -> None:
        self._next_s = 0.0

    def __call__(self, progress: "Progress", name: str = "") -> None:
        now_s = time.monotonic()
        if now_s < self._next_s and progress.step < progress.steps:
            return
        self._next_s = now_s + PROGRESS_EVERY_S
        click.echo(
            f"{name}{': ' if name else ''}step {progress.step}/{progress.steps}  loss {progress.loss:.4f}  "
            f"{progress.tokens_per_s:.0f} tokens/s  {progress.left_s / 60:.0f} min left",
            err=True,
        )
