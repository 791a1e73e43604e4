"""One recipe with several values of some of its keys: every combination trained, and compared.

    axes = read_axes(["learning_rate=1e-4,5e-4", "scheduler=cosine,constant"])
    trials = list_trials(recipe, axes)
    rows = run_sweep(trials, out)    # the best first

Each combination is a run in a folder of its own, so a sweep that was killed goes on with the run that it was
at.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from json import dumps
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from herdwick.finetune.recipe import FinetuneError, Recipe
from herdwick.finetune.train import train
from herdwick.finetune.train_report import Progress, TrainReport
from herdwick.tools.tool import explain
from herdwick.tools.whole_file import write_whole

SWEEP_FILE = "sweep.json"
_SAME = {"lr_scheduler_type": "scheduler", "per_device_train_batch_size": "batch_size", "lora_alpha": "alpha"}
"""Keys of transformers and PEFT that recipes call otherwise."""


@dataclass(frozen=True)
class Trial:
    """One combination.

    Attributes:
        name: What is special about it, fit for a folder, such as `learning_rate=0.0001,scheduler=cosine`.
        values: The same as keys of the recipe.
        recipe: The recipe with these values.
    """

    name: str
    values: Mapping[str, Any]
    recipe: Recipe


@dataclass(frozen=True)
class SweepRow:
    """What one combination came to.

    Attributes:
        name: Of the trial.
        values: Its keys of the recipe.
        steps: Optimizer steps taken.
        loss: Over the last tenth of the steps, in nats a completion token.
        evaluation_loss: On unseen examples, None without an evaluation file.
        tokens_per_s: Tokens trained on a second, prompts included.
        train_s: Seconds of the process that finished it.
    """

    name: str
    values: Mapping[str, Any]
    steps: int
    loss: float
    evaluation_loss: float | None
    tokens_per_s: float | None
    train_s: float

    @classmethod
    def of(cls, trial: Trial, report: TrainReport) -> "SweepRow":
        """The row of a finished run."""
        return cls(
            name=trial.name,
            values=trial.values,
            steps=report.steps,
            loss=report.final_loss,
            evaluation_loss=report.evaluation_loss,
            tokens_per_s=report.tokens_per_s,
            train_s=report.train_s,
        )


def read_axes(texts: Sequence[str]) -> dict[str, list[Any]]:
    """Keys and their values from texts such as `scheduler=cosine,constant`.

    Raises:
        FinetuneError: A text has no key or no value, or a key comes twice.
    """
    axes: dict[str, list[Any]] = {}
    for text in texts:
        key, equals, values = text.partition("=")
        name = _SAME.get(key, key)
        if not (key and equals and all(values.split(","))) or name in axes:
            raise FinetuneError(
                "bad_sweep",
                f"{text!r} is no key of its own with values.",
                "Write each key once, as in: --sweep learning_rate=1e-4,5e-4 scheduler=cosine,constant",
            )
        axes[name] = [_value(value) for value in values.split(",")]
    return axes


def list_trials(recipe: Recipe, axes: Mapping[str, Sequence[Any]]) -> list[Trial]:
    """Every combination, its recipe checked.

    Raises:
        FinetuneError: A recipe has no such key, or a value does not fit.
    """
    trials = []
    for combination in itertools.product(*axes.values()):
        values = dict(zip(axes, combination, strict=True))
        name = ",".join(f"{key}={value}" for key, value in values.items())
        try:
            changed = Recipe.model_validate(recipe.model_dump() | values)
        except ValidationError as error:
            known = ", ".join(Recipe.model_fields)
            raise FinetuneError(
                "bad_sweep", f"{name}: {explain(error)}.", f"A recipe has: {known}"
            ) from error
        trials.append(Trial(name.replace("/", "_"), values, changed))
    return trials


def run_sweep(
    trials: Sequence[Trial],
    out: Path,
    *,
    resume: bool = True,
    force: bool = False,
    progress: Callable[[Trial, Progress], None] | None = None,
) -> list[SweepRow]:
    """Train every trial in a folder of `out`; those that are finished are only read.

    The rows are also written to `out/sweep.json`, after each run, with the best so far first.

    Raises:
        FinetuneError: As `train`.
    """
    rows: list[SweepRow] = []
    for trial in trials:

        def report_step(step: Progress, trial: Trial = trial) -> None:
            if progress:
                progress(trial, step)

        report = train(trial.recipe, out / trial.name, resume=resume, force=force, progress=report_step)
        rows = sorted([*rows, SweepRow.of(trial, report)], key=_rank)
        _write(rows, out / SWEEP_FILE)
    return rows


def _rank(row: SweepRow) -> float:
    return row.loss if row.evaluation_loss is None else row.evaluation_loss


def _value(text: str) -> Any:
    # YAML takes 1e-4 without a point for a text.
    try:
        return float(text) if "e" in text.lower() and text[0].isdigit() else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise FinetuneError("bad_sweep", f"{text!r} is no value: {error}.") from error


def _write(rows: Sequence[SweepRow], file: Path) -> None:
    write_whole(file, f"{dumps([asdict(row) for row in rows], indent=1)}\n".encode())
