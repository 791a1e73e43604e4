"""What a report shows: where the run came from, its figures, and every row with its answer.

Report(title="aminer_dev", figures=figures(metrics))
ReportRow(id="1", question="…", text="…")
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue, model_validator

from herdwick.agents.surrogates import replace_surrogates
from herdwick.tools.call_record import CallRecord

OutcomeName = Literal["EM", "DS", "WS", "WC", "EE"]


class _Part(BaseModel):
    # JSON has no NaN and no infinities: the page shows them as text.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    @model_validator(mode="before")
    @classmethod
    def _as_json_can_hold_it(cls, fields: Any) -> Any:
        return replace_surrogates(fields)


class RowError(_Part):
    """Why a question has no answer.

    Attributes:
        kind: Short stable identifier, such as `refused`.
        message: What went wrong.
        hint: What to do next; '' when nothing can be done.
    """

    kind: str
    message: str
    hint: str = ""


class ReportRow(_Part):
    """A question, what is expected of it, and what became of it.

    Attributes:
        id: The row's id.
        question: In words.
        kind: How the answer is judged.
        tags: Slices of the figures that the row belongs to.
        hop: Length of the plan, for figures by hop.
        template: What the question was made from, if it is known.
        expected: As rows write it: `{"refuse": true}` for a refusal, `{"error": KIND}` for an error.
        also: Further answers that are as right.
        unordered: Whether a list is right in any order.
        expected_plan: The plan that is right; None where none is expected.
        plan: The plan given.
        program: The program that was run; '' where none was written.
        calls: The calls of the last run, in order.
        answer: The program's `final_result`; None after an error.
        text: The answer, or the error, in one or two sentences.
        status: Whether the question was answered.
        error: Why not, if not.
        outcome: SoAyBench's class; None where a refusal is right.
        strict: Whether the answer is right; None for a row that is not judged.
        loose: Whether it is right as a set; None for a row that is not judged.
        plan_right: Whether the plan is right; None where none is expected.
        attempts: Drafts asked of the model.
        seconds: Wall-clock time of the answer.
        data: What was really read, and whatever else is known of the answer.
    """

    id: str
    question: str
    kind: str = "computed"
    tags: tuple[str, ...] = ()
    hop: int | None = None
    template: str | None = None
    expected: JsonValue = None
    also: tuple[JsonValue, ...] = ()
    unordered: bool = False
    expected_plan: tuple[str, ...] | None = None
    plan: tuple[str, ...] = ()
    program: str = ""
    calls: tuple[CallRecord, ...] = ()
    answer: JsonValue = None
    text: str = ""
    status: str = "ok"
    error: RowError | None = None
    outcome: OutcomeName | None = None
    strict: bool | None = None
    loose: bool | None = None
    plan_right: bool | None = None
    attempts: int = 1
    seconds: float = 0.0
    data: dict[str, JsonValue] = {}


class Report(_Part):
    """A run.

    Attributes:
        title: Heading of the page.
        run: Where the run came from: suite, model, strategy, commit and so on.
        figures: As `herdwick.evals.figures.figures` gives them.
        questions: How many the suite has.
        asked: How many of them were asked.
    """

    title: str
    run: dict[str, JsonValue] = {}
    figures: dict[str, JsonValue] = {}
    questions: int = 0
    asked: int = 0
