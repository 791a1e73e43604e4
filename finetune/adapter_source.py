"""Where an adapter lies, in whichever form: a run, a PEFT folder, a shipped folder or a GGUF file.

with AdapterSource.open(Path("finetune/adapters/bgp")) as adapter:
    adapter.folder, adapter.base
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from herdwick.finetune.base_model import base_folder, is_same_base, require_base
from herdwick.finetune.card import ADAPTER_FILE, METRICS_FILE
from herdwick.finetune.data_reports import DATA_FILE
from herdwick.finetune.gguf_adapter import read_adapter
from herdwick.finetune.lora import CONFIG_FILE, WEIGHTS_FILE, read_config
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.train_report import REPORT_FILE, TrainReport
from herdwick.tools.base_gguf import WHEEL
from herdwick.tools.file_hash import sha256_of


@dataclass(frozen=True)
class AdapterSource:
    """An adapter ready to be loaded.

    Attributes:
        folder: PEFT folder.
        base: The base model, as a recipe names it.
        fingerprint: SHA-256 of the weights file that was named, GGUF or safetensors.
        reports: What lies beside it: on the run, its data and its figures.
    """

    folder: Path
    base: str
    fingerprint: str
    reports: tuple[Path, ...]

    @classmethod
    @contextmanager
    def open(cls, source: Path, base: str = "", *, force: bool = False) -> Iterator["AdapterSource"]:
        """Find the adapter; a GGUF file is unpacked for as long as the context lasts.

        Args:
            source: Folder of a run, PEFT folder, shipped folder, or GGUF adapter.
            base: Its base; default: what its reports say, then what PEFT noted.
            force: Take `base` although that is not its base by name.

        Raises:
            FinetuneError: There is no adapter, nothing says its base, `base` is another, or it is not
                the one installed.
        """
        weights = _weights(source)
        folder = weights.parent
        reports = tuple(
            file for name in (REPORT_FILE, DATA_FILE, METRICS_FILE) if (file := folder / name).is_file()
        )
        noted = _noted_base(folder)
        chosen = base or noted
        if not chosen:
            raise FinetuneError(
                "no_base",
                f"Nothing in {folder} says what the adapter was trained on.",
                f"Name it with --base: a folder, a hub name, or {WHEEL!r}.",
            )
        if noted and not (force or is_same_base(noted, chosen)):
            raise FinetuneError(
                "other_base",
                f"{source} was trained on {noted}, not on {chosen}.",
                "Leave --base out, or say --force if that is the same model under another name.",
            )
        if (folder / REPORT_FILE).is_file():
            report = TrainReport.read(folder)
            if chosen == report.recipe.base:
                require_base(chosen, report.base)
        if weights.suffix != ".gguf":
            yield cls(folder, chosen, sha256_of(weights), reports)
            return
        with tempfile.TemporaryDirectory() as unpacked:
            read_adapter(weights, Path(unpacked), base=base_folder(chosen))
            yield cls(Path(unpacked), chosen, sha256_of(weights), reports)


def _weights(source: Path) -> Path:
    candidates = (
        source / WEIGHTS_FILE,
        source / "adapter" / WEIGHTS_FILE,
        source / ADAPTER_FILE,
        source,
    )
    for file in candidates:
        if file.is_file():
            return file
    raise FinetuneError(
        "no_adapter",
        f"{source} holds no adapter.",
        "Name the folder of a run, its `adapter` folder, a shipped folder, or a GGUF adapter.",
    )


def _noted_base(folder: Path) -> str:
    """'' where nothing says it."""
    if (folder / REPORT_FILE).is_file():
        return TrainReport.read(folder).recipe.base
    if (folder / CONFIG_FILE).is_file():
        return str(read_config(folder).get("base_model_name_or_path") or "")
    return ""
