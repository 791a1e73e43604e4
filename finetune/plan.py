"""What a training run would take, worked out without training.

plan = plan_training(load_recipe(path))
plan.steps, plan.memory_bytes
"""

import math
from dataclasses import dataclass
from typing import Any

from herdwick.finetune.base_model import base_folder
from herdwick.finetune.data import TokenizedExample, load_examples
from herdwick.finetune.lora import require_extra, with_lora
from herdwick.finetune.recipe import Recipe

FLOAT32_BYTES = 4
ACTIVATION_BYTES = 34 * 2
"""Kept for the backward pass per token, layer and hidden unit: 34 bytes in 16 bits (arXiv:2205.05198)."""
SCORE_BYTES = 5 * 2
"""Kept per pair of tokens, layer and head: 5 bytes in 16 bits (same paper)."""
LOGIT_COPIES = 3
"""Logits, their log-softmax and its gradient."""


@dataclass(frozen=True)
class TrainingPlan:
    """What a run would take.

    Attributes:
        examples: In the training file.
        evaluation_examples: In the evaluation file.
        tokens: In one pass over the training file.
        completion_tokens: Of these, those with loss.
        longest: Tokens of the longest example.
        steps: Optimizer steps of the whole run.
        parameters: Of the base model.
        trainable: Of the LoRA.
        memory_bytes: Estimate of the peak, within about a third.
    """

    examples: int
    evaluation_examples: int
    tokens: int
    completion_tokens: int
    longest: int
    steps: int
    parameters: int
    trainable: int
    memory_bytes: int


def plan_training(recipe: Recipe) -> TrainingPlan:
    """Read the data, size the model, and count.

    Raises:
        FinetuneError: As `train` would.
    """
    require_extra()
    from transformers import AutoTokenizer

    folder = base_folder(recipe.base)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    examples = load_examples(recipe.train, tokenizer, recipe.max_tokens)
    unseen = load_examples(recipe.evaluation, tokenizer, recipe.max_tokens) if recipe.evaluation else []
    model = with_lora(_weightless(folder), recipe)
    trainable, everything = model.get_nb_trainable_parameters()
    return TrainingPlan(
        examples=len(examples),
        evaluation_examples=len(unseen),
        tokens=sum(len(example.ids) for example in examples),
        completion_tokens=sum(_labelled(example) for example in examples),
        longest=max(len(example.ids) for example in examples),
        steps=_steps(recipe, len(examples)),
        parameters=everything - trainable,
        trainable=trainable,
        memory_bytes=_memory_bytes(model.config, recipe, examples, everything, trainable),
    )


def _weightless(folder: str) -> Any:
    """The model's shape without its weights."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    kind: Any = AutoModelForCausalLM
    with torch.device("meta"):
        return kind.from_config(AutoConfig.from_pretrained(folder))


def _labelled(example: TokenizedExample) -> int:
    return len(example.ids) - example.prompt_length


def _steps(recipe: Recipe, examples: int) -> int:
    """As the Trainer counts them: an incomplete batch is a step, and so are incomplete accumulations."""
    batches = math.ceil(examples / recipe.batch_size)
    return math.ceil(math.ceil(batches / recipe.accumulation) * recipe.epochs)


def _memory_bytes(
    config: Any, recipe: Recipe, examples: list[TokenizedExample], everything: int, trainable: int
) -> int:
    """Weights, gradient, the two moments of AdamW, and what the largest batch keeps for its backward pass."""
    batch = sorted(examples, key=lambda example: len(example.ids))[-recipe.batch_size :]
    length = len(batch[-1].ids)
    tokens = len(batch) * length
    units = ACTIVATION_BYTES * config.hidden_size + SCORE_BYTES * config.num_attention_heads * length
    logits = sum(map(_labelled, batch)) * config.vocab_size * FLOAT32_BYTES * LOGIT_COPIES
    weights = FLOAT32_BYTES * (everything + 3 * trainable)
    return int(weights + tokens * config.num_hidden_layers * units + logits)
