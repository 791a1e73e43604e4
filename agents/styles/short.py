"""The short style: two lines of prompt, for models fine-tuned on them.

    Query: How many papers has Ada Quill?
    Solution:
    searchPerson
    final_result = searchPerson(name="Ada Quill")[0]["num_pubs"]

Where the engine can, decoding follows a grammar in which only sound solutions exist. Such a model cannot
read an error message, so a repair asks the same again and samples; only where two arguments took the same
words, the grammar of the next attempt keeps them apart.
"""

from collections.abc import Sequence
from typing import Any

from langchain_core.runnables import Runnable

from herdwick.agents.asking import Ask
from herdwick.agents.drafts import Draft, Failure, read_plan, read_short
from herdwick.agents.grammar import solution_grammar
from herdwick.agents.overlaps import OverlapError, refuse_overlap
from herdwick.agents.prompt_files import prompt
from herdwick.agents.styles import REPAIR_TEMPERATURE, Brief
from herdwick.tools.solutions import Plan, format_plan

MAX_TOKENS = 256
"""The longest program of the training data has about 150 tokens."""


class ShortStyle:
    """Raw completion of the prompt the adapters are trained on."""

    name = "short"
    # The name is copied from the question by construction: a person not found is not there.
    final_kinds = frozenset({"empty_result"})

    def draft(self, brief: Brief, failures: Sequence[Failure]) -> Ask[Draft]:
        """Ask for plan and program."""
        grammar = _grammar(brief, failures)
        return Ask(
            _model(brief, failures, grammar),
            _prompt(brief),
            lambda text: refuse_overlap(brief.question, read_short(text)),
        )

    def choose_plan(self, brief: Brief, failures: Sequence[Failure]) -> Ask[Plan]:
        """Ask for the first line only, which is the plan."""
        grammar = _grammar(brief, failures)
        return Ask(_model(brief, failures, grammar, stop=["\n"]), _prompt(brief), read_plan)

    def write_program(self, brief: Brief, plan: Plan, failures: Sequence[Failure]) -> Ask[Draft]:
        """Ask for what follows the plan's line."""
        grammar = _grammar(brief, failures, plan)
        begun = f"{_prompt(brief)}{format_plan(plan)}\n"
        return Ask(
            _model(brief, failures, grammar),
            begun,
            lambda text: refuse_overlap(brief.question, Draft(text.strip(), plan)),
        )


def _prompt(brief: Brief) -> str:
    return prompt("short", question=brief.question)


def _grammar(brief: Brief, failures: Sequence[Failure], plan: Plan | None = None) -> str:
    overlaps = [failure.error for failure in failures if isinstance(failure.error, OverlapError)]
    return solution_grammar(
        brief.question,
        brief.domain,
        plan,
        first_only=[overlap.text for overlap in overlaps if overlap.repeated],
        apart=[overlap.text for overlap in overlaps if not overlap.repeated],
    )


def _model(brief: Brief, failures: Sequence[Failure], grammar: str, **arguments: Any) -> Runnable[Any, str]:
    ruled = brief.endpoint.with_grammar(grammar)
    arguments |= ruled
    if failures and not (ruled and isinstance(failures[-1].error, OverlapError)):
        arguments |= {"temperature": REPAIR_TEMPERATURE, "seed": len(failures)}
    return brief.endpoint.completion.bind(max_tokens=MAX_TOKENS, **arguments)
