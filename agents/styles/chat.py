"""The chat style: instructions, the functions and the plans, for any model that follows instructions.

Where the endpoint can, the reply is made to follow a JSON schema that names the library's plans; elsewhere a
labelled plan and a fenced program are asked for, and read tolerantly. A repair shows the model its own draft
and the exact error.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from langchain_core.runnables import Runnable
from pydantic import JsonValue

from herdwick.agents.asking import Ask
from herdwick.agents.drafts import Draft, Failure, read_json, read_plan, read_program
from herdwick.agents.endpoint import Endpoint
from herdwick.agents.prompt_files import prompt
from herdwick.agents.refusals import REASONS
from herdwick.agents.styles import Brief
from herdwick.tools.solutions import Plan, format_plan

MAX_TOKENS = 1_024
"""Room for a program of 20 lines and for the thoughts some models write first."""

Schema = dict[str, JsonValue]
Read = TypeVar("Read")


class ChatStyle:
    """System prompt, question, and earlier drafts with their errors."""

    name = "chat"
    final_kinds: frozenset[str] = frozenset()

    def draft(self, brief: Brief, failures: Sequence[Failure]) -> Ask[Draft]:
        """Ask for plan and program."""
        schema = _schema(plan=_plan_schema(brief), program={"type": "string"})
        return _ask(brief, failures, _instructions("draft", brief), read_json, schema)

    def choose_plan(self, brief: Brief, failures: Sequence[Failure]) -> Ask[Plan]:
        """Ask for a plan of the library."""
        schema = _schema(plan=_plan_schema(brief))
        return _ask(brief, failures, _instructions("plan", brief), read_plan, schema)

    def write_program(self, brief: Brief, plan: Plan, failures: Sequence[Failure]) -> Ask[Draft]:
        """Ask for a program, showing the plan's functions only."""
        system = _part(
            "program", guide=brief.domain.guide(plan), plan=format_plan(plan), rules=_part("rules")
        )
        return _ask(brief, failures, system, lambda text: Draft(read_program(text), plan))


def _instructions(kind: str, brief: Brief) -> str:
    form = "json" if brief.endpoint.takes_json_schemas else "text"
    return _part(
        kind,
        guide=brief.domain.guide(),
        plans="\n".join(format_plan(plan) for plan in brief.domain.library),
        rules=_part("rules"),
        refusals=_part("refusals"),
        format=_part(f"{kind}_{form}"),
    )


def _ask(
    brief: Brief,
    failures: Sequence[Failure],
    system: str,
    read: Callable[[str], Read],
    schema: Schema | None = None,
) -> Ask[Read]:
    user = "\n\n".join([_part("question", question=brief.question), *map(_lesson, failures)])
    messages = [("system", system), ("user", user)]
    return Ask(_model(brief.endpoint, schema), messages, read)


def _lesson(failure: Failure) -> str:
    if failure.draft is None:
        return _part("unreadable", error=str(failure.error))
    return _part("repair", program=failure.draft.program, error=str(failure.error))


def _part(name: str, **slots: str) -> str:
    return prompt(f"chat/{name}", **slots).strip()


def _model(endpoint: Endpoint, schema: Schema | None) -> Runnable[Any, Any]:
    # OpenAI's reasoning models take no temperature, and count their thoughts as tokens.
    arguments: dict[str, Any] = (
        {} if endpoint.engine == "openai" else {"temperature": 0, "max_tokens": MAX_TOKENS}
    )
    if schema is not None and endpoint.takes_json_schemas:
        described = {"name": "solution", "strict": True, "schema": schema}
        arguments["response_format"] = {"type": "json_schema", "json_schema": described}
    return endpoint.chat.bind(**arguments)


def _schema(**properties: Schema) -> Schema:
    """An object with a refusal first, so that a model decides on it before it writes anything else."""
    refusal: JsonValue = {"type": "string", "enum": ["", *REASONS]}
    fields: dict[str, JsonValue] = {"refusal": refusal, **properties}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _plan_schema(brief: Brief) -> Schema:
    return {"type": "string", "enum": ["", *(format_plan(plan) for plan in brief.domain.library)]}
