"""Requests in vLLM's form as llama.cpp takes them.

    to_llamacpp({"model": "bgp", "prompt": "…", "structured_outputs": {"grammar": "…"}}, bodies)

vLLM picks an adapter by the model's name and constrains decoding by `structured_outputs`; llama.cpp wants the
scale of every adapter, and `grammar` or `json_schema`. All other fields are OpenAI's in both.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from herdwick.agents.errors import ModelError
from herdwick.agents.gbnf import choice
from herdwick.agents.serving.config import BASE_MODEL

COMPLETION_TOKENS = 16
"""What OpenAI and vLLM write where a raw completion names no `max_tokens`; llama.cpp fills its context."""

Body = dict[str, JsonValue]


def to_llamacpp(body: Body, bodies: Mapping[str, Mapping[str, JsonValue]], *, is_chat: bool) -> Body:
    """The request that llama.cpp is sent.

    Args:
        body: As the client sent it.
        bodies: By name of a model, what a request carries to get it.
        is_chat: Whether it has messages.

    Raises:
        ModelError: `model_unknown`, or `bad_request` for a constraint that llama.cpp does not have.
    """
    model = body.get("model", BASE_MODEL)
    if not isinstance(model, str) or model not in bodies:
        raise ModelError(
            "model_unknown", f"There is no model {str(model)[:80]!r}.", f"There is: {', '.join(bodies)}."
        )
    rest = {name: value for name, value in body.items() if name != "structured_outputs"}
    defaults: Body = {} if is_chat else {"max_tokens": COMPLETION_TOKENS}
    return {**defaults, **rest, **_constraint(body.get("structured_outputs")), **bodies[model]}


def _constraint(given: JsonValue) -> Body:
    match given:
        case None:
            return {}
        case {"grammar": str(grammar), **others} if not _set(others):
            return {"grammar": grammar}
        case {"json": dict(schema), **others} if not _set(others):
            return {"json_schema": schema}
        case {"json_object": True, **others} if not _set(others):
            return {"json_schema": {"type": "object"}}
        case {"choice": [*words], **others} if (
            words and all(isinstance(word, str) and word for word in words) and not _set(others)
        ):
            return {"grammar": f"root ::= {choice([str(word) for word in words])}"}
        case _:
            raise ModelError(
                "bad_request",
                "structured_outputs cannot be followed.",
                "llama.cpp takes exactly one of: grammar, a text in GBNF; json, a JSON schema; json_object, "
                "true; choice, a list of texts.",
            )


def _set(others: Mapping[Any, object]) -> bool:
    """Whether there is a further constraint; clients send `null` for those they do not use."""
    return any(value is not None for value in others.values())
