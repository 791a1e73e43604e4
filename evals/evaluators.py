"""Judges one prediction: small pure functions, each one way to be right.

    plan_match(("searchPerson",), ["searchPerson"])          # True
    answer_match(row, answer), answer_match(row, answer, loose=True)
    outcome(row, answer, library)                            # Outcome.EM

The five outcomes are SoAyBench's (SoAy, arXiv:2405.15165, section 5.1).
"""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from herdwick.agents.answer import Answer
from herdwick.evals.rows import Failed, Refused, Row, Value
from herdwick.evals.values import value_match
from herdwick.tools.solutions import SolutionLibrary

REFUSED = "refused"
"""`error.kind` of an answer that is a refusal."""


class Outcome(StrEnum):
    """What became of a question that has an answer."""

    EM = "EM"
    """Exact match: plan and answer right."""
    DS = "DS"
    """Different solution: answer right by another legal plan."""
    WS = "WS"
    """Wrong solution: no legal plan, or another one and a wrong answer; an answer may be right by luck."""
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
        error: Kind of the error that the answer ended in; '' for none, and for a refusal.
        judge: The model that judged the answer; '' where a rule did.
    """

    id: str
    answerable: bool
    refused: bool
    plan: bool | None
    strict: bool
    loose: bool
    outcome: Outcome | None
    error: str = ""
    judge: str = ""


def judge(row: Row, answer: Answer, library: Collection[Sequence[str]]) -> Verdict | None:
    """The verdict on `answer`, or None for a row that says nothing of what is right.

    Args:
        row: Question and expectation.
        answer: What the solver made of it.
        library: Every legal plan; of a `SolutionLibrary`, longer chains that its types allow are legal too.
    """
    if row.expected is None:
        return None
    return Verdict(
        id=row.id,
        answerable=row.expected != Refused(),
        refused=is_refusal(answer),
        plan=plan_match(row.plan, answer.plan),
        strict=answer_match(row, answer),
        loose=answer_match(row, answer, loose=True),
        outcome=outcome(row, answer, library),
        error=answer.error.kind if answer.error and not is_refusal(answer) else "",
    )


def is_refusal(answer: Answer) -> bool:
    """Whether the question was refused, rather than answered or failed at."""
    return answer.error is not None and answer.error.kind == REFUSED


def plan_match(expected: Sequence[str] | None, plan: Sequence[str]) -> bool | None:
    """Whether both are the same calls in the same order; None where nothing is expected."""
    return None if expected is None else list(expected) == list(plan)


def answer_match(row: Row, answer: Answer, *, loose: bool = False) -> bool:
    """Whether an answer is what its row expects: a refusal, an error of a kind, or a value.

    Args:
        row: Question and expectation; its kind says by which rule values are compared.
        answer: What is judged.
        loose: Compare as people would: lists as sets, numeric text as numbers, half of a rubric.
    """
    match row.expected:
        case Refused():
            return is_refusal(answer)
        case Failed():
            kinds = {
                one["error"] for one in (row.answer, *row.also) if isinstance(one, dict) and "error" in one
            }
            return answer.error is not None and answer.error.kind in kinds
        case Value():
            return answer.status == "ok" and value_match(row, answer, loose=loose)
        case None:
            return False


def outcome(row: Row, answer: Answer, library: Collection[Sequence[str]]) -> Outcome | None:
    """The class of a prediction, by the strict answer; None where a refusal is expected.

    A question that must fail counts as EM when it fails as it must. Without an expected plan, any legal one
    is right. SoAyBench knows plans up to the longest of its library alone: for its classes as published, give
    the plans themselves (`library.plans`) for `library`. Of a library, chains of any length are legal whose
    types fit: whoever calls tools one by one looks things up twice.
    """
    if row.expected is None or row.expected == Refused():
        return None
    right = answer_match(row, answer)
    if answer.status == "error" and not right:
        return Outcome.EE
    plan = plan_match(row.plan, answer.plan)
    if right and plan is not False:
        return Outcome.EM
    if right and _is_legal(answer.plan, library):
        return Outcome.DS
    return Outcome.WS if plan is False else Outcome.WC


def _is_legal(plan: Sequence[str], library: Collection[Sequence[str]]) -> bool:
    if not isinstance(library, SolutionLibrary):
        return tuple(plan) in library
    return tuple(plan[:1]) in library and all(
        after in library.successors(before) for before, after in itertools.pairwise(plan)
    )


def soaybench_score(accuracy_by_hop: dict[int, float]) -> float | None:
    """`(1·hop1 + 2·hop2 + 3·hop3) / 6`, each hop's accuracy from 0 to 1 over its own questions.

    None unless all three are there.
    """
    if not {1, 2, 3} <= accuracy_by_hop.keys():
        return None
    return sum(hop * accuracy_by_hop[hop] for hop in (1, 2, 3)) / 6
