"""Prompt styles: how a question is put to a model, and how its reply is read.

    style = get_style("chat")
    ask = style.draft(Brief(question, domain, endpoint), failures=())

`short` is what our adapters are trained on, `soay` what the released SoAyLLaMA checkpoints are, and `chat` is
for any model that follows instructions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from herdwick.agents.asking import Ask
from herdwick.agents.drafts import Draft, Failure
from herdwick.agents.endpoint import Endpoint
from herdwick.agents.errors import ModelError, UsageError
from herdwick.tools.domain import Domain
from herdwick.tools.solutions import Plan

STYLES = ("short", "chat", "soay")

REPAIR_TEMPERATURE = 0.6
"""Of fine-tuned models, which cannot read an error and so sample again: high enough that it differs from
the first, low enough that it is still a program."""


@dataclass(frozen=True)
class Brief:
    """What a prompt is made from.

    Attributes:
        question: One line of text.
        domain: What is asked about.
        endpoint: The model that is asked.
    """

    question: str
    domain: Domain
    endpoint: Endpoint


class Style(Protocol):
    """A way of prompting.

    Attributes:
        name: As in `STYLES`.
        final_kinds: Error kinds that asking again cannot mend.
    """

    name: str
    final_kinds: frozenset[str]

    def draft(self, brief: Brief, failures: Sequence[Failure]) -> Ask[Draft]:
        """Ask for plan and program at once."""
        ...

    def choose_plan(self, brief: Brief, failures: Sequence[Failure]) -> Ask[Plan]:
        """Ask for a plan only."""
        ...

    def write_program(self, brief: Brief, plan: Plan, failures: Sequence[Failure]) -> Ask[Draft]:
        """Ask for a program that follows `plan`."""
        ...


def get_style(name: str) -> Style:
    """The style called `name`.

    Raises:
        UsageError: There is none.
    """
    match name:
        case "short":
            from herdwick.agents.styles.short import ShortStyle

            return ShortStyle()
        case "chat":
            from herdwick.agents.styles.chat import ChatStyle

            return ChatStyle()
        case "soay":
            from herdwick.agents.styles.soay import SoayStyle

            return SoayStyle()
        case _:
            raise UsageError(
                "unknown_style", f"There is no style {name!r}.", f"Use one of: {', '.join(STYLES)}"
            )


def default_style(endpoint: Endpoint) -> str:
    """The style a model was made for.

    Raises:
        ModelError: It is the embedded base without an adapter, which writes no program worth running.
    """
    if endpoint.adapted:
        return "short"
    if "soayllama" in endpoint.model.lower():
        return "soay"
    if endpoint.embedded:
        raise ModelError(
            "adapter_missing",
            "The embedded model has no adapter for this domain.",
            "Train one with `herdwick finetune train`, or choose another model with --model.",
        )
    return "chat"
