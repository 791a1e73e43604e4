"""The model card of an adapter, written from what was measured and nothing else.

    text = render_card(Path("finetune/adapters/aminer"))

Everything in it comes from the JSON files that `ship` puts beside the adapter; the wording is in
`model_card.md`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.train_report import TrainReport

ADAPTER_FILE = "adapter.gguf"
CARD_FILE = "README.md"
DATA_FILE = "data_report.json"
METRICS_FILE = "metrics.json"

_TEMPLATE = Path(__file__).with_name("model_card.md")


class DataReport(BaseModel):
    """What a card says of its training file; the report that the file's maker left beside it has more.

    Attributes:
        fingerprint: SHA-256 of the training file.
        seeds_fingerprint: SHA-256 of everything the file was made from.
        commit: Source it was made with; '' outside a repository.
        command: Makes the file again.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    fingerprint: str
    seeds_fingerprint: str
    commit: str
    command: str

    @classmethod
    def read(cls, file: Path) -> "DataReport":
        """The report in `file`.

        Raises:
            FinetuneError: It is missing or has another shape.
        """
        try:
            return cls.model_validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise FinetuneError(
                "no_data_report",
                f"{file} is no report on training data.",
                "`herdwick selfinstruct synthesize` writes it beside the training file.",
            ) from error


def render_card(folder: Path) -> str:
    """The card of the adapter in `folder`, which is named after its domain.

    Raises:
        FinetuneError: A report is missing, or the reports are about different data or adapters.
    """
    report = TrainReport.read(folder)
    data = DataReport.read(folder / DATA_FILE)
    check_data(report, data)
    recipe = report.recipe
    adapter, metrics = folder / ADAPTER_FILE, folder / METRICS_FILE
    unseen = report.evaluation_loss
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        recipe.model_dump(),
        domain=folder.name,
        base=report.base,
        targets=recipe.targets if isinstance(recipe.targets, str) else ", ".join(recipe.targets),
        size_mb=f"{adapter.stat().st_size / 1e6:.1f}",
        adapter_fingerprint=_sha256(adapter),
        examples=f"{report.examples:,}",
        tokens=f"{report.tokens:,}",
        data_fingerprint=report.data_fingerprint,
        seeds_fingerprint=data.seeds_fingerprint,
        commit=data.commit or "not recorded",
        steps=report.steps,
        precision=report.precision,
        threads=report.threads,
        minutes=f"{report.train_s / 60:.0f}" + (" since it was resumed" if report.resumed_at_step else ""),
        libraries=", ".join(f"{name} {release}" for name, release in report.libraries.items()),
        loss=f"{report.loss:.4f}",
        final_loss=f"{report.final_loss:.4f}",
        evaluation_loss="not measured" if unseen is None else f"{unseen:.4f}",
        metrics=_table(read_metrics(metrics, adapter) if metrics.exists() else {}),
        commands="\n".join(_commands(folder.name, recipe.name, data)),
    )


def check_data(report: TrainReport, data: DataReport) -> None:
    """Refuse a report on other data than the adapter was trained on.

    Raises:
        FinetuneError: The fingerprints differ.
    """
    if report.data_fingerprint != data.fingerprint:
        raise FinetuneError(
            "other_data",
            f"The adapter was trained on data {report.data_fingerprint[:12]}…, the data report is about "
            f"{data.fingerprint[:12]}….",
            "Name the report that lies beside the training file of the recipe.",
        )


def _commands(domain: str, recipe: str, data: DataReport) -> Iterator[str]:
    yield data.command
    yield f"herdwick finetune train finetune/recipes/{recipe}.yaml --out runs/{domain}/out"
    yield f"herdwick finetune ship {domain} runs/{domain}/out/adapter --data runs/{domain}/train.report.json"


def read_metrics(file: Path, adapter: Path) -> Mapping[str, JsonValue]:
    """The figures in `file`, which must be of the adapter in the file `adapter`.

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
    if measured != _sha256(adapter):
        with_what = (
            f"with the adapter {measured[:12]}…" if isinstance(measured, str) and measured else "without it"
        )
        raise FinetuneError(
            "other_adapter",
            f"{file.name} was measured {with_what}, not with {adapter.name} beside the card.",
            "Measure this adapter with `herdwick eval run` into a new folder, and name its metrics.json.",
        )
    return metrics


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _table(metrics: Mapping[str, JsonValue]) -> str:
    rows = list(_rows(metrics))
    if not rows:
        return "Not measured yet."
    return "\n".join(["| figure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _rows(metrics: Mapping[str, JsonValue], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every number and short text, named by the way to it."""
    for name, value in metrics.items():
        if isinstance(value, dict):
            yield from _rows(value, f"{prefix}{name} / ")
        elif isinstance(value, float):
            yield f"{prefix}{name}", f"{value:.4g}"
        elif isinstance(value, int | str):
            yield f"{prefix}{name}", str(value)
