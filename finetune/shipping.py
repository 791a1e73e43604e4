"""Turns a trained adapter into the folder that the repo ships: GGUF, card, and the reports behind the card.

adapter = Path("runs/aminer/out/adapter")
ship(adapter, Path("finetune/adapters/aminer"), data=[Path("runs/aminer/train.report.json")])
"""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from herdwick.finetune.base_model import base_folder, require_base
from herdwick.finetune.card import (
    ADAPTER_FILE,
    CARD_FILE,
    METRICS_FILE,
    check_data,
    read_metrics,
    render_card,
)
from herdwick.finetune.data_reports import DATA_FILE, read_data_report
from herdwick.finetune.gguf_adapter import Precision, write_adapter
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.train_report import REPORT_FILE, TrainReport
from herdwick.tools.file_hash import sha256_of
from herdwick.tools.whole_file import write_whole

ADAPTERS = Path(__file__).with_name("adapters")
"""The adapters that the repo ships, a folder each."""
MAX_BYTES = 25_000_000
"""Largest of them."""


def export(adapter: Path, out: Path, *, precision: Precision = "f16") -> int:
    """Convert the PEFT adapter that `train` wrote to the GGUF file `out`, atomically.

    Args:
        adapter: Its folder.
        out: GGUF file.
        precision: Of the tensors.

    Returns:
        Size of the file in bytes.

    Raises:
        FinetuneError: `adapter` is not what `train` wrote, or its base is not the one installed.
    """
    report = TrainReport.read(adapter)
    require_base(report.recipe.base, report.base)
    return write_adapter(
        adapter,
        out,
        base=base_folder(report.recipe.base),
        description=f"{report.recipe.name}, a Herdwick LoRA",
        precision=precision,
    )


def ship(adapter: Path, target: Path, *, data: Sequence[Path], metrics: Path | None = None) -> Path:
    """Replace the folder `target` by the adapter, its card and its reports.

    What was in `target` stays as it was until everything is made.

    Args:
        adapter: PEFT folder that `train` wrote.
        target: Folder to ship, named after the domain.
        data: Reports that `selfinstruct synthesize` wrote beside the training files, one for each run that
            made the adapter, in their order.
        metrics: JSON file of an evaluation with this adapter; the card says so when there is none.

    Returns:
        The card.

    Raises:
        FinetuneError: The adapter is too large for the repo, belongs to another base, was trained on other
            data, or is not the one that the figures are of.
    """
    check_data(TrainReport.read(adapter), [read_data_report(file) for file in data])
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".shipping-") as folder:
        made = Path(folder) / target.name
        made.mkdir()
        size = export(adapter, made / ADAPTER_FILE)
        if target.parent.resolve() == ADAPTERS.resolve():
            _check_size(size)
        shutil.copyfile(adapter / REPORT_FILE, made / REPORT_FILE)
        reports = [json.loads(file.read_bytes()) for file in data]
        text = json.dumps(reports, ensure_ascii=False, indent=1)
        (made / DATA_FILE).write_text(f"{text}\n", encoding="utf-8")
        write_card(made, metrics)
        if target.exists():
            target.rename(Path(folder) / "replaced")
        made.rename(target)
    return target / CARD_FILE


def write_card(folder: Path, metrics: Path | None = None) -> Path:
    """Write the card of the adapter in `folder` anew, with the figures of `metrics` if given.

    Returns:
        The card.

    Raises:
        FinetuneError: A report is missing or damaged, or the figures are those of another adapter.
    """
    if metrics:
        # Read before it replaces what is there, which stays when it is refused; it may be that very file.
        read_metrics(metrics, sha256_of(folder / ADAPTER_FILE))
        write_whole(folder / METRICS_FILE, metrics.read_bytes())
    write_whole(folder / CARD_FILE, render_card(folder).encode())
    return folder / CARD_FILE


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise FinetuneError(
            "too_large",
            f"The adapter has {size / 1e6:.1f} MB, the repo ships at most {MAX_BYTES / 1e6:.0f} MB.",
            "Train it with a lower rank, narrow it, or ship it --into another folder.",
        )
