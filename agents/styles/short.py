"""The short style: two lines of prompt, for models fine-tuned on them.

    Query: How many papers has Ada Quill?
    Solution:
    searchPerson
    final_result = searchPerson(name="Ada Quill")[0]["num_pubs"]

Where the engine can, decoding follows a grammar in which only sound solutions exist. Such a model cannot
read an error message, so a repair asks the same again and samples.
"""

from collections.abc import Sequence
from typing import Any

from langchain_core.runnables import Runnable

from herdwick.agents.asking import Ask
from herdwick.agents.drafts import Draft, Failure, read_plan, read_short
from herdwick.agents.grammar import solution_grammar
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
        grammar = solution_grammar(brief.question, brief.domain)
        return Ask(_model(brief, failures, grammar), _prompt(brief), read_short)

    def choose_plan(self, brief: Brief, failures: Sequence[Failure]) -> Ask[Plan]:
        """Ask for the first line only, which is the plan."""
        grammar = solution_grammar(brief.question, brief.domain)
        return Ask(_model(brief, failures, grammar, stop=["\n"]), _prompt(brief), read_plan)

    def write_program(self, brief: Brief, plan: Plan, failures: Sequence[Failure]) -> Ask[Draft]:
        """Ask for what follows the plan's line."""
        grammar = solution_grammar(brief.question, brief.domain, plan)
        begun = f"{_prompt(brief)}{format_plan(plan)}\n"
        return Ask(_model(brief, failures, grammar), begun, lambda text: Draft(text.strip(), plan))


def _prompt(brief: Brief) -> str:
    return prompt("short", question=brief.question)


def _model(brief: Brief, failures: Sequence[Failure], grammar: str, **arguments: Any) -> Runnable[Any, str]:
    arguments |= brief.endpoint.with_grammar(grammar)
    if failures:
        arguments |= {"temperature": REPAIR_TEMPERATURE, "seed": len(failures)}
    return brief.endpoint.completion.bind(max_tokens=MAX_TOKENS, **arguments)
