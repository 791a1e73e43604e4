"""Text on its way out of the sandbox: measured and read by the host.

    value = read_json(text, "final_result", max_bytes=2**20, max_depth=20)

The prelude applies the same limits before it writes the text, which makes for better messages. It runs where
the program runs, though, so nothing here trusts it.
"""

from collections.abc import Iterable

from pydantic import JsonValue
from pydantic_core import from_json


def read_json(text: str, where: str, *, max_bytes: int, max_depth: int) -> JsonValue:
    """The value that `text` stands for.

    Args:
        text: JSON, or whatever a program made of it.
        where: What it is, for messages.
        max_bytes: Its greatest length in UTF-8.
        max_depth: Deepest nesting of lists and dicts.

    Raises:
        OverflowError: It is too long, or nested too deeply.
        ValueError: It is not JSON.
    """
    if len(text.encode()) > max_bytes:
        raise OverflowError(f"{where} has too many values or too much text: over {max_bytes:,} bytes")
    too_deep = OverflowError(f"{where} is nested too deeply, or contains itself")
    try:
        value: JsonValue = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        if "recursion limit" in str(error):
            raise too_deep from error
        raise
    if _nested_beyond(value, max_depth):
        raise too_deep
    return value


def _nested_beyond(value: JsonValue, max_depth: int) -> bool:
    level = [value]
    for _ in range(max_depth):
        level = [item for container in level for item in _items(container)]
    return any(isinstance(item, list | dict) for item in level)


def _items(value: JsonValue) -> Iterable[JsonValue]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
