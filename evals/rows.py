"""The rows of an evaluation: questions with what is expected of them.

    rows = read_rows(Path("questions.jsonl"))
    rows[0].question, rows[0].expected

`"answer": {"refuse": true}` stands for a question that must be refused, `"answer": {"error": KIND}` for one
that must end in an error of that kind, such as `empty_result` for a person who does not exist.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from herdwick.tools.errors import DataError
from herdwick.tools.tool import explain

Kind = Literal["mcq", "true_false", "fill_blank", "qa", "code_task", "computed"]


@dataclass(frozen=True)
class Refused:
    """The question must be refused."""


@dataclass(frozen=True)
class Failed:
    """The question must end in an error.

    Attributes:
        kind: The answer's `error.kind`.
    """

    kind: str


@dataclass(frozen=True)
class Value:
    """The question must be answered.

    Attributes:
        value: The answer.
    """

    value: JsonValue


Expected = Refused | Failed | Value


class Row(BaseModel):
    """One question.

    Attributes:
        id: Unique within its file.
        question: In words.
        answer: What is right; see the module for refusals and errors. A row without one is run, not judged.
        also: Further answers that are as right, such as a list of one AS where `answer` is that AS.
        unordered: The question asks for no order, so that a list is right in any.
        plan: The plan that is right, one function a hop.
        hop: Length of the plan, for figures by hop.
        files: Files and folders the question is about, relative to the row's file; none: the suite's data.
        options: Choices of a multiple-choice question, by letter or in order; not evaluated yet.
        kind: How the answer is judged; only `computed` is evaluated yet.
        tags: Slices of the figures that the row belongs to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, coerce_numbers_to_str=True)
    question: str
    answer: JsonValue = None
    also: tuple[JsonValue, ...] = ()
    unordered: bool = False
    plan: tuple[str, ...] | None = None
    hop: int | None = Field(default=None, ge=1)
    files: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    options: dict[str, str] | tuple[str, ...] | None = None
    kind: Kind = "computed"
    tags: tuple[str, ...] = ()

    @property
    def expected(self) -> Expected | None:
        """What is right, or None for a row that is not judged."""
        match self.answer:
            case {"refuse": True, **rest} if not rest:
                return Refused()
            case {"error": str(kind), **rest} if not rest:
                return Failed(kind)
            case None if "answer" not in self.model_fields_set:
                return None
            case value:
                return Value(value)


def read_rows(path: Path) -> tuple[Row, ...]:
    """The rows of a JSONL file; blank lines are skipped.

    Raises:
        DataError: The file cannot be read, a line is not a row or not one that can be evaluated yet, or an id
            occurs twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            "rows_unreadable", f"{path.name} cannot be read: {error}.", "Give a JSONL file in UTF-8."
        ) from error
    rows: dict[str, Row] = {}
    # Not `splitlines`: JSON strings may hold U+2028, which is no line break here.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path.name}, line {number}"
        row = _parse(line, where)
        _check_supported(row, where)
        if row.id in rows:
            raise DataError("bad_row", f"{where}: the id {row.id!r} was used before.")
        rows[row.id] = row
    return tuple(rows.values())


def _parse(line: str, where: str) -> Row:
    try:
        value: Any = json.loads(line)
        return Row.model_validate(value)
    except ValidationError as error:
        raise DataError(
            "bad_row",
            f"{where}: {explain(error)}.",
            "A row is {id, question, answer?, also?, unordered?, plan?, hop?, files?, tags?}.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise DataError(
            "bad_row", f"{where} is not JSON: {error}.", "Write one JSON object a line."
        ) from error


def _check_supported(row: Row, where: str) -> None:
    """Refuse a row that would be judged by the wrong rule."""
    unsupported = [f"the kind {row.kind!r}"] if row.kind != "computed" else []
    unsupported += ["options"] if row.options else []
    if unsupported:
        raise DataError(
            "unsupported_row",
            f"{where}: {' and '.join(unsupported)} cannot be evaluated yet.",
            "Leave the row out, or ask it as a question with a computed answer.",
        )
