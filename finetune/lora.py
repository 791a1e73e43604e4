"""A base model with the recipe's LoRA around it.

model = with_lora(base, recipe)      # a PEFT model; only the LoRA is trainable
"""

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from herdwick.finetune.base_model import is_same_base
from herdwick.finetune.recipe import FinetuneError, Recipe
from herdwick.finetune.widen import scale, widen

if TYPE_CHECKING:
    from torch import Tensor

WEIGHTS_FILE = "adapter_model.safetensors"
"""PEFT's name for an adapter's weights."""
CONFIG_FILE = "adapter_config.json"
"""PEFT's name for what an adapter is."""


def with_lora(base: Any, recipe: Recipe) -> Any:
    """`base` with trainable LoRA matrices as the recipe says; `base` is changed in place.

    With `method: full` it is returned as it is, all of it trainable.

    Raises:
        FinetuneError: The recipe's targets are not layers of this model, or the adapter that it starts from
            is of another shape or base.
    """
    from peft import LoraConfig, get_peft_model

    if recipe.method == "full":
        return base
    if recipe.start:
        return _started(base, recipe, recipe.start)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,  # type: ignore[arg-type]  # a float works and scales as one
        lora_dropout=recipe.dropout,
        target_modules=recipe.targets,
        use_rslora=recipe.method == "rslora",
        use_dora=recipe.method == "dora",
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
    config = _start_config(recipe, start)
    if config.r == recipe.rank:
        return load_adapter(base, str(start), trainable=True)
    from peft import get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict

    model = get_peft_model(
        base, replace(config, r=recipe.rank, lora_alpha=recipe.alpha, inference_mode=False)
    )
    weights = widen(read_weights(start), like=get_peft_model_state_dict(model))
    set_peft_model_state_dict(model, weights)
    return model.train()


def _start_config(recipe: Recipe, start: Path) -> Any:
    """PEFT's configuration of the adapter in `start`, which fits the recipe."""
    from peft import LoraConfig

    read_config(start)
    config = LoraConfig.from_pretrained(str(start))
    began = scale(config.lora_alpha, config.r, rslora=config.use_rslora)
    goes_on = scale(recipe.alpha, recipe.rank, rslora=config.use_rslora)
    if config.r > recipe.rank or not math.isclose(began, goes_on):
        raise FinetuneError(
            "other_shape",
            f"{start} has rank {config.r} and alpha {config.lora_alpha:g}, the recipe {recipe.rank} and "
            f"{recipe.alpha:g}.",
            "Give the recipe the rank and alpha of what it starts from, or a higher rank with an alpha that "
            "scales it alike.",
        )
    made_by = "dora" if config.use_dora else "rslora" if config.use_rslora else "lora"
    if made_by != ("lora" if recipe.method == "qlora" else recipe.method):
        raise FinetuneError(
            "other_shape",
            f"{start} was made by method {made_by}, the recipe says {recipe.method}.",
            "Give the recipe the method of what it starts from.",
        )
    return config


def load_adapter(base: Any, adapter: str, *, trainable: bool = False) -> Any:
    """`base` with the trained PEFT adapter in folder `adapter`, ready to answer, or to be trained further.

    Raises:
        FinetuneError: The folder holds no adapter, or one made for another base.
    """
    from peft import PeftModel

    read_config(Path(adapter))
    read_weights(Path(adapter))
    try:
        return PeftModel.from_pretrained(base, adapter, is_trainable=trainable).train(trainable)
    except (OSError, ValueError) as error:
        raise _no_adapter(adapter, str(error)) from error
    except RuntimeError as error:
        raise FinetuneError(
            "other_base", f"{adapter} was trained on another base: {error}", "Use the base of its recipe."
        ) from error


def read_config(adapter: Path) -> dict[str, Any]:
    """What PEFT noted of the adapter in folder `adapter`.

    Raises:
        FinetuneError: The folder holds no adapter, or one that does not say how it is scaled.
    """
    try:
        config = TypeAdapter(dict[str, Any]).validate_json((adapter / CONFIG_FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise _no_adapter(adapter, str(error)) from error
    # PEFT would take its defaults, and the adapter would act more or less than it was trained to.
    if missing := [key for key in ("r", "lora_alpha") if not isinstance(config.get(key), int | float)]:
        raise _no_adapter(adapter, f"{CONFIG_FILE} has no number for {', '.join(missing)}.")
    if not (adapter / WEIGHTS_FILE).is_file():
        raise _no_adapter(adapter, f"{WEIGHTS_FILE} is missing.")
    return config


def read_weights(adapter: Path) -> "dict[str, Tensor]":
    """The matrices of the adapter in folder `adapter`: A of `(rank, inputs)`, B of `(outputs, rank)`.

    Raises:
        FinetuneError: The file is damaged, or has values that are no finite numbers.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights = load_file(adapter / WEIGHTS_FILE)
    except (OSError, SafetensorError) as error:
        raise _no_adapter(adapter, f"{WEIGHTS_FILE}: {error}.") from error
    if odd := [name for name, weight in weights.items() if not weight.isfinite().all()]:
        raise FinetuneError(
            "not_finite",
            f"{adapter} is not finite in {len(odd)} of {len(weights)} matrices, such as {odd[0]}.",
            "Its run diverged: train again with a lower learning_rate.",
        )
    return weights


def _no_adapter(adapter: Path | str, reason: str) -> FinetuneError:
    return FinetuneError(
        "no_adapter",
        f"{adapter} holds no PEFT adapter: {reason}",
        "Name the `adapter` folder that `herdwick finetune train` wrote.",
    )


def check_start(recipe: Recipe) -> None:
    """Check that the adapter that a recipe starts from is there and made for its base, by its config alone.

    Raises:
        FinetuneError: It is not.
    """
    if recipe.start is None:
        return
    base = read_config(recipe.start).get("base_model_name_or_path")
    if base and not is_same_base(base, recipe.base):
        raise FinetuneError(
            "other_base",
            f"{recipe.start} was trained on {base}, the recipe's base is {recipe.base}.",
            "Use the base of its recipe.",
        )
