"""`transformers.Trainer` with the loss at completion tokens only; imports torch, so import it late.

    trainer = build_trainer(recipe, out, model, examples, pad=0, precision="float32", watch=Watch(print))
    trainer.train()

Logits are computed only where a label is: with a vocabulary of 49,152 and a hidden size of 576, the output
layer would otherwise cost a third of the time.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import torch
from torch.utils.data import Sampler
from transformers import EarlyStoppingCallback, PrinterCallback, Trainer, TrainingArguments

from herdwick.finetune.data import IGNORED, TokenizedExample, collate
from herdwick.finetune.precision import Precision
from herdwick.finetune.recipe import Recipe
from herdwick.finetune.trainer_arguments import on_one_device, trainer_arguments
from herdwick.finetune.watch import Watch

Batch = dict[str, torch.Tensor]


POOLED_BATCHES = 4
"""Batches whose examples are sorted together: enough to halve the padding, few enough to stay mixed."""


class Examples:
    """Examples as rows of a dataset, with their lengths in tokens."""

    def __init__(self, examples: Sequence[TokenizedExample]) -> None:
        self._examples = examples
        self.lengths = [len(example.ids) for example in examples]

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"example": self._examples[index]}


class EpochOrder(Sampler[int]):
    """A random order in which neighbours are of similar length, decided by seed and epoch alone.

    Only `POOLED_BATCHES` batches at a time are sorted by length, and come in random order. The Trainer's own
    sampler sorts 50 at a time, longest first: every fiftieth batch was then nothing but refusals, the
    shortest completions there are, and the model answered everything with one until it recovered.
    """

    def __init__(self, lengths: Sequence[int], *, batch_size: int, seed: int) -> None:
        self._lengths = lengths
        self._batch_size = batch_size
        self._seed = seed
        self._epoch = 0

    def __len__(self) -> int:
        return len(self._lengths)

    def set_epoch(self, epoch: int) -> None:
        """Called by the data loader before each epoch, counted from 0."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        rng = Random(self._seed + self._epoch)  # noqa: S311 - an order of examples is no secret
        order = rng.sample(range(len(self)), len(self))
        pool = self._batch_size * POOLED_BATCHES
        for start in range(0, len(order), pool):
            chosen = sorted(order[start : start + pool], key=self._lengths.__getitem__)
            batches = [
                chosen[first : first + self._batch_size] for first in range(0, len(chosen), self._batch_size)
            ]
            # A batch that is not full must stay last, or it would shift the borders of those after it.
            for batch in (*rng.sample(batches[:-1], len(batches) - 1), batches[-1]):
                yield from batch


class CompletionTrainer(Trainer):
    """Trains a model on completions."""

    def _get_train_sampler(self, train_dataset: Any = None) -> EpochOrder:
        size = self.args.train_batch_size * self.args.gradient_accumulation_steps
        examples: Any = train_dataset or self.train_dataset
        return EpochOrder(examples.lengths, batch_size=size, seed=self.args.seed)

    def compute_loss(
        self,
        model: Any,
        inputs: Batch,
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """Cross-entropy per completion token, over all batches that make up one optimizer step."""
        total, count = summed_loss(model, inputs, bfloat16=self.args.bf16)
        loss = total / (count if num_items_in_batch is None else num_items_in_batch)
        return (loss, {"loss": loss}) if return_outputs else loss


def build_trainer(
    recipe: Recipe,
    out: Path,
    model: Any,
    examples: Sequence[TokenizedExample],
    unseen: Sequence[TokenizedExample] | None = None,
    *,
    pad: int,
    precision: Precision,
    watch: Watch,
) -> CompletionTrainer:
    """A trainer for `model` by `recipe`, with its checkpoints in `out`."""
    # The collator wants whole examples, which are no columns of a dataset.
    arguments = on_one_device(
        TrainingArguments(**trainer_arguments(recipe, out, precision), remove_unused_columns=False)
    )
    if recipe.gradient_checkpointing and recipe.method != "full":
        # The first layer's input needs a gradient for those behind it to be computed again.
        model.enable_input_require_grads()
    trainer = CompletionTrainer(
        model=model,
        args=arguments,
        train_dataset=Examples(examples),
        eval_dataset=Examples(unseen) if unseen and recipe.evaluation_steps else None,
        data_collator=lambda rows: collate([row["example"] for row in rows], pad),
        callbacks=[watch, *([EarlyStoppingCallback(recipe.patience)] if recipe.patience else [])],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def summed_loss(model: Any, batch: Batch, *, bfloat16: bool = False) -> tuple[torch.Tensor, int]:
    """Cross-entropy summed over the completion tokens of a batch, in nats, and their number.

    Args:
        model: A causal language model, plain or PEFT's.
        batch: As `collate` makes it.
        bfloat16: Multiply matrices in bfloat16.
    """
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    targets = batch["labels"][:, 1:]
    labelled = targets != IGNORED
    # accelerate casts in the outer model's forward, which selecting the positions goes round.
    with torch.autocast(targets.device.type, torch.bfloat16, enabled=bfloat16):
        hidden = causal.model(
            input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
        ).last_hidden_state
        logits = causal.lm_head(hidden[:, :-1][labelled])
    loss = torch.nn.functional.cross_entropy(logits.float(), targets[labelled], reduction="sum")
    return loss, int(labelled.sum())


def halve_frozen_weights(model: Any) -> None:
    """Keep the linear layers that are not trained in bfloat16, and all else in float32, however loaded.

    Autocast rounds them anyway, but anew in every step, since it caches only weights that are trained. The
    embedding is in float32, and with it the residual stream.
    """
    shared = model.get_output_embeddings()
    for module in model.modules():
        linear = isinstance(module, torch.nn.Linear) and module is not shared
        for name, weight in module.named_parameters(recurse=False):
            halved = linear and name == "weight" and not weight.requires_grad
            weight.data = weight.data.to(torch.bfloat16 if halved else torch.float32)


def mean_loss(
    model: Any,
    examples: Sequence[TokenizedExample],
    *,
    batch_size: int,
    pad: int,
    bfloat16: bool = False,
) -> float:
    """Mean cross-entropy per completion token over `examples`, in nats."""
    model.eval()
    total, tokens = 0.0, 0
    with torch.inference_mode():
        for start in range(0, len(examples), batch_size):
            batch = collate(examples[start : start + batch_size], pad)
            batch = {name: value.to(model.device) for name, value in batch.items()}
            loss, count = summed_loss(model, batch, bfloat16=bfloat16)
            total += float(loss)
            tokens += count
    return total / tokens
