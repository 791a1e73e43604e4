"""The style of the released SoAyLLaMA checkpoints, byte for byte.

The prompt is a file for each domain that such a checkpoint exists for (`prompts/soay/aminer.txt`); its typo
and its illegal plan are part of it, because the checkpoints were trained with them. Decoding is greedy, with
512 new tokens, and the reply is

    Route: searchPerson -> getCoauthors
    Code:
    person_list = searchPerson(name = "Ada Quill")
    …
"""

import re
from collections.abc import Sequence
from typing import Any

from langchain_core.runnables import Runnable

from herdwick.agents.asking import Ask
from herdwick.agents.drafts import Draft, Failure, read_labelled
from herdwick.agents.errors import UsageError
from herdwick.agents.prompt_files import has_prompt, prompt
from herdwick.agents.styles import REPAIR_TEMPERATURE, Brief
from herdwick.tools.domain import Domain
from herdwick.tools.solutions import Plan

MAX_TOKENS = 512
"""As in the published inference code."""

MEANT_FUNCTIONS = {"searhPerson": "searchPerson"}
"""Misspelt in the candidates the checkpoints were shown."""

_MISSPELT = re.compile(r"\b(" + "|".join(MEANT_FUNCTIONS) + r")\b")


class SoayStyle:
    """Raw completion of the published prompt."""

    name = "soay"
    final_kinds = frozenset({"empty_result"})

    def draft(self, brief: Brief, failures: Sequence[Failure]) -> Ask[Draft]:
        """Ask for route and code.

        Raises:
            UsageError: No checkpoint was trained for this domain.
        """
        name = f"soay/{brief.domain.name}"
        if not has_prompt(name):
            raise UsageError(
                "style_unsupported",
                f"No SoAyLLaMA checkpoint knows the domain {brief.domain.name!r}.",
                "Use the style chat or short.",
            )
        domain = brief.domain
        return Ask(
            _model(brief, failures),
            prompt(name, question=brief.question),
            lambda text: read_soay(text, domain),
        )

    def choose_plan(self, brief: Brief, failures: Sequence[Failure]) -> Ask[Plan]:
        """Not possible: the checkpoints always write route and code in one reply."""
        del brief, failures
        raise _one_shot_only()

    def write_program(self, brief: Brief, plan: Plan, failures: Sequence[Failure]) -> Ask[Draft]:
        """Not possible: the checkpoints always write route and code in one reply."""
        del brief, plan, failures
        raise _one_shot_only()


def read_soay(text: str, domain: Domain) -> Draft:
    """A `Route:`/`Code:` reply, with its misspelt names put right.

    One candidate of the prompt, `searchPerson -> getPublication`, cannot run. With a route outside the
    library the program's own calls are taken for the plan: they are what the checkpoint meant by it.

    Raises:
        DraftError: There is no program.
    """
    draft = read_labelled(_MISSPELT.sub(lambda match: MEANT_FUNCTIONS[match[1]], text))
    return draft if draft.plan in domain.library else Draft(draft.program)


def _model(brief: Brief, failures: Sequence[Failure]) -> Runnable[Any, str]:
    sampling = {"temperature": REPAIR_TEMPERATURE, "seed": len(failures)} if failures else {}
    return brief.endpoint.completion.bind(max_tokens=MAX_TOKENS, **sampling)


def _one_shot_only() -> UsageError:
    return UsageError(
        "style_unsupported",
        "SoAyLLaMA checkpoints write plan and program in one reply.",
        "Use the strategy one-shot with them.",
    )
