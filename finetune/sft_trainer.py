"""TRL's `SFTTrainer` by a recipe; imports torch, so import it late.

    trainer = build_sft_trainer(
        recipe, out, model, tokenizer, examples, unseen, precision="bfloat16", watch=watch
    )
    trainer.train()

It gets the examples as token ids with labels, the same that our lean trainer gets: where the loss is and
where an example ends does not depend on the trainer.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset, disable_progress_bars
from transformers import EarlyStoppingCallback, PrinterCallback
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from herdwick.finetune.data import IGNORED, TokenizedExample
from herdwick.finetune.precision import Precision
from herdwick.finetune.recipe import Recipe
from herdwick.finetune.trainer_arguments import on_one_device, trainer_arguments
from herdwick.finetune.watch import Watch


def build_sft_trainer(
    recipe: Recipe,
    out: Path,
    model: Any,
    tokenizer: Any,
    examples: Sequence[TokenizedExample],
    unseen: Sequence[TokenizedExample] | None,
    *,
    precision: Precision,
    watch: Watch,
) -> SFTTrainer:
    """A trainer for `model`, a PEFT model or a plain one, with its checkpoints in `out`."""
    disable_progress_bars()
    arguments = on_one_device(
        SFTConfig(
            **trainer_arguments(recipe, out, precision),
            max_length=recipe.max_tokens,
            packing=recipe.packing,
            # Evaluations stay comparable with those of runs without packing.
            eval_packing=False,
        )
    )
    trainer = SFTTrainer(
        model=model,
        args=arguments,
        train_dataset=labelled_dataset(examples),
        eval_dataset=labelled_dataset(unseen) if unseen and recipe.evaluation_steps else None,
        processing_class=tokenizer,
        callbacks=[watch, *([EarlyStoppingCallback(recipe.patience)] if recipe.patience else [])],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def labelled_dataset(examples: Sequence[TokenizedExample]) -> Dataset:
    """Rows of `input_ids` and `labels`, as many labels as ids, with `IGNORED` at the prompt."""
    return Dataset.from_dict(
        {
            "input_ids": [list(example.ids) for example in examples],
            "labels": [
                [IGNORED] * example.prompt_length + list(example.ids[example.prompt_length :])
                for example in examples
            ],
        }
    )
