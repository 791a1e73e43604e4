"""The rows of an evaluation: questions with what is expected of them.

    row = parse_row({"id": "1", "question": "How many?", "answer": 3}, "questions.jsonl, line 1")
    row.question, row.expected

`"answer": {"refuse": true}` stands for a question that must be refused, `"answer": {"error": KIND}` for one
that must end in an error of that kind, such as `empty_result` for a person who does not exist.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from herdwick.evals.matching import Tolerance
from herdwick.evals.phrases import fault_of_phrase, gap_words
from herdwick.tools.errors import DataError
from herdwick.tools.tool import explain

_FIELDS = (
    "A row is {id, question, answer?, also?, unordered?, tolerance?, plan?, calls?, hop?, files?, inputs?, "
    "domain?, kind?, options?, rubric?, program?, source?, template?, tags?}."
)

Kind = Literal["mcq", "true_false", "fill_blank", "qa", "code_task", "computed", "program", "script"]

KNOWLEDGE: frozenset[Kind] = frozenset({"mcq", "true_false", "fill_blank", "qa"})
"""Kinds that are asked of the model alone, without data."""


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


Name = Annotated[str, Field(min_length=1)]


class ExpectedCall(BaseModel):
    """A call that a right program makes.

    Attributes:
        tool: Name of the function.
        args: Arguments by parameter name.
    """

    # Calls copied from an answer object also say how they went, which does not count.
    model_config = ConfigDict(frozen=True, extra="ignore")

    tool: Name
    args: dict[str, JsonValue]


class Row(BaseModel):
    """One question.

    Attributes:
        id: Unique within its file.
        question: In words.
        answer: What is right; see the module for refusals and errors. A row without one is run, not judged.
        also: Further answers that are as right, such as a list of one AS where `answer` is that AS.
        unordered: The question asks for no order, so that a list is right in any.
        tolerance: How far numbers of an answer may be from those expected, such as `{"decimals": 1}`; none:
            whole numbers must be equal, others may differ as sums of floats do.
        plan: The plan that is right, one function a hop.
        calls: The calls of a right program, in order, for `herdwick.evals.trajectory`.
        hop: Length of the plan, for figures by hop.
        files: Files and folders the question is about, relative to the row's file; none: the suite's data.
        inputs: Further files that the domain is opened with, by option, such as `rpki` or `graph`; relative
            to the row's file too. A graph may be a folder with a dump.
        domain: What is asked about, where it is not the suite's domain.
        options: Choices of a multiple-choice question, by letter or in order; the answer is a letter or a
            choice.
        rubric: What an answer to a `qa` question must say: of each point, one of several phrases of whole
            words; `*` at the end of a word stands for any ending.
        program: What is run for the kinds `program` and `script`; otherwise a right program, if given.
        kind: How the question is asked and its answer judged.
        source: Where the answer can be looked up, such as an RFC.
        template: Questions worded alike share one; intervals take them for one cluster.
        tags: Slices of the figures that the row belongs to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, coerce_numbers_to_str=True)
    question: str = Field(min_length=1, pattern=r"\S")
    answer: JsonValue = None
    also: tuple[JsonValue, ...] = ()
    unordered: bool = False
    # What few rows have is left out elsewhere, so that the fingerprints of all others stay.
    tolerance: Tolerance | None = Field(default=None, exclude_if=lambda value: value is None)
    plan: tuple[str, ...] | None = None
    calls: tuple[ExpectedCall, ...] | None = Field(default=None, exclude_if=lambda value: value is None)
    hop: int | None = Field(default=None, ge=1)
    files: tuple[Name, ...] = ()
    inputs: dict[str, Name] = {}
    domain: str | None = None
    options: dict[str, str] | tuple[str, ...] | None = None
    rubric: tuple[tuple[Name, ...], ...] = ()
    program: str = ""
    kind: Kind = "computed"
    source: str = ""
    template: str | None = None
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

    @property
    def choices(self) -> dict[str, str]:
        """The options by letter; empty where there are none."""
        if isinstance(self.options, dict):
            return self.options
        return dict(zip(ascii_uppercase, self.options or (), strict=False))

    def letter_of(self, choice: JsonValue) -> str | None:
        """The letter of an option that is named by its text or by its letter; None for anything else."""
        if not isinstance(choice, str):
            return None
        for letter, text in self.choices.items():
            if choice == text:
                return letter
        return next((letter for letter in self.choices if letter.casefold() == choice.casefold()), None)


def parse_row(record: object, where: str) -> Row:
    """The row that a record is.

    Args:
        record: As it was read.
        where: What messages call it.

    Raises:
        DataError: It is no row, or one that would be judged by the wrong rule.
    """
    try:
        row = Row.model_validate(record)
    except ValidationError as error:
        raise DataError("bad_row", f"{where}: {explain(error)}.", _FIELDS) from error
    for missing in _missing(row):
        raise DataError("bad_row", f"{where}: the kind {row.kind!r} needs {missing}.", _FIELDS)
    return row


def _missing(row: Row) -> Iterator[str]:
    judged = row.expected is not None
    match row.kind:
        case "mcq":
            letters = [letter.casefold() for letter in row.choices]
            if not 2 <= len(row.options or ()) <= len(ascii_uppercase):
                yield f"2 to {len(ascii_uppercase)} options"
            if len(set(letters)) < len(letters) or len(set(row.choices.values())) < len(letters):
                yield "options that differ"
            if judged and row.letter_of(row.answer) is None:
                yield "an answer that is one of the options, or its letter"
        case "true_false" if judged and not isinstance(row.answer, bool):
            yield "the answer true or false"
        case "fill_blank" if judged and not isinstance(row.answer, str | int | float):
            yield "an answer of text or a number"
        case "fill_blank" if judged and not all(gap_words(str(one)) for one in (row.answer, *row.also)):
            yield "answers that are more than marks which are left out of account"
        case "qa" if judged and not row.rubric:
            yield "a rubric: of each point that must be made, the phrases that make it"
        case "program" | "script" if not row.program:
            yield "a program"
    yield from filter(None, (fault_of_phrase(phrase) for point in row.rubric for phrase in point))
    if row.options and row.kind != "mcq":
        yield "no options; those are for the kind 'mcq'"
