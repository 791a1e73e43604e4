"""A model whose replies were all written before: what a batch leaves for the solver to check and run.

model = WrittenModel({"Query: …": "searchPerson …"}, weights)
build_solver("aminer", model, style="short", max_repairs=0)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from langchain_core.language_models.llms import LLM

from herdwick.agents.endpoint import Endpoint
from herdwick.agents.weights import Weights


class WrittenTexts(LLM):
    """Gives back what was written before, by prompt."""

    texts: Mapping[str, str]

    @property
    def _llm_type(self) -> str:
        return "written"

    def _call(self, prompt: str, *_: Any, **__: Any) -> str:
        return self.texts[prompt]


@dataclass(frozen=True)
class WrittenEndpoint(Endpoint):
    """An endpoint whose replies are there already.

    Attributes:
        texts: By prompt.
    """

    texts: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def completion(self) -> Any:
        """The texts, by prompt."""
        return WrittenTexts(texts=self.texts)

    def close(self) -> None:
        """Nothing is open."""


class WrittenModel:
    """The model of a batch, for a solver.

    Args:
        texts: By prompt; those of one domain.
        weights: Which weights wrote them.
    """

    name = "vllm-batch"

    def __init__(self, texts: Mapping[str, str], weights: Weights) -> None:
        self._texts = texts
        self._weights = weights

    def endpoint(self, domain: str) -> Endpoint:
        """The endpoint; it was asked for `domain`'s adapter."""
        return WrittenEndpoint("", domain, "vllm", adapted=True, texts=self._texts)

    def weights(self, domain: str) -> Weights:
        """As they were named."""
        del domain
        return self._weights

    def close(self) -> None:
        """Nothing is open."""
