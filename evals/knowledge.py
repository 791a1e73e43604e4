"""Asks a model what it knows: multiple choice, true or false, a gap, a question to be answered in prose.

    asker = KnowledgeAsker(load_model("embedded"), domain="bgp", seed=1)
    asker.ask(row).answer          # the chosen option's text, a truth value, or text

The options of a choice are shuffled by row and seed, so that a model which always takes the third one is
right as often as by chance. Decoding follows a grammar where the engine takes one; elsewhere replies are read
tolerantly, and what cannot be read is a failure.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from string import ascii_uppercase
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from pydantic import JsonValue

from herdwick.agents.answer import Answer, Timings
from herdwick.agents.asking import Ask
from herdwick.agents.endpoint import Endpoint
from herdwick.agents.models import Model
from herdwick.agents.prompt_files import prompt
from herdwick.agents.reply_text import reply_text
from herdwick.agents.wording import describe
from herdwick.evals.reply_reading import chosen, filled, truth
from herdwick.evals.rows import Row
from herdwick.tools.errors import HerdwickError

STRATEGY = "knowledge"
"""Stands in the answer where a solver's strategy would."""

MAX_TOKENS = {"mcq": 8, "true_false": 4, "fill_blank": 32, "qa": 200}
"""Longest reply, by kind."""


@dataclass(frozen=True)
class _Asked:
    """What one row is asked with.

    Attributes:
        text: The prompt.
        grammar: GBNF of the replies that can be read; '' where any can.
        read: The value of a reply; raises `DraftError`.
    """

    text: str
    grammar: str
    read: Callable[[str], JsonValue]


class KnowledgeAsker:
    """Answers rows of the kinds `mcq`, `true_false`, `fill_blank` and `qa` from a model's memory.

    Args:
        model: Who is asked. A server may serve an adapter `DOMAIN-knowledge`; otherwise it is the plain base.
        domain: What is asked about.
        seed: Decides how options are shuffled.
    """

    def __init__(self, model: Model, domain: str, seed: int = 0) -> None:
        self._model = model
        self._domain = domain
        self._seed = seed

    def ask(self, row: Row, config: RunnableConfig) -> Answer:
        """The answer to one row; what went wrong is part of it."""
        started = time.perf_counter()
        try:
            value = self._value(row, config)
        except HerdwickError as error:
            return Answer.of_error(
                error,
                question=row.question,
                domain=self._domain,
                strategy=STRATEGY,
                model=self._model.name,
                attempts=1,
                timings=_timings(started),
            )
        return Answer(
            question=row.question,
            domain=self._domain,
            strategy=STRATEGY,
            model=self._model.name,
            answer=value,
            text=describe(value),
            status="ok",
            attempts=1,
            timings=_timings(started),
        )

    def close(self) -> None:
        """Nothing to close: the model belongs to whoever loaded it."""

    def _value(self, row: Row, config: RunnableConfig) -> JsonValue:
        endpoint = self._model.endpoint(f"{self._domain}-knowledge")
        asked = _asked(row, self._seed)
        messages = [("system", prompt("knowledge/system").strip()), ("user", asked.text)]
        ask = Ask(_bound(endpoint, row, asked.grammar), messages, lambda text: asked.read(reply_text(text)))
        return ask.runnable(endpoint).invoke(messages, config)


def shuffled(row: Row, seed: int) -> Mapping[str, str]:
    """The options of a row in the order shown: shown letter to the row's own letter."""
    own = list(row.choices)
    # Text seeds a generator the same way on every machine; a tuple's hash does not.
    Random(f"{seed}:{row.id}").shuffle(own)  # noqa: S311 - no secret
    return dict(zip(ascii_uppercase, own, strict=False))


def _timings(started: float) -> Timings:
    seconds = time.perf_counter() - started
    return Timings(draft_s=seconds, total_s=seconds)


def _bound(endpoint: Endpoint, row: Row, grammar: str) -> Runnable[Any, Any]:
    constraint = endpoint.with_grammar(grammar) if grammar else {}
    return endpoint.chat.bind(temperature=0, max_tokens=MAX_TOKENS[row.kind], **constraint)


def _asked(row: Row, seed: int) -> _Asked:
    text = prompt(f"knowledge/{row.kind}", question=row.question, options=_shown(row, seed))
    match row.kind:
        case "mcq":
            own = shuffled(row, seed)
            letters = " | ".join(f'"{letter}"' for letter in own)
            return _Asked(text, f"root ::= {letters}", lambda reply: chosen(reply, own, row.choices))
        case "true_false":
            return _Asked(text, 'root ::= "true" | "false"', truth)
        case _:
            return _Asked(text, "", str.strip if row.kind == "qa" else filled)


def _shown(row: Row, seed: int) -> str:
    return "\n".join(f"{shown}. {row.choices[own]}" for shown, own in shuffled(row, seed).items())
