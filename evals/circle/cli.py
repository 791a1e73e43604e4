"""`herdwick eval circle`: data, filter, training, two engines, and whether both give the same answers."""

import os
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.terminal import printable

if TYPE_CHECKING:
    from herdwick.evals.circle.report import CircleReport, EngineFigures

VARIABLE = "HERDWICK_VLLM"
SUITE = "aminer_dev"
RECIPE = "aminer-circle.yaml"


@click.command(
    epilog="""\b
Examples:
  herdwick eval circle --vllm .venv-vllm/bin/python --out runs/circle
  herdwick eval circle --count 24 --steps 4 --questions 3 --live-requests 0 --out runs/small
"""
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the run."
)
@click.option("--count", type=click.IntRange(1), default=1_000, show_default=True, help="Items to train on.")
@click.option(
    "--faults",
    "fault_share",
    type=click.FloatRange(0, 1),
    default=0.2,
    show_default=True,
    help="Share of the teacher's tasks that are spoiled.",
)
@click.option(
    "--questions", type=click.IntRange(1), default=50, show_default=True, help="To ask both engines."
)
@click.option("--seed", type=int, default=5, show_default=True, help="Of the data and the questions.")
@click.option(
    "--live-requests",
    type=click.IntRange(0),
    default=8,
    show_default=True,
    help="To the embedded base model as teacher.",
)
@click.option(
    "--recipe",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Of the training.  [default: the one that ships]",
)
@click.option("--steps", type=click.IntRange(1), help="Optimizer steps, in place of the recipe's.")
@click.option("--vllm", metavar="COMMAND", help=f"vLLM's command or its python.  [default: ${VARIABLE}]")
@json_option
def circle(
    *,
    out: Path,
    count: int,
    fault_share: float,
    questions: int,
    seed: int,
    live_requests: int,
    recipe: Path | None,
    steps: int | None,
    vllm: str | None,
    as_json: bool,
) -> None:
    """Go the whole way once: make data, filter, train, export, serve, ask.

    A teacher on loopback writes tasks with planted faults; what the filter keeps trains the small base; the
    adapter is served by llama.cpp and by vLLM; both are asked the same questions, which must get the same
    plans and programs. The embedded model is asked as a teacher besides. Each part is a command that can be
    given by itself; docs/circle.md shows them.

    The same command again goes on where the last one stopped. Without vLLM its part is left out, and added
    by the same command with --vllm.

    Exit code: 0 the circle is whole, 1 a part failed or was left out, 2 wrong usage.
    """
    from herdwick.evals.circle.settings import CircleSettings, alone, claim
    from herdwick.evals.circle.steps import Circle
    from herdwick.tools.file_hash import sha256_of

    recipe = recipe or Path(str(files("herdwick.finetune"))) / "recipes" / RECIPE
    settings = CircleSettings(
        count=count,
        fault_share=fault_share,
        questions=questions,
        seed=seed,
        suite=SUITE,
        live_requests=live_requests,
        recipe_sha256=sha256_of(recipe),
        steps=steps,
    )
    chosen = vllm or os.environ.get(VARIABLE, "")
    with alone(out):
        report = Circle(
            claim(out, settings), out, recipe, chosen, lambda text: click.echo(printable(text), err=True)
        ).run()
    click.echo(
        report.model_dump_json(indent=None)
        if as_json
        else printable(describe(report) + f"\nEverything is in {out}")
    )
    for problem in report.problems:
        click.echo(printable(f"Not whole: {problem}"), err=True)
    click.get_current_context().exit(0 if report.whole else 1)


def describe(report: "CircleReport") -> str:
    """A report in some lines."""
    made, faults, trained = report.generated, report.faults, report.trained
    lines = [
        f"scripted teacher: {made.kept:,} items kept of {made.requests:,} replies; dropped: "
        f"{_listed(made.dropped)}",
        f"planted faults: {faults.planted:,} in {faults.replies:,} replies; {faults.own_reason:,} rejected "
        f"for what they are, {faults.earlier_check:,} by an earlier check, {faults.kept:,} kept",
        *(
            f"  {kind}: {found.planted} planted, rejected as {_listed(found.reasons)}"
            for kind, found in faults.kinds.items()
        ),
    ]
    if report.live:
        lines.append(
            f"embedded model as teacher: {report.live.kept} items kept of {report.live.requests} replies; "
            f"dropped: {_listed(report.live.dropped)}"
        )
    lines += [
        f"training: {trained.examples:,} examples, {trained.tokens:,} tokens, {trained.steps:,} steps, loss "
        f"{trained.final_loss:.4f} at the end, {trained.train_s / 60:.1f} min",
        f"adapter: {report.adapter_bytes:,} bytes",
        f"llama.cpp, float32: {_figures(report.llamacpp)}",
        f"llama.cpp, 4-bit base: {_figures(report.quantized)}",
        f"both the same on {report.rounding.equal} of {report.rounding.questions} questions",
        f"vLLM, float32: {_figures(report.vllm) if report.vllm else 'skipped'}",
    ]
    if report.comparison:
        found = report.comparison
        lines.append(
            f"llama.cpp and vLLM in float32: same status, plan and program on {found.equal} of "
            f"{found.questions} questions"
        )
        for one in found.differing:
            lines += [
                f"  {one.id}: {one.question}",
                f"    llama.cpp {_solution(one.first.plan, one.first.program)}",
                f"    vLLM      {_solution(one.second.plan, one.second.program)}",
            ]
    lines.append("minutes: " + ", ".join(f"{name} {s / 60:.1f}" for name, s in report.seconds.items()))
    return "\n".join(lines)


def _figures(engine: "EngineFigures") -> str:
    return (
        f"{engine.questions} questions, {engine.plans_right} plans and {engine.answers_right} answers right, "
        f"{engine.median_s:.2f} s a question"
    )


def _solution(plan: tuple[str, ...], program: str) -> str:
    return f"{' -> '.join(plan)} | {program.strip()!r}"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items()) or "none"
