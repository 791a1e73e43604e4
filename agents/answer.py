"""The answer object: what a solver returns, and what `--json` prints on one line.

    answer = solver.invoke({"question": "How many citations does Ada Quill have?"})
    answer.status, answer.answer, answer.text
    print(answer.model_dump_json())

Its JSON schema is `schemas/answer.schema.json`.
"""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, field_validator, model_validator

from herdwick.agents.surrogates import replace_surrogates
from herdwick.tools.call_record import CallRecord
from herdwick.tools.errors import HerdwickError


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _as_json_can_hold_it(cls, fields: Any) -> Any:
        return replace_surrogates(fields)


class AnswerError(_Part):
    """Why there is no answer, and what to do next.

    Attributes:
        kind: Short stable identifier, such as `refused` or `endpoint_down`.
        message: What went wrong.
        hint: What to do next; '' when nothing can be done.
        external: Whether a file, service, machine or setting failed, not the model; no part of the JSON.
    """

    kind: str
    message: str
    hint: str = ""
    external: bool = Field(default=False, exclude=True)

    @classmethod
    def of(cls, error: HerdwickError) -> Self:
        """The error as part of an answer."""
        return cls(kind=error.kind, message=error.message, hint=error.hint, external=error.external)


class Timings(_Part):
    """Wall-clock seconds by step, summed over all attempts; `total_s` includes everything between them."""

    draft_s: float = 0.0
    check_s: float = 0.0
    run_s: float = 0.0
    total_s: float = 0.0


class Answer(_Part):
    """A question, its answer, and the evidence.

    Attributes:
        question: The question as it was understood: one line, control characters removed.
        domain: Name of the domain.
        strategy: Name of the strategy.
        model: The model as it was asked for.
        plan: The functions, one a hop; empty where none was settled on.
        program: The program that was run; '' where none was written.
        answer: The program's `final_result`; None after an error.
        text: The answer, or the error, in one or two sentences.
        status: Whether the question was answered. An empty result is an answer.
        error: Why not, if not.
        attempts: Drafts asked of the model.
        calls: The calls of the last run, in order.
        timings: Where the time went.
        data: What was really read.
    """

    question: str
    domain: str
    strategy: str
    model: str
    plan: list[str] = []
    program: str = ""
    answer: JsonValue = None
    text: str
    status: Literal["ok", "error"]
    error: AnswerError | None = None
    attempts: int = 0
    calls: list[CallRecord] = []
    timings: Timings = Timings()
    data: dict[str, JsonValue] = {}

    @field_validator("calls")
    @classmethod
    def _calls_as_json_can_hold_them(cls, calls: list[CallRecord]) -> list[CallRecord]:
        return [call.model_copy(update={"args": replace_surrogates(call.args)}) for call in calls]

    @classmethod
    def of_error(
        cls,
        error: HerdwickError,
        *,
        question: str,
        domain: str,
        strategy: str,
        model: str,
        plan: Sequence[str] = (),
        program: str = "",
        attempts: int = 0,
        calls: Sequence[CallRecord] = (),
        timings: Timings | None = None,
        data: dict[str, JsonValue] | None = None,
    ) -> Self:
        """The answer where there is none; the arguments are the attributes."""
        return cls(
            question=question,
            domain=domain,
            strategy=strategy,
            model=model,
            plan=list(plan),
            program=program,
            text=f"{error.message} {error.hint}".strip(),
            status="error",
            error=AnswerError.of(error),
            attempts=attempts,
            calls=list(calls),
            timings=timings or Timings(),
            data=data or {},
        )


def answer_schema() -> dict[str, JsonValue]:
    """The JSON schema of `Answer.model_dump()`."""
    text = files("herdwick.agents").joinpath("schemas", "answer.schema.json").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, JsonValue]).validate_json(text)
