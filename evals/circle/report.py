"""What came of a run of the circle: the figures of every step, and whether it was whole.

report = CircleReport.model_validate_json(Path("runs/circle/report.json").read_bytes())
report.whole, report.problems
"""

import statistics
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from herdwick.agents.answer import Answer
from herdwick.evals.circle.comparison import Comparison
from herdwick.evals.circle.settings import CircleSettings
from herdwick.evals.evaluators import judge
from herdwick.evals.rows import Row
from herdwick.tools.domain import Domain


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Printed(BaseModel):
    """What of a command's JSON is reported; the rest is in its own file."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Generated(_Printed):
    """A run of `selfinstruct generate`; attributes as in its report."""

    model: str
    kept: int
    dropped: dict[str, int]
    requests: int
    stopped: str


class FaultKind(_Printed):
    """The planted faults of one kind; attributes as `selfinstruct faults` prints them."""

    planted: int
    own_reason: int
    earlier_check: int
    kept: int
    reasons: dict[str, int]


class Faults(_Printed):
    """All planted faults; attributes as `selfinstruct faults` prints them."""

    replies: int
    planted: int
    own_reason: int
    earlier_check: int
    kept: int
    kinds: dict[str, FaultKind]


class Trained(_Printed):
    """A run of `finetune train`; attributes as in its report."""

    examples: int
    tokens: int
    steps: int
    loss: float
    final_loss: float
    train_s: float


class EngineFigures(_Part):
    """The answers of one engine.

    Attributes:
        questions: Asked.
        plans_right, answers_right: Of them, by what the suite expects.
        median_s: Of one question within `ask`, its start left out, in seconds.
    """

    questions: int
    plans_right: int
    answers_right: int
    median_s: float

    @classmethod
    def of(cls, rows: Sequence[Row], answers: Mapping[str, Answer], domain: Domain) -> "EngineFigures":
        """The figures of answers to `rows`, by row id."""
        judged = (judge(row, answers[row.id], domain.library) for row in rows)
        verdicts = [verdict for verdict in judged if verdict is not None]
        return cls(
            questions=len(rows),
            plans_right=sum(verdict.plan is True for verdict in verdicts),
            answers_right=sum(verdict.strict for verdict in verdicts),
            median_s=round(statistics.median(answers[row.id].timings.total_s for row in rows), 3),
        )


class CircleReport(_Part):
    """Everything.

    Attributes:
        settings: What was asked for.
        generated: From the scripted teacher.
        faults: What became of those it planted.
        live: From the embedded base model as teacher; None when it was not asked.
        trained: On the items of the first.
        adapter_bytes: Of the GGUF adapter.
        llamacpp: Answers of llama.cpp with the base in float32.
        quantized: Its answers as it is shipped: with the 4-bit base and its own attention.
        vllm: vLLM's in float32; None when there was none.
        rounding: What ships against the same in float32, both in llama.cpp: told, and no fault.
        comparison: llama.cpp against vLLM, both in float32; None without vLLM.
        seconds: Of each step, of the process that finished it.
    """

    settings: CircleSettings
    generated: Generated
    faults: Faults
    live: Generated | None
    trained: Trained
    adapter_bytes: int
    llamacpp: EngineFigures
    quantized: EngineFigures
    vllm: EngineFigures | None
    rounding: Comparison
    comparison: Comparison | None
    seconds: dict[str, float]

    @property
    def problems(self) -> tuple[str, ...]:
        """What keeps the circle from being whole, in words."""
        found = []
        if self.faults.kept:
            found.append(f"{self.faults.kept} planted faults were kept.")
        if self.generated.kept < self.settings.count:
            found.append(f"Only {self.generated.kept} of {self.settings.count} items were made.")
        if self.comparison is None:
            found.append("The vLLM part was skipped: name its command with --vllm or HERDWICK_VLLM.")
        elif self.comparison.differing:
            found.append(
                f"The engines differ on {len(self.comparison.differing)} of "
                f"{self.comparison.questions} questions."
            )
        return tuple(found)

    @property
    def whole(self) -> bool:
        """Whether every part was run and is as it should be."""
        return not self.problems
