"""The base model of a recipe, loaded as its method trains it.

model = load_trainable(recipe, "bfloat16")
"""

from typing import Any

from herdwick.finetune.base_model import base_folder, load_base
from herdwick.finetune.lora import with_lora
from herdwick.finetune.memory import loads_as_stored
from herdwick.finetune.precision import Precision
from herdwick.finetune.recipe import FinetuneError, Recipe


def load_trainable(recipe: Recipe, precision: Precision) -> Any:
    """The base with the recipe's LoRA around it, or all of it trainable with `method: full`.

    Weights that are trained are in float32; frozen ones are in the precision of the matrix products, or in 4
    bits with `method: qlora`.

    Args:
        recipe: What to train.
        precision: Of the matrix products.

    Raises:
        FinetuneError: There is no such base, or the LoRA does not fit it.
    """
    from herdwick.finetune.completion_trainer import halve_frozen_weights

    folder = base_folder(recipe.base)
    if recipe.method == "qlora":
        base = _load_quantized(folder, precision)
    else:
        base = load_base(folder, as_stored=loads_as_stored(recipe, precision))[0]
    model = with_lora(base, recipe)
    if precision == "bfloat16" and recipe.method not in ("qlora", "full"):
        halve_frozen_weights(model)
    return model


def _load_quantized(folder: str, precision: Precision) -> Any:
    """The model in NF4 with its scales quantized too (arXiv:2305.14314)."""
    import torch
    from peft import prepare_model_for_kbit_training
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    config = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
    try:
        model = AutoModelForCausalLM.from_pretrained(folder, quantization_config=config, dtype=dtype)
    except (OSError, ValueError) as error:
        raise FinetuneError(
            "no_base",
            f"The base model {folder} cannot be loaded in 4 bits: {error}",
            "Name a folder with a model, or train with method lora.",
        ) from error
    # Whether to compute activations again is the trainer's affair, which says so to the model itself.
    return prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
