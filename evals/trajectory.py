"""Whether a program made the right calls: functions, arguments and order.

    trajectory_match(expected, calls)                        # the same calls in the same order
    trajectory_match(expected, calls, mode="unordered")      # the same calls
    trajectory_match(expected, calls, mode="superset")       # these calls at least

The modes are openevals' and agentevals'. Arguments compare as answers do, so that `1` and `1.0` are the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import JsonValue

from herdwick.agents.answer import Answer
from herdwick.evals.matching import strict_match
from herdwick.evals.pairing import Match
from herdwick.evals.rows import ExpectedCall, Row
from herdwick.tools.call_record import CallRecord

Call = CallRecord | ExpectedCall
Mode = Literal["strict", "unordered", "superset"]


def trajectory_match(
    expected: Sequence[Call],
    calls: Sequence[Call],
    mode: Mode = "strict",
    match: Match = strict_match,
) -> bool:
    """Whether `calls` are those expected; their times, and whether they succeeded, do not count.

    Args:
        expected: The right calls.
        calls: Those that were made.
        mode: `strict` in this order, `unordered` in any, `superset` with others between.
        match: Compares two argument values.
    """
    if mode == "strict":
        return len(expected) == len(calls) and all(
            _same(one, other, match) for one, other in zip(expected, calls, strict=True)
        )
    left = list(calls)
    for one in expected:
        found = next((at for at, other in enumerate(left) if _same(one, other, match)), None)
        if found is None:
            return False
        del left[found]
    return mode == "superset" or not left


def trajectory_right(
    *, outputs: Mapping[str, Any], reference_outputs: Mapping[str, Any], **_: Any
) -> dict[str, JsonValue]:
    """The same for LangSmith and openevals: `calls` of the row against those of an answer object.

    It has no opinion on rows without calls.
    """
    expected = Row.model_validate(reference_outputs).calls
    if expected is None:
        return {"key": "trajectory_right", "score": None, "comment": "The row has no calls."}
    calls = Answer.model_validate(
        {name: outputs[name] for name in Answer.model_fields if name in outputs}
    ).calls
    return {"key": "trajectory_right", "score": trajectory_match(expected, calls)}


def _same(one: Call, other: Call, match: Match) -> bool:
    return one.tool == other.tool and match(one.args, other.args)
