"""A base model with the recipe's LoRA around it.

model = with_lora(base, recipe)      # a PEFT model; only the LoRA is trainable
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from herdwick.finetune.recipe import FinetuneError, Recipe

WEIGHTS_FILE = "adapter_model.safetensors"
"""PEFT's name for an adapter's weights."""


def with_lora(base: Any, recipe: Recipe) -> Any:
    """`base` with trainable LoRA matrices as the recipe says; `base` is changed in place.

    Raises:
        FinetuneError: The recipe's targets are not layers of this model, or the adapter that it starts from
            is of another shape or base.
    """
    from peft import LoraConfig, get_peft_model

    if recipe.start:
        return _started(base, recipe, recipe.start)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,  # type: ignore[arg-type]  # a float works and scales as one
        lora_dropout=recipe.dropout,
        target_modules=recipe.targets,
        task_type="CAUSAL_LM",
    )
    try:
        return get_peft_model(base, config)
    except ValueError as error:
        raise FinetuneError(
            "bad_targets",
            f"The recipe's targets {recipe.targets!r} do not fit {recipe.base}: {error}",
            "`all-linear` fits every model.",
        ) from error


def _started(base: Any, recipe: Recipe, start: Path) -> Any:
    model = load_adapter(base, str(start), trainable=True)
    config = model.peft_config["default"]
    if (config.r, config.lora_alpha) != (recipe.rank, recipe.alpha):
        raise FinetuneError(
            "other_shape",
            f"{start} has rank {config.r} and alpha {config.lora_alpha:g}, the recipe {recipe.rank} and "
            f"{recipe.alpha:g}.",
            "Give the recipe the rank and alpha of what it starts from.",
        )
    return model


def load_adapter(base: Any, adapter: str, *, trainable: bool = False) -> Any:
    """`base` with the trained PEFT adapter in folder `adapter`, ready to answer, or to be trained further.

    Raises:
        FinetuneError: The folder holds no adapter, or one made for another base.
    """
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(base, adapter, is_trainable=trainable).train(trainable)
    except (OSError, ValueError) as error:
        raise FinetuneError(
            "no_adapter", f"{adapter} holds no PEFT adapter: {error}", "Name a folder that training wrote."
        ) from error
    except RuntimeError as error:
        raise FinetuneError(
            "other_base", f"{adapter} was trained on another base: {error}", "Use the base of its recipe."
        ) from error


def require_extra() -> None:
    """Check that the libraries for training are there.

    Raises:
        FinetuneError: One of them is not.
    """
    missing = [name for name in ("torch", "transformers", "peft", "accelerate") if find_spec(name) is None]
    if missing:
        raise FinetuneError(
            "no_finetune_extra",
            f"Training needs {', '.join(missing)}.",
            "In the checkout, run: pip install -e '.[finetune]'",
        )
