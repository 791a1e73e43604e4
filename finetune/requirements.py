"""What a recipe needs of this machine and installation, checked before anything is loaded.

check_requirements(recipe)    # libraries and trackers
check_device(recipe)          # a GPU where one is needed
"""

import os
from importlib.util import find_spec

from herdwick.finetune.recipe import FinetuneError, Recipe


def check_requirements(recipe: Recipe) -> None:
    """Check libraries, trackers and how the process was launched.

    Raises:
        FinetuneError: Something is missing.
    """
    require_extra(*(("trl", "datasets") if recipe.trainer == "sft" else ()))
    if recipe.method == "qlora" or recipe.optimizer != "adamw":
        require_extra("bitsandbytes")
    _check_processes(recipe)
    _check_trackers(recipe)


def check_device(recipe: Recipe) -> None:
    """Check that there is a GPU if the recipe needs one.

    Raises:
        FinetuneError: There is none.
    """
    import torch

    if recipe.optimizer != "adamw" and not torch.cuda.is_available():
        raise FinetuneError(
            "no_gpu",
            f"The optimizer {recipe.optimizer} needs a GPU, and there is none.",
            "Train it on a machine with a GPU, or set optimizer: adamw.",
        )


def require_extra(*more: str) -> None:
    """Check that the libraries for training are there.

    Args:
        more: Those that only this recipe needs.

    Raises:
        FinetuneError: One of them is not.
    """
    needed = ("torch", "transformers", "peft", "accelerate", *more)
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise FinetuneError(
            "no_finetune_extra",
            f"Training needs {', '.join(missing)}.",
            "In the checkout, run: pip install -e '.[finetune]'",
        )


def _check_processes(recipe: Recipe) -> None:
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and recipe.trainer != "sft":
        raise FinetuneError(
            "one_process", "The lean trainer runs in one process.", "Set trainer: sft for several devices."
        )


def _check_trackers(recipe: Recipe) -> None:
    if not recipe.report_to:
        return
    from transformers.integrations.integration_utils import get_available_reporting_integrations

    installed = get_available_reporting_integrations()
    missing = [name for name in recipe.report_to if name not in installed]
    if missing:
        raise FinetuneError(
            "no_tracker",
            f"report_to names {', '.join(missing)}, which is not installed or not known.",
            f"Install it, or use one of: {', '.join(installed) or 'none is installed'}.",
        )
