"""What a teacher's reply holds: tasks, and why the rest of it cannot be used.

    reply = parse_reply(text, form="json", finish="length")
    reply.tasks, reply.unusable

Models decorate, break off and refuse. What is whole is taken, wherever the rest breaks; a last task that was
broken off is dropped, since nobody can tell how it would have ended.
"""

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from herdwick.agents.reply_text import reply_text
from herdwick.agents.surrogates import replace_surrogates
from herdwick.selfinstruct.teacher.prompts import NO_INPUT, Form

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "tasks": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("instruction", "input", "output")},
                "required": ["instruction", "input", "output"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["tasks"],
    "additionalProperties": False,
}
"""Of a reply in JSON; all required and nothing additional, as OpenAI's strict mode asks."""

_REFUSALS = re.compile(
    r"\W*(?:(?:i\W?m|i am) (?:very |really )?(?:sorry|unable)|sorry,"
    r"|i (?:cannot|can\W?t|won\W?t|must decline)\b|as an ai\b|unfortunately, i\b|i apologi[sz]e)",
    re.IGNORECASE,
)
_OPENING = re.compile(r"\A\s*(?:```(?:json)?\s*\n\s*)?(?=[{\[])", re.IGNORECASE)
"""Of a reply in JSON, in a fence or not."""

_EMBEDDED = re.compile(r'\{\s*"(?:tasks|instruction)"\s*:|\[\s*\{\s*"')
"""Where JSON begins that has talk before it."""

_DECODER = json.JSONDecoder(strict=False)
_NEXT_OBJECT = re.compile(r'\{\s*"(?:number|instruction)"')
_LABEL = r"^[ \t*#]*(?:\d+[ \t]*[.):][ \t*]*)?{}[ \t*]*:[ \t*]*"
_INSTRUCTION, _INPUT, _OUTPUT = (
    re.compile(_LABEL.format(name), re.IGNORECASE | re.MULTILINE)
    for name in ("Instruction", "Input", "Output")
)
_BEGUN = re.compile(r"\A\s*(?:#{3,}\s*)?(?:\*\*)?(?:\d+[ \t]*[.):])?[ \t*]*Instruction\b", re.IGNORECASE)
_SEPARATOR = re.compile(r"\n[ \t]*#{3,}[ \t]*\Z")
_EMPTY_INPUTS = frozenset({"", NO_INPUT, "<no input>", "noinput", "no input", "none", "n/a"})
_MOST_QUOTED = 500


@dataclass(frozen=True)
class Task:
    """One task that a teacher wrote."""

    instruction: str
    input: str
    output: str


@dataclass(frozen=True)
class Unusable:
    """A piece of a reply that is no task.

    Attributes:
        reason: `empty_reply`, `refusal`, `truncated` or `malformed`.
        text: Its beginning.
    """

    reason: str
    text: str


@dataclass(frozen=True)
class ParsedReply:
    """What a reply holds.

    Attributes:
        tasks: In its order.
        unusable: The rest.
    """

    tasks: tuple[Task, ...]
    unusable: tuple[Unusable, ...]


def parse_reply(text: str, *, form: Form, finish: str = "stop", refusal: str = "") -> ParsedReply:
    """The tasks of a reply.

    Args:
        text: Of the reply.
        form: In which it was asked for; a reply in the other one is read as well.
        finish: The endpoint's `finish_reason`; `length` says that the reply was broken off.
        refusal: What the endpoint itself calls a refusal; '' for none.
    """
    cleaned = reply_text(text)
    if refusal or finish == "content_filter":
        return _none("refusal", refusal or cleaned)
    if not cleaned.strip():
        return _none("empty_reply", "")
    if opening := _OPENING.match(cleaned):
        return _from_json(cleaned[opening.end() :])
    # A reply that only continues the number it was given begins inside its first task.
    continues = form == "text" and not _BEGUN.match(cleaned) and _OUTPUT.search(cleaned) is not None
    pieces = _pieces(f"Instruction: {cleaned.lstrip()}" if continues else cleaned)
    if not pieces:
        if embedded := _EMBEDDED.search(cleaned):
            return _from_json(cleaned[embedded.start() :])
        return _none("refusal" if is_refusal(cleaned) else "malformed", cleaned)
    found = [_task(piece) for piece in pieces]
    broken_off = finish == "length"
    if broken_off or not isinstance(found[-1], Task):
        last = found[-1]
        reason = "truncated" if broken_off or isinstance(last, Unusable) else "malformed"
        found[-1] = Unusable(reason, pieces[-1][:_MOST_QUOTED])
    return _sorted(found)


