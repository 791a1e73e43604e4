"""Whether two values are the same: to the letter, in any order, or as people would say it.

strict_match(["A", "B"], ["B", "A"])                     # False
in_any_order(strict_match)(["A", "B"], ["B", "A"])       # True
set_match(["A", "7"], [7, "a "])                         # True
strict_match(3.14, 3.1, Tolerance(decimals=1))           # True

Whole numbers are the same only if they are equal. Others may differ as sums of floats do that were added up
in another order, by one part in a thousand million.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from herdwick.evals.pairing import Match, paired

MAX_DIGITS = 400
"""Longest text that is taken for a number."""

ROUNDING = Decimal("1e-9")
"""How far floats may differ, as a share of what is expected, where a row says nothing else."""

_WHOLE = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")


class Tolerance(BaseModel):
    """How far a number may be from the one expected: as far as the widest of these allows.

    Attributes:
        relative: As a share of the number expected.
        absolute: In its own unit.
        decimals: By half a unit of so many decimals: 3.1 is 3.14 to one decimal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    relative: Annotated[float, Field(gt=0, lt=1)] | None = None
    absolute: Annotated[float, Field(gt=0)] | None = None
    decimals: Annotated[int, Field(ge=0, le=15)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.relative is None and self.absolute is None and self.decimals is None:
            raise ValueError("a tolerance is relative, absolute or of decimals")
        return self

    def of(self, expected: Decimal) -> Decimal:
        """How far a number may be from `expected`."""
        widest = max(
            Decimal(str(self.relative or 0)) * abs(expected),
            Decimal(str(self.absolute or 0)),
            Decimal(0) if self.decimals is None else Decimal(5).scaleb(-self.decimals - 1),
        )
        # What is just at the bound is within it, also when a float computed it.
        return widest * (1 + ROUNDING)


def strict_match(expected: JsonValue, answer: JsonValue, tolerance: Tolerance | None = None) -> bool:
    """Whether both are equal as JSON: lists in order, text to the letter, `1` and `1.0` the same.

    Args:
        expected: What is right.
        answer: What is compared with it.
        tolerance: How far numbers may differ.
    """
    match expected, answer:
        case list(), list():
            return len(expected) == len(answer) and all(
                strict_match(one, other, tolerance) for one, other in zip(expected, answer, strict=True)
            )
        case dict(), dict():
            return expected.keys() == answer.keys() and all(
                strict_match(value, answer[key], tolerance) for key, value in expected.items()
            )
        # Python takes True for 1; a count is no yes.
        case (bool(), _) | (_, bool()):
            return expected is answer
        case (int() | float(), int() | float()):
            return _near(_decimal(expected), _decimal(answer), tolerance)
        case _:
            return expected == answer


def in_any_order(match: Match) -> Match:
    """`match`, but for the order of the items of a list; what stands inside an item keeps its own."""

    def matches(expected: JsonValue, answer: JsonValue) -> bool:
        if isinstance(expected, list) and isinstance(answer, list):
            return paired(expected, answer, match, folded)
        return match(expected, answer)

    return matches


def set_match(expected: JsonValue, answer: JsonValue, tolerance: Tolerance | None = None) -> bool:
    """Whether both hold the same: lists as multisets, numeric text as numbers, other text folded.

    Text with a dot is a number beside a number only: `1.10` and `1.1` are two versions, or two AS numbers.

    Args:
        expected: What is right.
        answer: What is compared with it.
        tolerance: How far numbers may differ.
    """

    def same(one: JsonValue, other: JsonValue) -> bool:
        return set_match(one, other, tolerance)

    match expected, answer:
        case list(), list():
            return paired(expected, answer, same, folded)
        case dict(), dict():
            return _same_fields(expected, answer, same)
        case (bool(), _) | (_, bool()):
            return expected is answer
        case (int() | float() | str(), int() | float() | str()):
            form = _WHOLE if isinstance(expected, str) and isinstance(answer, str) else _NUMBER
            first, second = _number(expected, form), _number(answer, form)
            if first is not None and second is not None:
                return _near(first, second, tolerance)
            return (
                isinstance(expected, str) and isinstance(answer, str) and folded(expected) == folded(answer)
            )
        case _:
            return expected == answer


def folded(text: str) -> str:
    """`text` without regard to case, compatible forms of letters and spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _same_fields(
    expected: dict[str, JsonValue], answer: dict[str, JsonValue], same: Callable[[JsonValue, JsonValue], bool]
) -> bool:
    """Whether both have the same values by names that fold alike; of names that do, in the order of these."""
    fields, others = (sorted((folded(key), key) for key in one) for one in (expected, answer))
    return [name for name, _ in fields] == [name for name, _ in others] and all(
        same(expected[one], answer[other]) for (_, one), (_, other) in zip(fields, others, strict=True)
    )


def _number(value: float | str, form: re.Pattern[str]) -> Decimal | None:
    if not isinstance(value, str):
        return _decimal(value)
    bare = value.strip()
    return Decimal(bare) if len(bare) <= MAX_DIGITS and form.fullmatch(bare) else None


def _decimal(number: float) -> Decimal:
    # A float as it is written: 0.1 is a tenth. An int as it is: Python writes none of over 4,300 digits.
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def _near(expected: Decimal, answer: Decimal, tolerance: Tolerance | None) -> bool:
    if expected == answer or not (expected.is_finite() and answer.is_finite()):
        return expected == answer
    if tolerance is not None:
        return abs(expected - answer) <= tolerance.of(expected)
    whole = expected == expected.to_integral_value() and answer == answer.to_integral_value()
    return not whole and abs(expected - answer) <= ROUNDING * abs(expected)
