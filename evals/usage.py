"""What an answer took, as evaluators for LangSmith and openevals: money and time.

    evaluate(target, data=examples(rows), evaluators=[cost(Price(0.4, 1.6)), latency])

Both need answer objects as `herdwick eval run` keeps them: with their `timings`, and with the `tokens` that
the model's endpoint counted.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import JsonValue

from herdwick.agents.answer import Timings
from herdwick.evals.tokens import Price, Tokens


def cost(price: Price) -> Callable[..., dict[str, JsonValue]]:
    """An evaluator of what an answer cost, in the currency of `price`; None where no tokens were counted.

    Args:
        price: Of the model that answered.
    """

    def cost(*, outputs: Mapping[str, Any], **_: Any) -> dict[str, JsonValue]:
        if outputs.get("tokens") is None:
            return {"key": "cost", "score": None, "comment": "Its tokens were not counted."}
        return {"key": "cost", "score": price.of(Tokens.model_validate(outputs["tokens"]))}

    return cost


def latency(*, outputs: Mapping[str, Any], **_: Any) -> dict[str, JsonValue]:
    """How long an answer took, in seconds of wall-clock time."""
    return {"key": "latency_s", "score": Timings.model_validate(outputs["timings"]).total_s}