def is_refusal(text: str) -> bool:
    """Whether a text begins as those do in which a model declines."""
    return _REFUSALS.match(text) is not None


def _none(reason: str, text: str) -> ParsedReply:
    return ParsedReply((), (Unusable(reason, text.strip()[:_MOST_QUOTED]),))


def _sorted(found: list[Task | Unusable]) -> ParsedReply:
    return ParsedReply(
        tuple(one for one in found if isinstance(one, Task)),
        tuple(one for one in found if isinstance(one, Unusable)),
    )


def _from_json(text: str) -> ParsedReply:
    """Tasks of JSON, whatever stands behind it; of JSON that breaks off, those that are whole."""
    try:
        found, _ = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        start = text.find("[")
        return _objects(text, start + 1) if start >= 0 else _none("malformed", text)
    if isinstance(found, dict) and "tasks" not in found and "instruction" in found:
        # One task without a list, or one on each line.
        return _objects(text, 0)
    listed = found.get("tasks") if isinstance(found, dict) else found
    if not isinstance(listed, list):
        return _none("malformed", text)
    if not listed:
        return _none("empty_reply", text)
    # Whole JSON has whole tasks, even where the endpoint says that it had to stop behind it.
    return _sorted([_from_object(one) for one in listed])


def _objects(text: str, at: int) -> ParsedReply:
    """The objects in `text` from there on, each a task."""
    tasks: list[Task | Unusable] = []
    while (begin := text.find("{", at)) >= 0:
        try:
            one, at = _DECODER.raw_decode(text, begin)
        except (ValueError, RecursionError):
            # What follows a task that is broken, and not only broken off, can still be read.
            following = _NEXT_OBJECT.search(text, begin + 1)
            reason = "malformed" if following else "truncated"
            tasks.append(Unusable(reason, text[begin : begin + _MOST_QUOTED]))
            if following is None:
                break
            at = following.start()
            continue
        tasks.append(_from_object(one))
    return _sorted(tasks) if tasks else _none("malformed", text)


def _from_object(found: object) -> Task | Unusable:
    if not isinstance(found, dict):
        return Unusable("malformed", str(found)[:_MOST_QUOTED])
    instruction, given, output = (found.get(name) for name in ("instruction", "input", "output"))
    if not isinstance(instruction, str) or not isinstance(output, str):
        return Unusable("malformed", str(found)[:_MOST_QUOTED])
    if not instruction.strip() or not output.strip():
        return Unusable("malformed", str(found)[:_MOST_QUOTED])
    # What JSON escapes may be half a character, which no file can hold.
    return Task(
        *(
            str(replace_surrogates(part))
            for part in (instruction.strip(), _input(given if isinstance(given, str) else ""), output.strip())
        )
    )


def _pieces(text: str) -> list[str]:
    starts = [match.start() for match in _INSTRUCTION.finditer(text)]
    return [_SEPARATOR.sub("", text[start:end].rstrip()) for start, end in pairwise([*starts, len(text)])]


def _task(piece: str) -> Task | Unusable:
    output = _OUTPUT.search(piece)
    if output is None:
        return Unusable("malformed", piece[:_MOST_QUOTED])
    head, answer = piece[: output.start()], piece[output.end() :].strip()
    given = _INPUT.search(head)
    asked = _INSTRUCTION.sub("", head[: given.start()] if given else head, count=1).strip(" \t\n*")
    if not asked or not answer:
        return Unusable("malformed", piece[:_MOST_QUOTED])
    return Task(asked, _input(head[given.end() :] if given else ""), answer)


def _input(text: str) -> str:
    stripped = text.strip()
    return "" if stripped.casefold().rstrip(".") in _EMPTY_INPUTS else stripped
