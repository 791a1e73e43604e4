"""The model card of what a run left: its adapter, its whole model, or its adapter merged into the base.

    text = render_run_card(Path("runs/bgp/first/adapter"), data=[Path("runs/bgp/train.report.json")])

Such a run's data may be anybody's, so the card says only what reports say of it, and says so where there is
none; the wording is in `run_card.md`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from herdwick.finetune.card import figures, filled, shared_slots
from herdwick.finetune.data_reports import DataReport, TeacherReport, read_any_report
from herdwick.finetune.lora import CONFIG_FILE, WEIGHTS_FILE
from herdwick.finetune.merge_report import MERGE_FILE, MergeReport
from herdwick.finetune.train_report import REPORT_FILE, TrainReport
from herdwick.tools.file_hash import sha256_of

NO_DATA = "How the data was made is not told: no report on it was given when this was published."
_SERVE_MODEL = "`vllm serve DIR` with the folder of this model."


def is_run_result(folder: Path) -> bool:
    """Whether a run or a merge left in `folder` all that a card is made from."""
    return (folder / REPORT_FILE).is_file() and (
        (folder / MERGE_FILE).is_file() or _is_adapter(folder) or _is_model(folder)
    )


def render_run_card(folder: Path, *, data: Sequence[Path] = (), licence: str = "") -> str:
    """The card of the adapter or the model in `folder`.

    Args:
        folder: What `train` left, such as `runs/bgp/first/adapter`, or what `merge` made of that.
        data: Reports that `selfinstruct synthesize` or `generate` wrote.
        licence: As for `render_card`.

    Raises:
        FinetuneError: A report is missing, or the figures in the folder are those of other weights.
    """
    report = TrainReport.read(folder)
    reports = [read_any_report(file) for file in data]
    return filled(
        "run_card.md",
        shared_slots(report, licence),
        data="\n\n".join((*map(_trained_on, report.runs()), *_told(report, reports))),
        **_slots_of_kind(folder, report),
    )


def _slots_of_kind(folder: Path, report: TrainReport) -> Mapping[str, str]:
    if (folder / MERGE_FILE).is_file():
        merged = MergeReport.read(folder)
        return {
            "what": "A LoRA trained with Herdwick, merged into its base.",
            "library": "transformers",
            "tag": "merge",
            "weights": f"{_adapter_rows(report, merged.adapter_fingerprint)}\n"
            f"| Merged weights | {merged.precision}; logits differ from base and adapter by "
            f"{merged.largest_difference:.1g} of the largest one, the adapter changes them by "
            f"{merged.adapter_effect:.2g} |",
            "metrics": figures(folder, merged.adapter_fingerprint),
            "use": _SERVE_MODEL,
        }
    if _is_adapter(folder):
        fingerprint = sha256_of(folder / WEIGHTS_FILE)
        return {
            "what": "A LoRA trained with Herdwick.",
            "library": "peft",
            "tag": "lora",
            "weights": _adapter_rows(report, fingerprint),
            "metrics": figures(folder, fingerprint),
            "use": "`vllm serve BASE --enable-lora --lora-modules NAME=DIR` serves it beside its base, and "
            "`herdwick finetune merge DIR --out MODEL` makes one model of both.",
        }
    return {
        "what": "A model trained with Herdwick, all of its weights.",
        "library": "transformers",
        "tag": "full-fine-tuning",
        "weights": "| Trained | every weight |",
        # An evaluation notes the adapter it was made with; nothing ties its figures to a whole model.
        "metrics": figures(folder, ""),
        "use": _SERVE_MODEL,
    }


def _adapter_rows(report: TrainReport, fingerprint: str) -> str:
    targets = report.recipe.targets
    layers = targets if isinstance(targets, str) else ", ".join(targets)
    return (
        f"| Adapter | {report.recipe.method}, rank {report.rank}, alpha {report.alpha}, layers: {layers} |\n"
        f"| Adapter SHA-256 | `{fingerprint}` |"
    )


def _trained_on(run: TrainReport) -> str:
    return (
        f"{run.recipe.name}: {run.examples:,} examples, {run.tokens:,} tokens; "
        f"SHA-256 of the training file `{run.data_fingerprint}`."
    )


def _told(report: TrainReport, reports: Sequence[DataReport | TeacherReport]) -> list[str]:
    files = {run.data_fingerprint: run.recipe.name for run in report.runs()}
    return [_told_of(given, files) for given in reports] or [NO_DATA]


def _told_of(given: DataReport | TeacherReport, files: Mapping[str, str]) -> str:
    about = f"The training file of {files.get(given.fingerprint)}"
    if given.fingerprint not in files:
        # What was converted has another hash than what it was made from, so this cannot be checked.
        about = f"A file with SHA-256 `{given.fingerprint}`, from which, its publisher says, the data is"
    if isinstance(given, TeacherReport):
        return (
            f"{about}: {given.kept:,} tasks ({given.kind}) written by the model `{given.model}`, which went "
            f"on from {given.seeds:,} hand-written ones; SHA-256 of the configuration "
            f"`{given.config_fingerprint}`."
        )
    emphasis = f", of its emphasis `{given.emphasis_fingerprint}`" if given.emphasis_fingerprint else ""
    return (
        f"{about}: synthetic questions whose programs were checked against Herdwick's solution library; "
        f"SHA-256 of its seeds `{given.seeds_fingerprint}`{emphasis}; source commit "
        f"`{given.commit or 'not recorded'}`."
    )


def _is_adapter(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (WEIGHTS_FILE, CONFIG_FILE))


def _is_model(folder: Path) -> bool:
    return (folder / "config.json").is_file() and any(folder.glob("model*.safetensors"))
