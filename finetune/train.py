"""Training of a causal language model by a recipe.

    report = train(load_recipe(path), out=Path("runs/aminer"))
    report.evaluation_loss

The adapter comes to `runs/aminer/adapter`, or with `method: full` the whole model to `runs/aminer/model`. A
run that was killed goes on from its last whole checkpoint when it is started again with the same recipe, data
and base; one that had finished returns its report.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import Any, Self

from herdwick.finetune.base_model import base_folder
from herdwick.finetune.checkpoints import (
    ADAPTER,
    MODEL,
    RunIdentity,
    is_run,
    make_folder,
    prepare_folder,
    telling_of_a_full_disk,
)
from herdwick.finetune.data import Framing, TokenizedExample, load_examples
from herdwick.finetune.lora import check_start
from herdwick.finetune.plan import load_tokenizer, plan_of
from herdwick.finetune.precision import Precision
from herdwick.finetune.recipe import PATHS, Recipe
from herdwick.finetune.requirements import check_device, check_requirements
from herdwick.finetune.train_report import REPORT_FILE, Progress, TrainReport

_LIBRARIES = ("torch", "transformers", "peft", "accelerate")


@dataclass(frozen=True)
class _Data:
    """What a run learns from, and is judged by."""

    tokenizer: Any
    examples: Sequence[TokenizedExample]
    unseen: Sequence[TokenizedExample]

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        tokenizer = load_tokenizer(base_folder(recipe.base))
        framing = Framing.of(recipe)
        files = (recipe.train, *([recipe.evaluation] if recipe.evaluation else []))
        examples, *unseen = (load_examples(file, tokenizer, recipe.max_tokens, framing) for file in files)
        return cls(tokenizer, examples, unseen[0] if unseen else [])


def result_folder(recipe: Recipe, out: Path) -> Path:
    """Where a run in `out` leaves what it trained, with its report."""
    return out / (MODEL if recipe.method == "full" else ADAPTER)


def train(
    recipe: Recipe,
    out: Path,
    *,
    resume: bool = True,
    force: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> TrainReport:
    """Train by the recipe into `out`, from the last whole checkpoint in `out` if there is one.

    Args:
        recipe: What to train.
        out: Folder of the run, for checkpoints, adapter and report.
        resume: Go on where an earlier run of the same recipe stopped; otherwise that run is deleted.
        force: Train although the estimate says that memory will not do.
        progress: Called after every step.

    Raises:
        FinetuneError: The data or the base cannot be read, `out` holds another run, the memory will not do,
            or the `finetune` extra is not installed: what `out` held is untouched then. Or the disk is full:
            the checkpoints that are whole stay.
    """
    check_requirements(recipe)
    check_device(recipe)
    check_start(recipe)
    from transformers import set_seed

    from herdwick.finetune.trainable import load_trainable
    from herdwick.finetune.watch import Watch

    identity = RunIdentity.of(recipe)
    made = result_folder(recipe, out)
    if resume and (made / REPORT_FILE).exists() and is_run(out, identity):
        return TrainReport.read(made)
    set_seed(recipe.seed)
    data = _Data.of(recipe)
    plan = plan_of(recipe, data.examples, data.unseen)
    if not force:
        plan.require_fit()
    model = load_trainable(recipe, plan.precision)
    make_folder(out)
    watch = Watch(progress)
    with telling_of_a_full_disk(out):
        trainer = build_trainer_of(
            recipe, out, model, data.tokenizer, data.examples, data.unseen, plan.precision, watch
        )
        # Where several processes train, one of them clears and claims the folder for all.
        with trainer.args.main_process_first(local=False):
            checkpoint = prepare_folder(out, identity, resume=resume or not trainer.is_world_process_zero())
        started = time.monotonic()
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        train_s = time.monotonic() - started
        _save(trainer, made)
    report = _report(
        recipe,
        identity,
        data,
        trainer,
        precision=plan.precision,
        resumed_at_step=int(checkpoint.name.rpartition("-")[2]) if checkpoint else 0,
        train_s=train_s,
        tokens_per_s=watch.tokens_per_s or None,
    )
    if trainer.is_world_process_zero():
        with telling_of_a_full_disk(out):
            data.tokenizer.save_pretrained(made)
            report.write(made)
    return report


def _report(
    recipe: Recipe,
    identity: RunIdentity,
    data: _Data,
    trainer: Any,
    *,
    precision: Precision,
    resumed_at_step: int,
    train_s: float,
    tokens_per_s: float | None,
) -> TrainReport:
    from torch import get_num_threads

    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    libraries = (*_LIBRARIES, *(("trl",) if recipe.trainer == "sft" else ()))
    return TrainReport(
        recipe=_without_folders(recipe),
        base=identity.base,
        data_fingerprint=identity.data,
        examples=len(data.examples),
        tokens=sum(len(example.ids) for example in data.examples),
        steps=trainer.state.global_step,
        stopped_early=trainer.state.global_step < trainer.state.max_steps,
        resumed_at_step=resumed_at_step,
        loss=fmean(losses),
        final_loss=fmean(losses[-(len(losses) // 10 or 1) :]),
        evaluation_loss=_evaluation_loss(trainer, recipe, data.unseen, _pad(data.tokenizer), precision),
        train_s=train_s,
        tokens_per_s=tokens_per_s,
        started_from=TrainReport.read(recipe.start) if recipe.start else None,
        precision=precision,
        threads=get_num_threads(),
        libraries={name: version(name) for name in libraries},
    )


def build_trainer_of(
    recipe: Recipe,
    out: Path,
    model: Any,
    tokenizer: Any,
    examples: Sequence[TokenizedExample],
    unseen: Sequence[TokenizedExample],
    precision: Precision,
    watch: Any,
) -> Any:
    """The trainer that the recipe names, around a model that is loaded."""
    if recipe.trainer == "sft":
        from herdwick.finetune.sft_trainer import build_sft_trainer

        return build_sft_trainer(
            recipe, out, model, tokenizer, examples, unseen, precision=precision, watch=watch
        )
    from herdwick.finetune.completion_trainer import build_trainer

    pad = _pad(tokenizer)
    return build_trainer(recipe, out, model, examples, unseen, pad=pad, precision=precision, watch=watch)


def _pad(tokenizer: Any) -> int:
    """Llama's tokenizers have no padding token; any does, since padding is masked and has no loss."""
    return int(tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id)


def _save(trainer: Any, made: Path) -> None:
    """What was trained, gathered from all devices where it is spread."""
    if trainer.accelerator.num_processes > 1:
        trainer.save_model(str(made))
    else:
        trainer.model.save_pretrained(made)


def _evaluation_loss(
    trainer: Any, recipe: Recipe, unseen: Sequence[TokenizedExample], pad: int, precision: Precision
) -> float | None:
    if not unseen:
        return None
    if trainer.accelerator.num_processes > 1:
        from herdwick.finetune.sft_trainer import labelled_dataset

        return float(trainer.evaluate(labelled_dataset(unseen))["eval_loss"])
    from herdwick.finetune.completion_trainer import mean_loss

    bfloat16 = precision == "bfloat16"
    return mean_loss(trainer.model, unseen, batch_size=recipe.batch_size, pad=pad, bfloat16=bfloat16)


def _without_folders(recipe: Recipe) -> Recipe:
    """The recipe fit to be published: where the data lay says nothing to others."""
    return recipe.model_copy(
        update={name: Path(file.name) for name in PATHS if (file := getattr(recipe, name)) is not None}
    )
