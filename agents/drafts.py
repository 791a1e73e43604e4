r"""Drafts: the plan and program a model wrote, and how they are found in its text.

    read_labelled("Plan: searchPerson\nProgram:\nfinal_result = searchPerson(name='Ada')[0]['num_pubs']")

Models decorate: code fences, labels, thoughts, end-of-text marks. What they mean is taken; what cannot be
read is a `DraftError` whose message tells the model what was expected.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from herdwick.agents.errors import DraftError
from herdwick.agents.refusals import REASONS, REFUSAL_PREFIX, Refusal
from herdwick.agents.reply_text import reply_text
from herdwick.agents.surrogates import replace_surrogates
from herdwick.tools.errors import HerdwickError
from herdwick.tools.solutions import Plan, parse_plan


@dataclass(frozen=True)
class Draft:
    """A program, and the plan it says to follow.

    Attributes:
        program: Python as the sandbox takes it.
        plan: None where the model named none: then the program's own calls are the plan.
    """

    program: str
    plan: Plan | None = None


@dataclass(frozen=True)
class Failure:
    """An attempt that failed, for the next one to learn from.

    Attributes:
        draft: None where the reply could not be read.
        error: Why it failed.
    """

    draft: Draft | None
    error: HerdwickError


_FENCE = re.compile(r"```[a-zA-Z0-9_+-]*[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
_PLAN = re.compile(
    r"^[ \t*#]*(?:route|plan|combination|solution)[ \t*]*:[\s*`]*(\w+(?:[ \t]*(?:->|→)[ \t]*\w+)*)",
    re.IGNORECASE | re.MULTILINE,
)
_CODE = re.compile(r"^[ \t*#]*(?:code|program)[ \t*]*:[ \t*]*", re.IGNORECASE | re.MULTILINE)
_REFUSAL = re.compile(
    rf"^[ \t*#]*(?:refusal|{re.escape(REFUSAL_PREFIX.strip(': '))})[ \t*]*:[ \t*`]*({'|'.join(REASONS)})\b",
    re.IGNORECASE | re.MULTILINE,
)


def read_short(text: str) -> Draft:
    """A draft of the short style: the plan on the first line, the program below it.

    Raises:
        Refusal: The model refuses.
        DraftError: There is no program.
    """
    cleaned = _clean(text)
    raise_refusal(cleaned)
    first, _, program = cleaned.partition("\n")
    if not program.strip():
        raise DraftError(
            "no_program", "The reply holds no program.", "Ask again, or put the question otherwise."
        )
    return Draft(program.strip(), parse_plan(first))


def read_labelled(text: str) -> Draft:
    """A draft whose plan stands behind a label and whose program is fenced or labelled too.

    Raises:
        Refusal: The model refuses.
        DraftError: There is no program.
    """
    cleaned = _clean(text)
    raise_refusal(cleaned)
    plan = _PLAN.search(cleaned)
    return Draft(read_program(cleaned), parse_plan(plan[1]) if plan else None)


def read_json(text: str) -> Draft:
    """A draft as a JSON object `{"plan", "program", "refusal"}`, or as `read_labelled` takes it.

    Raises:
        Refusal: The model refuses.
        DraftError: There is no program.
    """
    cleaned = _clean(text)
    found = _json_object(cleaned)
    if found is None:
        return read_labelled(cleaned)
    if found.get("refusal") in REASONS:
        raise Refusal(str(found["refusal"]))
    program, plan = found.get("program"), found.get("plan")
    if not isinstance(program, str) or not program.strip():
        raise DraftError("no_program", 'The reply has no "program".', "Ask again, or use another model.")
    return Draft(_unfenced(program), parse_plan(plan) or None if isinstance(plan, str) else None)


def read_program(text: str) -> str:
    """The program in `text`: the last fenced block, or what follows a label.

    Raises:
        DraftError: There is none.
    """
    cleaned = _clean(text)
    fences = _FENCE.findall(cleaned)
    if fences:
        return str(fences[-1]).strip()
    label = _CODE.search(cleaned)
    if label is None and "final_result" not in cleaned:
        raise DraftError(
            "no_program",
            "The reply holds no program: neither a fenced block nor a Program: or Code: label.",
            "Ask again, or use another model.",
        )
    # A released checkpoint closes its answer with the separator of its prompt.
    program = cleaned[label.end() :] if label else _PLAN.sub("", cleaned)
    return program.split("\n-----", 1)[0].strip("`\n ")


def read_plan(text: str) -> Plan:
    """The plan in `text`: behind a label, or on the first line that has one.

    Raises:
        Refusal: The model refuses.
        DraftError: There is none.
    """
    cleaned = _clean(text)
    raise_refusal(cleaned)
    found = _json_object(cleaned)
    if found is not None and found.get("refusal") in REASONS:
        raise Refusal(str(found["refusal"]))
    if found is not None and isinstance(found.get("plan"), str):
        return parse_plan(str(found["plan"]))
    label = _PLAN.search(cleaned)
    line = label[1] if label else cleaned.partition("\n")[0]
    plan = parse_plan(line.strip("` ."))
    if not plan:
        raise DraftError("no_plan", "The reply holds no plan.", "Ask again, or use another model.")
    return plan


def _clean(text: str) -> str:
    return reply_text(text).strip()


def raise_refusal(text: str) -> None:
    """Raise the refusal that `text` holds, if it holds one."""
    refusal = _REFUSAL.search(text)
    if refusal:
        raise Refusal(refusal[1].lower())


def _json_object(text: str) -> Mapping[str, object] | None:
    fence = _FENCE.search(text)
    candidate = fence[1] if fence and fence[1].lstrip().startswith("{") else text
    if not candidate.lstrip().startswith("{"):
        return None
    try:
        found = replace_surrogates(json.loads(candidate))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _unfenced(program: str) -> str:
    fence = _FENCE.search(program)
    return (fence[1] if fence else program).strip()
