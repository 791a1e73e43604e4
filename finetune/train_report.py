"""What a training run says: its progress while it runs, and a report when it is done.

report = TrainReport.read(Path("runs/aminer/adapter"))
report.evaluation_loss, report.data_fingerprint
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.finetune.recipe import FinetuneError, Recipe
from herdwick.finetune.widen import scale
from herdwick.tools.whole_file import write_whole

REPORT_FILE = "train_report.json"
"""Stands beside the adapter's weights."""


class TrainReport(BaseModel):
    """What a run did.

    Attributes:
        recipe: What it was told to do; data files by name only.
        base: The base model; see `base_identity`.
        data_fingerprint: SHA-256 of the training file.
        examples: Examples in the training file.
        tokens: Tokens in one pass over them.
        steps: Optimizer steps taken.
        stopped_early: Whether the evaluations ended the run before its last step.
        resumed_at_step: Where this process took over from one that was killed; 0 if it did it all.
        loss: Mean training loss over all steps, in nats a completion token.
        final_loss: The same over the last tenth of the steps.
        evaluation_loss: Loss on the evaluation file at the end, None without one.
        train_s: Seconds that this process spent on steps.
        tokens_per_s: Tokens that it trained on a second, prompts included; None in reports of older runs.
        started_from: The run whose adapter this one went on from, None if it began anew.
        start_share: How much of that adapter was mixed into the result afterwards; see `interpolate`.
        narrowed_to: The rank that the result was cut down to afterwards, None if it was not; see `narrow`.
        precision: Of the matrix products.
        threads: CPU threads used.
        libraries: Versions of what trained it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: Recipe
    base: str
    data_fingerprint: str
    examples: int
    tokens: int
    steps: int
    stopped_early: bool = False
    resumed_at_step: int
    loss: float
    final_loss: float
    evaluation_loss: float | None
    train_s: float
    tokens_per_s: float | None = None
    started_from: "TrainReport | None" = None
    start_share: float = 0.0
    narrowed_to: int | None = None
    precision: str
    threads: int
    libraries: dict[str, str]

    @classmethod
    def read(cls, adapter: Path) -> Self:
        """The report beside the PEFT adapter in folder `adapter`.

        Raises:
            FinetuneError: There is none, or it is damaged.
        """
        try:
            return cls.model_validate_json((adapter / REPORT_FILE).read_bytes())
        except (OSError, ValidationError) as error:
            raise FinetuneError(
                "no_report",
                f"{adapter} has no usable {REPORT_FILE}.",
                "Name the `adapter` folder that `herdwick finetune train` wrote.",
            ) from error

    @property
    def rank(self) -> int:
        """Of the adapter."""
        return self.narrowed_to or self.recipe.rank

    @property
    def alpha(self) -> float:
        """Of the adapter; it scales like the recipe's."""
        recipe = self.recipe
        if self.rank == recipe.rank:
            return recipe.alpha
        rslora = recipe.method == "rslora"
        return recipe.alpha * scale(1, recipe.rank, rslora=rslora) / scale(1, self.rank, rslora=rslora)

    def runs(self) -> "tuple[TrainReport, ...]":
        """The runs that made the adapter, the first one first and this one last."""
        return (*(self.started_from.runs() if self.started_from else ()), self)

    def write(self, adapter: Path) -> None:
        """Put the report beside the adapter, atomically."""
        write_whole(adapter / REPORT_FILE, f"{self.model_dump_json(indent=1)}\n".encode())


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        step: Optimizer steps taken.
        steps: Steps of the whole run.
        loss: Of the last step, in nats a completion token.
        tokens_per_s: Tokens trained on a second, prompts included, since this process began.
        left_s: Seconds to go at this speed.
    """

    step: int
    steps: int
    loss: float
    tokens_per_s: float
    left_s: float
