"""One recipe with several values of some of its keys: every combination trained, and compared.

    axes = read_axes(["learning_rate=1e-4,5e-4", "scheduler=cosine,constant"])
    trials = list_trials(recipe, axes, folder=Path("finetune/recipes"))
    plan_sweep(trials)
    rows = run_sweep(trials, out)    # the best first

Each combination is a run in a folder of its own, so a sweep that was killed goes on with the run that it was
at, and one that fails does not keep the others from being trained.
"""

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from json import dumps
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from herdwick.finetune.checkpoints import make_folder
from herdwick.finetune.plan import TrainingPlan, plan_training
from herdwick.finetune.recipe import FinetuneError, Recipe, with_paths_in
from herdwick.finetune.requirements import check_device
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
        failure: Why it was not trained; '' if it was. Then there are no figures.
        steps: Optimizer steps taken.
        loss: Over the last tenth of the steps, in nats a completion token.
        evaluation_loss: On unseen examples, None without an evaluation file.
        tokens_per_s: Tokens trained on a second, prompts included.
        train_s: Seconds of the process that finished it.
    """

    name: str
    values: Mapping[str, Any]
    failure: str = ""
    steps: int = 0
    loss: float | None = None
    evaluation_loss: float | None = None
    tokens_per_s: float | None = None
    train_s: float = 0.0

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
        FinetuneError: A text has no key or no value, or a key or a value comes twice.
    """
    axes: dict[str, list[Any]] = {}
    for text in texts:
        key, equals, values = text.partition("=")
        name = _SAME.get(key, key)
        listed = _split(values)
        if not (key and equals and all(listed)) or name in axes:
            raise FinetuneError(
                "bad_sweep",
                f"{text!r} is no key of its own with values.",
                "Write each key once, as in: --sweep learning_rate=1e-4,5e-4 scheduler=cosine,constant",
            )
        axes[name] = [_value(value) for value in listed]
        if len({str(value) for value in axes[name]}) < len(listed):
            raise FinetuneError("bad_sweep", f"{text!r} has a value twice.", "Name each value once.")
    return axes


def list_trials(recipe: Recipe, axes: Mapping[str, Sequence[Any]], *, folder: Path) -> list[Trial]:
    """Every combination, its recipe checked.

    Args:
        recipe: What all of them share.
        axes: Keys with their values.
        folder: What relative paths among the values are relative to: the recipe's folder, as its own are.

    Raises:
        FinetuneError: A recipe has no such key, or a value does not fit.
    """
    trials = []
    for combination in itertools.product(*axes.values()):
        values = dict(zip(axes, combination, strict=True))
        name = ",".join(f"{key}={value}" for key, value in values.items())
        try:
            changed = Recipe.model_validate(recipe.model_dump(exclude_unset=True) | values)
        except ValidationError as error:
            known = ", ".join(Recipe.model_fields)
            raise FinetuneError(
                "bad_sweep", f"{name}: {explain(error)}.", f"A recipe has: {known}"
            ) from error
        trials.append(Trial(name.replace("/", "_"), values, with_paths_in(folder.resolve(), changed)))
    return trials


def plan_sweep(trials: Sequence[Trial], *, force: bool = False) -> list[TrainingPlan]:
    """What each trial would take, so that the last one's mistake is found before the first is trained.

    Args:
        trials: What `list_trials` made.
        force: Leave memory and devices unchecked.

    Raises:
        FinetuneError: As `train` would, for the first trial that cannot be trained.
    """
    plans = []
    for trial in trials:
        try:
            plan = plan_training(trial.recipe)
            if not force:
                check_device(trial.recipe)
                plan.require_fit()
        except FinetuneError as error:
            raise FinetuneError(error.kind, f"{trial.name}: {error.message}", error.hint) from error
        plans.append(plan)
    return plans


def run_sweep(
    trials: Sequence[Trial],
    out: Path,
    *,
    resume: bool = True,
    force: bool = False,
    progress: Callable[[Trial, Progress], None] | None = None,
) -> list[SweepRow]:
    """Train every trial in a folder of `out`; those that are finished are only read.

    The rows are also written to `out/sweep.json`, after each run, with the best so far first and those that
    failed last.

    Raises:
        FinetuneError: `out` cannot be made.
    """
    make_folder(out)
    rows: list[SweepRow] = []
    for trial in trials:

        def report_step(step: Progress, trial: Trial = trial) -> None:
            if progress:
                progress(trial, step)

        try:
            report = train(trial.recipe, out / trial.name, resume=resume, force=force, progress=report_step)
            row = SweepRow.of(trial, report)
        # Whatever ends one trial, such as too little memory on a GPU, need not end the next one.
        except Exception as error:  # noqa: BLE001
            row = SweepRow(trial.name, trial.values, failure=str(error) or type(error).__name__)
        rows = sorted([*rows, row], key=_rank)
        _write(rows, out / SWEEP_FILE)
    return rows


def _rank(row: SweepRow) -> float:
    loss = row.loss if row.evaluation_loss is None else row.evaluation_loss
    return math.inf if loss is None or math.isnan(loss) else loss


def _split(values: str) -> list[str]:
    """At commas outside brackets."""
    return re.split(r",(?![^\[]*\])", values)


def _value(text: str) -> Any:
    # YAML takes 1e-4 without a point for a text.
    try:
        return float(text) if "e" in text.lower() and text[0].isdigit() else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise FinetuneError("bad_sweep", f"{text!r} is no value: {error}.") from error


def _write(rows: Sequence[SweepRow], file: Path) -> None:
    write_whole(file, f"{dumps([asdict(row) for row in rows], indent=1)}\n".encode())
