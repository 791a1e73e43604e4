"""Judges one prediction: small pure functions, each one way to be right.

    plan_match(("searchPerson",), ["searchPerson"])          # True
    strict_match(["A", "B"], ["B", "A"])                     # False
    set_match(["A", "B"], ["b", "A"])                        # True
    outcome(row, answer, library)                            # Outcome.EM

The five outcomes are SoAyBench's (SoAy, arXiv:2405.15165, section 5.1).
"""

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from herdwick.agents.answer import Answer
from herdwick.evals.rows import Failed, Refused, Row, Value

REFUSED = "refused"
"""`error.kind` of an answer that is a refusal."""

_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")

Match = Callable[[JsonValue, JsonValue], bool]


class Outcome(StrEnum):
    """What became of a question that has an answer."""

    EM = "EM"
    """Exact match: plan and answer right."""
    DS = "DS"
    """Different solution: answer right by another legal plan."""
    WS = "WS"
    """Wrong solution: plan and answer wrong."""
    WC = "WC"
    """Wrong code: plan right, answer wrong."""
    EE = "EE"
    """Execution error: no program ran to its end."""


@dataclass(frozen=True)
class Verdict:
    """One prediction judged.

    Attributes:
        id: The row's id.
        answerable: Whether the question should not be refused.
        refused: Whether it was.
        plan: Whether the plan is right; None where the row has none.
        strict: Whether the answer is right, spelling included, and order where the question has one.
        loose: Whether the answer is right as a set.
        outcome: Class of the prediction; None where a refusal is right.
    """

    id: str
    answerable: bool
    refused: bool
    plan: bool | None
    strict: bool
    loose: bool
    outcome: Outcome | None


def judge(row: Row, answer: Answer, library: Collection[Sequence[str]]) -> Verdict | None:
    """The verdict on `answer`, or None for a row that says nothing of what is right.

    Args:
        row: Question and expectation.
        answer: What the solver made of it.
        library: Every legal plan.
    """
    if row.expected is None:
        return None
    return Verdict(
        id=row.id,
        answerable=row.expected != Refused(),
        refused=is_refusal(answer),
        plan=plan_match(row.plan, answer.plan),
        strict=answer_match(row, answer, strict_match),
        loose=answer_match(row, answer, set_match),
        outcome=outcome(row, answer, library),
    )


def is_refusal(answer: Answer) -> bool:
    """Whether the question was refused, rather than answered or failed at."""
    return answer.error is not None and answer.error.kind == REFUSED


def plan_match(expected: Sequence[str] | None, plan: Sequence[str]) -> bool | None:
    """Whether both are the same calls in the same order; None where nothing is expected."""
    return None if expected is None else list(expected) == list(plan)


def answer_match(row: Row, answer: Answer, match: Match) -> bool:
    """Whether an answer is what its row expects: a refusal, an error of a kind, or one of its values."""
    match row.expected:
        case Refused():
            return is_refusal(answer)
        case Failed(kind):
            return answer.error is not None and answer.error.kind == kind
        case Value(value):
            compare = in_any_order(match) if row.unordered else match
            return answer.status == "ok" and any(compare(one, answer.answer) for one in (value, *row.also))
        case None:
            return False


def strict_match(expected: JsonValue, answer: JsonValue) -> bool:
    """Whether both are equal as JSON: lists in order, text to the letter, `1` and `1.0` the same."""
    match expected, answer:
        case list(), list():
            return len(expected) == len(answer) and all(map(strict_match, expected, answer))
        case dict(), dict():
            return expected.keys() == answer.keys() and all(
                strict_match(value, answer[key]) for key, value in expected.items()
            )
        case _:
            # Python takes True for 1; a count is no yes.
            return expected == answer and isinstance(expected, bool) == isinstance(answer, bool)


def in_any_order(match: Match) -> Match:
    """`match`, but for the order of the items of a list; what stands inside an item keeps its own."""

    def matches(expected: JsonValue, answer: JsonValue) -> bool:
        if isinstance(expected, list) and isinstance(answer, list):
            return match(_in_order(expected), _in_order(answer))
        return match(expected, answer)

    return matches


def set_match(expected: JsonValue, answer: JsonValue) -> bool:
    """Whether both hold the same: lists as multisets, numeric text as numbers, other text folded."""
    return _canonical(expected) == _canonical(answer)


def outcome(row: Row, answer: Answer, library: Collection[Sequence[str]]) -> Outcome | None:
    """The class of a prediction, by the strict answer; None where a refusal is expected.

    A question that must fail counts as EM when it fails as it must. Without an expected plan, any legal one
    is right.
    """
    if row.expected is None or row.expected == Refused():
        return None
    right = answer_match(row, answer, strict_match)
    if answer.status == "error" and not right:
        return Outcome.EE
    plan = plan_match(row.plan, answer.plan)
    if right and plan is not False:
        return Outcome.EM
    if right and tuple(answer.plan) in library:
        return Outcome.DS
    return Outcome.WS if plan is False else Outcome.WC


def soaybench_score(accuracy_by_hop: dict[int, float]) -> float | None:
    """`(1·hop1 + 2·hop2 + 3·hop3) / 6`, each hop's accuracy from 0 to 1 over its own questions.

    None unless all three are there.
    """
    if not {1, 2, 3} <= accuracy_by_hop.keys():
        return None
    return sum(hop * accuracy_by_hop[hop] for hop in (1, 2, 3)) / 6


def _canonical(value: JsonValue) -> tuple[str, object]:
    if value is None or isinstance(value, bool):
        return ("constant", str(value))
    if isinstance(value, int | float):
        return ("number", float(value))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return ("list", tuple(sorted(map(_canonical, value), key=repr)))
    pairs = ((_folded(key), _canonical(item)) for key, item in value.items())
    return ("dict", tuple(sorted(pairs, key=repr)))


def _in_order(items: list[JsonValue]) -> list[JsonValue]:
    return sorted(items, key=lambda item: (repr(_canonical(item)), json.dumps(item, sort_keys=True)))


def _text(text: str) -> tuple[str, object]:
    bare = text.strip()
    return ("number", float(bare)) if _NUMBER.fullmatch(bare) else ("text", _folded(text))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
