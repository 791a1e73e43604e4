"""Train, convert, compare and ship adapters.

    herdwick finetune train finetune/recipes/aminer-smollm2-135m.yaml --out runs/aminer/out
    herdwick finetune ship aminer runs/aminer/out/adapter --data runs/aminer/train.report.json

The commands import torch only when they run.
"""

import dataclasses
import json
from pathlib import Path

import click

from herdwick.finetune.cli_output import OUTPUT_COMMANDS
from herdwick.finetune.cli_train import TRAIN_COMMANDS

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("finetune")
def finetune_group() -> None:
    """Train, convert, compare and ship adapters."""


@finetune_group.command()
@click.argument("file", type=FILE)
@click.option("--data", type=FILE, required=True, help="JSONL with `prompt` and `completion` on each line.")
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
    from herdwick.finetune.shipping import ADAPTERS
    from herdwick.finetune.shipping import ship as replace

    click.echo(str(replace(adapter, (into or ADAPTERS) / domain, data=data, metrics=metrics)))


for command in (*TRAIN_COMMANDS, *OUTPUT_COMMANDS):
    finetune_group.add_command(command)
