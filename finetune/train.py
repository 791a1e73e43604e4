"""LoRA training of a causal language model by a recipe.

    report = train(load_recipe(path), out=Path("runs/aminer"))
    report.evaluation_loss

The adapter comes to `runs/aminer/adapter`. A run that was killed goes on from its last whole checkpoint when
it is started again with the same recipe, data and base; one that had finished returns its report.
"""

import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import fmean

from herdwick.finetune.base_model import base_folder, load_base
from herdwick.finetune.checkpoints import RunIdentity, prepare_folder
from herdwick.finetune.data import load_examples
from herdwick.finetune.lora import require_extra, with_lora
from herdwick.finetune.precision import choose_precision
from herdwick.finetune.recipe import Recipe
from herdwick.finetune.train_report import REPORT_FILE, Progress, TrainReport

ADAPTER = "adapter"
"""Name of the PEFT adapter's folder inside a run's folder."""

_LIBRARIES = ("torch", "transformers", "peft", "accelerate")


def train(
    recipe: Recipe,
    out: Path,
    *,
    resume: bool = True,
    progress: Callable[[Progress], None] | None = None,
) -> TrainReport:
    """Train the recipe's adapter into `out/adapter`, from the last whole checkpoint in `out` if there is one.

    Args:
        recipe: What to train.
        out: Folder of the run, for checkpoints, adapter and report.
        resume: Go on where an earlier run of the same recipe stopped; otherwise that run is deleted.
        progress: Called after every step.

    Raises:
        FinetuneError: The data or the base cannot be read, `out` holds another run, or the `finetune` extra
            is not installed. What `out` held is untouched then.
    """
    require_extra()
    from torch import get_num_threads
    from transformers import set_seed

    from herdwick.finetune.completion_trainer import build_trainer, halve_frozen_weights, mean_loss

    identity = RunIdentity.of(recipe)
    set_seed(recipe.seed)
    base, tokenizer = load_base(base_folder(recipe.base))
    examples = load_examples(recipe.train, tokenizer, recipe.max_tokens)
    unseen = load_examples(recipe.evaluation, tokenizer, recipe.max_tokens) if recipe.evaluation else None
    model = with_lora(base, recipe)
    checkpoint = prepare_folder(out, identity, resume=resume)
    adapter = out / ADAPTER
    if (adapter / REPORT_FILE).exists():
        return TrainReport.read(adapter)
    pad, precision = tokenizer.pad_token_id, choose_precision(recipe.precision)
    if precision == "bfloat16":
        halve_frozen_weights(model)
    trainer = build_trainer(recipe, out, model, examples, pad=pad, precision=precision, progress=progress)
    started = time.monotonic()
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    train_s = time.monotonic() - started
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    model.save_pretrained(adapter)
    tokenizer.save_pretrained(adapter)
    report = TrainReport(
        recipe=_without_folders(recipe),
        base=identity.base,
        data_fingerprint=identity.data,
        examples=len(examples),
        tokens=sum(len(example.ids) for example in examples),
        steps=trainer.state.global_step,
        resumed_at_step=int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0,
        loss=fmean(losses),
        final_loss=fmean(losses[-(len(losses) // 10 or 1) :]),
        evaluation_loss=mean_loss(
            model, unseen, batch_size=recipe.batch_size, pad=pad, bfloat16=precision == "bfloat16"
        )
        if unseen
        else None,
        train_s=train_s,
        started_from=TrainReport.read(recipe.start) if recipe.start else None,
        precision=precision,
        threads=get_num_threads(),
        libraries={name: version(name) for name in _LIBRARIES},
    )
    report.write(adapter)
    return report


def _without_folders(recipe: Recipe) -> Recipe:
    """The recipe fit to be published: where the data lay says nothing to others."""
    evaluation = recipe.evaluation and Path(recipe.evaluation.name)
    start = recipe.start and Path(recipe.start.name)
    return recipe.model_copy(
        update={"train": Path(recipe.train.name), "evaluation": evaluation, "start": start}
    )
