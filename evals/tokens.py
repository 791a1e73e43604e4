"""Counts the tokens of model calls, and what they cost.

meter = TokenMeter()
solver.invoke(question, {"callbacks": [meter]})
meter.tokens.prompt, Price(0.4, 1.6).of(meter.tokens)
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from pydantic import BaseModel, ConfigDict, NonNegativeInt


class Tokens(BaseModel):
    """Tokens of prompts and of completions, as the endpoint counts them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: NonNegativeInt = 0
    completion: NonNegativeInt = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(prompt=self.prompt + other.prompt, completion=self.completion + other.completion)

    @property
    def total(self) -> int:
        """Of both."""
        return self.prompt + self.completion

    @classmethod
    def sum(cls, parts: Iterable["Tokens | None"]) -> "Tokens":
        """Of all that were counted."""
        return sum((part for part in parts if part), cls())


@dataclass(frozen=True)
class Price:
    """What an endpoint charges for a million tokens of prompts and of completions, in any one currency."""

    prompt: float = 0.0
    completion: float = 0.0

    def of(self, tokens: Tokens) -> float:
        """The cost of `tokens`."""
        return (self.prompt * tokens.prompt + self.completion * tokens.completion) / 1_000_000


class TokenMeter(BaseCallbackHandler):
    """Adds up the tokens of the calls made with it.

    Attributes:
        tokens: Of all calls; None once the endpoint has not said how many one took.
    """

    def __init__(self) -> None:
        self.tokens: Tokens | None = Tokens()
        self._lock = threading.Lock()

    def on_llm_end(self, response: LLMResult, **_: Any) -> None:
        """Count one reply."""
        counted = _counted(response)
        with self._lock:
            self.tokens = None if self.tokens is None or counted is None else self.tokens + counted


def _counted(response: LLMResult) -> Tokens | None:
    for generations in response.generations:
        for generation in generations:
            message = generation.message if isinstance(generation, ChatGeneration) else None
            if isinstance(message, AIMessage) and message.usage_metadata:
                usage: Mapping[str, Any] = message.usage_metadata
                return Tokens(prompt=usage["input_tokens"], completion=usage["output_tokens"])
    usage = (response.llm_output or {}).get("token_usage") or {}
    if "prompt_tokens" not in usage:
        return None
    return Tokens(prompt=usage["prompt_tokens"] or 0, completion=usage.get("completion_tokens") or 0)
