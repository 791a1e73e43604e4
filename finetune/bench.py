"""How fast a recipe trains here, beside a plain TRL loop on the same examples.

    report = bench(load_recipe(path), steps=20)
    report.ratio

The plain loop is what TRL's documentation shows: `SFTTrainer` with the same LoRA, batch size and optimizer,
on a base that transformers loads as it likes. Gradient checkpointing, which TRL switches on, is as in the
recipe, and so is the precision: TRL's own choice, bfloat16, takes 500 times as long on a CPU without bf16
units.
"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from herdwick.finetune.base_model import base_folder
from herdwick.finetune.data import Framing, TokenizedExample, load_examples
from herdwick.finetune.lora import with_lora
from herdwick.finetune.plan import load_tokenizer
from herdwick.finetune.precision import Precision, choose_precision
from herdwick.finetune.recipe import Recipe
from herdwick.finetune.requirements import check_device, check_requirements

ROUNDS = 2
"""Each trainer runs so often, taking turns, so that a machine that slows down slows both."""
WARM_UP_STEPS = 2
"""Steps in which memory is allocated and kernels are chosen; not counted."""


@dataclass(frozen=True)
class BenchReport:
    """Speeds of two trainers in one process, in tokens a second without padding.

    Attributes:
        steps: Steps counted for each trainer.
        batch_size: Examples a step.
        ours_tokens_per_s: Our trainer as the recipe says; the median of the rounds.
        plain_tokens_per_s: The plain TRL loop; the median of the rounds.
        precision: Of the matrix products.
    """

    steps: int
    batch_size: int
    ours_tokens_per_s: float
    plain_tokens_per_s: float
    precision: Precision

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return self.ours_tokens_per_s / self.plain_tokens_per_s


def bench(recipe: Recipe, *, steps: int = 10) -> BenchReport:
    """Train a few steps with either trainer; nothing is kept.

    Args:
        recipe: What to train.
        steps: Steps counted, a round and trainer.

    Raises:
        FinetuneError: As `train`.
    """
    recipe = recipe.model_copy(
        update={
            "max_steps": steps + WARM_UP_STEPS,
            "save_steps": 10**9,
            "evaluation_steps": None,
            "patience": None,
            "report_to": [],
        }
    )
    plain = recipe.model_copy(update={"trainer": "sft", "packing": False})
    check_requirements(recipe)
    check_requirements(plain)
    check_device(recipe)
    tokenizer = load_tokenizer(base_folder(recipe.base))
    examples = load_examples(recipe.train, tokenizer, recipe.max_tokens, Framing.of(recipe))
    precision = choose_precision(recipe.precision)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        ours.append(_speed(recipe, tokenizer, examples, precision, as_herdwick=True))
        theirs.append(_speed(plain, tokenizer, examples, precision, as_herdwick=False))
    return BenchReport(steps * ROUNDS, recipe.batch_size, median(ours), median(theirs), precision)


def _speed(
    recipe: Recipe,
    tokenizer: Any,
    examples: list[TokenizedExample],
    precision: Precision,
    *,
    as_herdwick: bool,
) -> float:
    from transformers import AutoModelForCausalLM, TrainerCallback, set_seed

    from herdwick.finetune.train import build_trainer_of
    from herdwick.finetune.trainable import load_trainable
    from herdwick.finetune.watch import Watch

    class Clock(TrainerCallback):
        """When each step ended, and how many tokens had been trained on by then."""

        def __init__(self) -> None:
            self.steps: list[tuple[float, int]] = []

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            del args, control
            self.steps.append((time.perf_counter(), state.num_input_tokens_seen))

    set_seed(recipe.seed)
    kind: Any = AutoModelForCausalLM
    if as_herdwick:
        model = load_trainable(recipe, precision)
    else:
        model = with_lora(kind.from_pretrained(base_folder(recipe.base), dtype="float32"), recipe)
    clock = Clock()
    with tempfile.TemporaryDirectory(prefix="herdwick-bench-") as folder:
        trainer = build_trainer_of(
            recipe, Path(folder), model, tokenizer, examples, [], precision, Watch(None)
        )
        trainer.add_callback(clock)
        trainer.train()
    (start_s, start_tokens), (end_s, end_tokens) = clock.steps[WARM_UP_STEPS - 1], clock.steps[-1]
    return (end_tokens - start_tokens) / (end_s - start_s)
