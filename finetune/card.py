"""The model card of an adapter or a merged model, written from what was measured and nothing else.

    text = render_card(Path("finetune/adapters/aminer"))

Everything in it comes from the JSON files that `ship` puts beside the adapter, and from `bases.yaml`; the
wording is in `model_card.md` and `merged_card.md`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from pydantic import JsonValue

from herdwick.finetune.bases import find_base
from herdwick.finetune.card_figures import figures_table
from herdwick.finetune.data_reports import DATA_FILE, DataReport, read_data_reports
from herdwick.finetune.merge_report import MergeReport
from herdwick.finetune.rebuild import rebuild_commands
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.train_report import TrainReport
from herdwick.tools.file_hash import sha256_of

ADAPTER_FILE = "adapter.gguf"
CARD_FILE = "README.md"
METRICS_FILE = "metrics.json"


def render_card(folder: Path, licence: str = "") -> str:
    """The card of the adapter in `folder`, which is named after its domain.

    Args:
        folder: What `ship` wrote.
        licence: The Hub's identifier of the licence; default: that of the base.

    Raises:
        FinetuneError: A report is missing, or the reports are about different data or adapters.
    """
    report = TrainReport.read(folder)
    data = read_data_reports(folder / DATA_FILE)
    adapter = folder / ADAPTER_FILE
    check_data(report, data)
    return filled(
        "model_card.md",
        shared_slots(report, licence),
        data=_data_of(report, data),
        domain=folder.name,
        size_mb=f"{adapter.stat().st_size / 1e6:.1f}",
        adapter_fingerprint=sha256_of(adapter),
        metrics=figures(folder, sha256_of(adapter)),
        commands="\n".join(rebuild_commands(folder.name, report.runs(), [file.command for file in data])),
    )


def render_merged_card(folder: Path, merged: MergeReport, licence: str = "") -> str:
    """The card of the merged model in `folder`.

    Args:
        folder: What `merge` made of a shipped folder, whose reports it took along.
        merged: The report on the merge.
        licence: As for `render_card`.

    Raises:
        FinetuneError: A report is missing, or the reports are about different data or adapters.
    """
    report = TrainReport.read(folder)
    data = read_data_reports(folder / DATA_FILE)
    check_data(report, data)
    return filled(
        "merged_card.md",
        shared_slots(report, licence),
        data=_data_of(report, data),
        adapter_fingerprint=merged.adapter_fingerprint,
        precision=merged.precision,
        difference=f"{merged.largest_difference:.1g}",
        effect=f"{merged.adapter_effect:.2g}",
        metrics=figures(folder, merged.adapter_fingerprint),
    )


def filled(template: str, shared: Mapping[str, str], **slots: str) -> str:
    """The text of a template beside this module, its places filled."""
    text = Path(__file__).with_name(template).read_text(encoding="utf-8")
    return Template(text).substitute(shared, **slots)


def shared_slots(report: TrainReport, licence: str) -> Mapping[str, str]:
    """What every card says of a run: its base, its licence, how it was trained."""
    recipe = report.recipe
    # A run that goes on from another keeps its layers, whatever its own recipe says.
    targets = report.runs()[0].recipe.targets
    base = find_base(recipe.base)
    own = f"{base.licence_name}, like the base" if base.licence else "not known"
    return {
        "name": recipe.name,
        "licence": licence or base.licence,
        "licence_text": licence or own,
        "base_model": base.hub,
        "base_description": base.description or f"`{base.hub}`",
        "base": report.base,
        "rank": str(report.rank),
        "alpha": str(report.alpha),
        "targets": targets if isinstance(targets, str) else ", ".join(targets),
        "training": "\n\n".join(map(_training, report.runs())),
    }


def _data_of(report: TrainReport, data: Sequence[DataReport]) -> str:
    return "\n\n".join(_data(run, file) for run, file in zip(report.runs(), data, strict=True))


def figures(folder: Path, adapter_fingerprint: str) -> str:
    """The figures in `folder` as a table.

    Raises:
        FinetuneError: They are those of another adapter.
    """
    metrics = folder / METRICS_FILE
    return figures_table(read_metrics(metrics, adapter_fingerprint) if metrics.exists() else {})


def check_data(report: TrainReport, data: Sequence[DataReport]) -> None:
    """Refuse reports on other data than the adapter was trained on, run by run.

    Raises:
        FinetuneError: A fingerprint differs, or there are more or fewer reports than runs.
    """
    trained_on = [run.data_fingerprint for run in report.runs()]
    reported = [file.fingerprint for file in data]
    if trained_on != reported:
        raise FinetuneError(
            "other_data",
            f"The adapter was trained on data {_short(trained_on)}, the data reports are about "
            f"{_short(reported)}.",
            "Name, in their order, the reports that lie beside the training files of the runs.",
        )


def _short(fingerprints: Sequence[str]) -> str:
    return ", ".join(f"{fingerprint[:12]}…" for fingerprint in fingerprints)


def _data(run: TrainReport, data: DataReport) -> str:
    further = {"Emphasis": data.emphasis_fingerprint, "Noise": data.noise_fingerprint}
    return "\n".join(
        (
            f"{run.examples:,} questions, {run.tokens:,} tokens:",
            "",
            "| | |",
            "|---|---|",
            f"| Training file, SHA-256 | `{run.data_fingerprint}` |",
            f"| Seeds (intents, phrasings, refusals), SHA-256 | `{data.seeds_fingerprint}` |",
            *(f"| {name}, SHA-256 | `{value}` |" for name, value in further.items() if value),
            f"| Source commit | `{data.commit or 'not recorded'}` |",
        )
    )


def _training(run: TrainReport) -> str:
    recipe = run.recipe
    libraries = ", ".join(f"{name} {release}" for name, release in run.libraries.items())
    since = " since it was resumed" if run.resumed_at_step else ""
    unseen = "not measured" if run.evaluation_loss is None else f"{run.evaluation_loss:.4f}"
    start = f", going on from {run.started_from.recipe.name}" if run.started_from else ""
    between = f"; {run.start_share:.0%} of its weights are those it went on from" if run.start_share else ""
    narrowed = f"; narrowed from rank {recipe.rank} to {run.narrowed_to}" if run.narrowed_to else ""
    passes = "" if recipe.max_steps else f" {recipe.epochs:g} epoch(s),"
    steps = f"{run.steps} steps of batch {recipe.batch_size}, accumulation {recipe.accumulation}"
    rate = f"learning rate {recipe.learning_rate:g} ({recipe.scheduler})"
    where = f"{run.precision} on {run.threads} CPU threads, {run.train_s / 60:.0f} minutes{since}"
    losses = (
        f"{run.loss:.4f} over the run, {run.final_loss:.4f} over its last tenth; on unseen examples {unseen}"
    )
    return (
        f"{recipe.name}{start}: {steps},{passes} {rate}, seed {recipe.seed}{between}{narrowed},\n"
        f"{where} ({libraries}).\nLoss, nats a completion token: {losses}."
    )


def read_metrics(file: Path, adapter_fingerprint: str) -> Mapping[str, JsonValue]:
    """The figures in `file`, which must be of the adapter with that SHA-256.

    Raises:
        FinetuneError: The file cannot be read, or was measured with other weights.
    """
    try:
        metrics = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FinetuneError("no_metrics", f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise FinetuneError("bad_metrics", f"{file.name} is not JSON: {error}") from error
    if not isinstance(metrics, dict):
        raise FinetuneError("bad_metrics", f"{file.name} is not a JSON object.")
    run = metrics.get("run")
    measured = run.get("adapter") if isinstance(run, dict) else None
    if measured != adapter_fingerprint:
        with_what = (
            f"with the adapter {measured[:12]}…" if isinstance(measured, str) and measured else "without it"
        )
        raise FinetuneError(
            "other_adapter",
            f"{file.name} was measured {with_what}, not with {adapter_fingerprint[:12]}…, this card's.",
            "Measure this adapter with `herdwick eval run` into a new folder, and name its metrics.json.",
        )
    return metrics
