"""An answer's value in words.

    describe(["Ada Quill", "Bo Lindqvist"], program)    # "2 results: Ada Quill; Bo Lindqvist."
    describe([], program)                               # "The data holds nothing that matches."

The words are rendered from the value alone, so they can never say more than the data does.
"""

import ast
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from herdwick.tools.sandbox.parsing import parse_quietly

MAX_ITEMS = 10
"""Longest list written out; the rest is counted."""

NOT_KNOWN = "The data does not know this: the field is empty."
NO_MATCH = "The data holds nothing that matches."


def describe(value: JsonValue, program: str = "") -> str:
    """One or two sentences for `value`.

    Args:
        value: A program's `final_result`.
        program: The program; tells a year, where 0 means unknown, from a count, where 0 is a number.
    """
    if value == 0 and not isinstance(value, bool) and _result_field(program) == "year":
        return NOT_KNOWN
    if isinstance(value, bool):
        return "Yes." if value else "No."
    if value == "":
        return NOT_KNOWN
    if isinstance(value, int | float):
        return f"The answer is {_phrase(value)}."
    if isinstance(value, str):
        return _sentence(value)
    # No field is None: it is what `next((…), None)` finds when nothing matches.
    if not value:
        return NO_MATCH
    if isinstance(value, Mapping):
        return _sentence(_phrase(value))
    return _list(value)


def _list(items: Sequence[JsonValue]) -> str:
    shown = "; ".join(_phrase(item) for item in items[:MAX_ITEMS])
    if len(items) == 1:
        return _sentence(f"1 result: {shown}")
    more = f"; and {len(items) - MAX_ITEMS} more" if len(items) > MAX_ITEMS else ""
    return _sentence(f"{len(items)} results: {shown}{more}")


def _phrase(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "" or value == []:
        return "not known"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return _record(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_phrase(item) for item in value)
    return str(value)


def _record(value: Mapping[str, JsonValue]) -> str:
    """`{'name': 'Ada', 'num_pubs': 3}` as `Ada (num_pubs: 3)`; ids mean nothing to a reader."""
    title = next((field for field in ("name", "title") if value.get(field)), None)
    rest = [
        f"{field}: {_phrase(item)}"
        for field, item in value.items()
        if field != title and not field.endswith("_id")
    ]
    if title is None:
        return ", ".join(rest) or ", ".join(f"{field}: {_phrase(item)}" for field, item in value.items())
    return f"{_phrase(value[title])} ({', '.join(rest)})" if rest else _phrase(value[title])


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "。", "…")) else f"{text}."


def _result_field(program: str) -> str | None:
    """The field that a program's `final_result = …["field"]` ends in."""
    try:
        statements = parse_quietly(program).body
    except SyntaxError:
        return None
    for statement in reversed(statements):
        match statement:
            case ast.Assign(
                targets=[ast.Name(id="final_result")],
                value=ast.Subscript(slice=ast.Constant(value=str() as field)),
            ):
                return field
    return None
