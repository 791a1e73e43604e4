"""A recipe as `transformers.TrainingArguments`, for both trainers; imports torch, so import it late.

on_one_device(TrainingArguments(**trainer_arguments(recipe, out, "float32")))
"""

from pathlib import Path
from typing import Any, TypeVar

import torch
from transformers import TrainingArguments

from herdwick.finetune.precision import Precision
from herdwick.finetune.recipe import Recipe

_A = TypeVar("_A", bound=TrainingArguments)

PROJECT = "herdwick"
"""What experiment trackers group the runs under."""


def on_one_device(arguments: _A) -> _A:
    """`arguments` for one device in this process, however many GPUs there are.

    The Trainer would spread each batch over all of them by `nn.DataParallel`, multiplying the recipe's batch.
    Several devices take several processes, which `accelerate launch` starts with one device each.
    """
    if arguments.n_gpu > 1:
        # As the Trainer itself does for models that are spread already; there is no public way.
        arguments._n_gpu = 1  # noqa: SLF001
    return arguments


def trainer_arguments(recipe: Recipe, out: Path, precision: Precision) -> dict[str, Any]:
    """Keyword arguments of `TrainingArguments` and of its descendants.

    Args:
        recipe: What to train.
        out: Folder of the checkpoints.
        precision: Of the matrix products.
    """
    evaluation: dict[str, Any] = {}
    if recipe.evaluation_steps:
        evaluation = {
            "eval_strategy": "steps",
            "eval_steps": recipe.evaluation_steps,
            "per_device_eval_batch_size": recipe.batch_size,
            "prediction_loss_only": True,
        }
    if recipe.patience:
        evaluation |= {
            "load_best_model_at_end": True,
            "metric_for_best_model": "eval_loss",
            "greater_is_better": False,
        }
    return evaluation | {
        "output_dir": str(out),
        "run_name": recipe.name,
        "project": PROJECT,
        "per_device_train_batch_size": recipe.batch_size,
        "gradient_accumulation_steps": recipe.accumulation,
        "gradient_checkpointing": recipe.gradient_checkpointing,
        "learning_rate": recipe.learning_rate,
        # With warm-up, as everywhere else: transformers' plain `constant` has none.
        "lr_scheduler_type": _scheduler(recipe),
        "optim": "adamw_torch" if recipe.optimizer == "adamw" else recipe.optimizer,
        "warmup_steps": recipe.warmup,
        "weight_decay": recipe.weight_decay,
        "max_grad_norm": recipe.max_grad_norm,
        "num_train_epochs": recipe.epochs,
        "max_steps": recipe.max_steps or -1,
        "seed": recipe.seed,
        "bf16": precision == "bfloat16",
        "use_cpu": not torch.cuda.is_available(),
        "save_steps": recipe.save_steps,
        "save_total_limit": 2,
        # A run that stops early must count on from where it was killed.
        "restore_callback_states_from_checkpoint": True,
        # Every step: the mean of the log is then the mean loss, and survives in the checkpoint's state.
        "logging_steps": 1,
        "include_num_input_tokens_seen": "non_padding",
        "dataloader_pin_memory": False,
        "disable_tqdm": True,
        "report_to": recipe.report_to or "none",
    }


def _scheduler(recipe: Recipe) -> str:
    return "constant_with_warmup" if recipe.scheduler == "constant" else recipe.scheduler
