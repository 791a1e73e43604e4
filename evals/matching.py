"""Whether two values are the same: to the letter, in any order, or as people would say it.

strict_match(["A", "B"], ["B", "A"])                     # False
in_any_order(strict_match)(["A", "B"], ["B", "A"])       # True
set_match(["A", "7"], [7, "a "])                         # True
"""

import json
import re
import unicodedata
from collections.abc import Callable

from pydantic import JsonValue

Match = Callable[[JsonValue, JsonValue], bool]

MAX_DIGITS = 400
"""Longest text that is taken for a number."""

_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")


def strict_match(expected: JsonValue, answer: JsonValue) -> bool:
    """Whether both are equal as JSON: lists in order, text to the letter, `1` and `1.0` the same."""
    match expected, answer:
        case list(), list():
            return len(expected) == len(answer) and all(map(strict_match, expected, answer))
        case dict(), dict():
            return expected.keys() == answer.keys() and all(
                strict_match(value, answer[key]) for key, value in expected.items()
            )
        case _:
            # Python takes True for 1; a count is no yes.
            return expected == answer and isinstance(expected, bool) == isinstance(answer, bool)


def in_any_order(match: Match) -> Match:
    """`match`, but for the order of the items of a list; what stands inside an item keeps its own."""

    def matches(expected: JsonValue, answer: JsonValue) -> bool:
        if isinstance(expected, list) and isinstance(answer, list):
            return match(_in_order(expected), _in_order(answer))
        return match(expected, answer)

    return matches


def set_match(expected: JsonValue, answer: JsonValue) -> bool:
    """Whether both hold the same: lists as multisets, numeric text as numbers, other text folded."""
    return _canonical(expected) == _canonical(answer)


def _canonical(value: JsonValue) -> tuple[str, object]:
    if value is None or isinstance(value, bool):
        return ("constant", str(value))
    if isinstance(value, int | float):
        return ("number", _number(value))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return ("list", tuple(sorted(map(_canonical, value), key=repr)))
    pairs = ((folded(key), _canonical(item)) for key, item in value.items())
    return ("dict", tuple(sorted(pairs, key=repr)))


def _in_order(items: list[JsonValue]) -> list[JsonValue]:
    return sorted(items, key=lambda item: (repr(_canonical(item)), json.dumps(item, sort_keys=True)))


def _text(text: str) -> tuple[str, object]:
    bare = text.strip()
    if len(bare) > MAX_DIGITS or not _NUMBER.fullmatch(bare):
        return ("text", folded(text))
    return ("number", _number(float(bare) if "." in bare else int(bare)))


def _number(value: float) -> float:
    # As a whole number where it is one: counts may be longer than a float is exact.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def folded(text: str) -> str:
    """`text` without regard to case, compatible forms of letters and spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
