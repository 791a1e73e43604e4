"""Strategies: how plan and program come about.

    strategy = get_strategy("plan-then-code")

`one-shot` has both written in one reply, `plan-then-code` one after the other, and `tool-calling` writes no
program at all: an agent calls the functions step by step.
"""

from typing import TYPE_CHECKING

from herdwick.agents.errors import UsageError

if TYPE_CHECKING:
    from herdwick.agents.steps import Strategy

STRATEGIES = ("one-shot", "plan-then-code", "tool-calling")


def get_strategy(name: str) -> "Strategy":
    """The strategy called `name`.

    Raises:
        UsageError: There is none.
    """
    match name:
        case "one-shot":
            from herdwick.agents.strategies.one_shot import one_shot

            return one_shot
        case "plan-then-code":
            from herdwick.agents.strategies.plan_then_code import plan_then_code

            return plan_then_code
        case "tool-calling":
            from herdwick.agents.strategies.tool_calling import tool_calling

            return tool_calling
        case _:
            raise UsageError(
                "unknown_strategy", f"There is no strategy {name!r}.", f"Use one of: {', '.join(STRATEGIES)}"
            )
