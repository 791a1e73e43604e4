r"""Lone surrogates: half characters that Python's text can hold, and that no file, terminal or JSON can.

    replace_surrogates(["a\ud800"])     # ["a\ufffd"]

They come from bytes on the command line that are no UTF-8, and from JSON that escapes half a pair.
"""

import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")


def replace_surrogates(value: Any) -> Any:
    """`value` with U+FFFD for every lone surrogate in text, lists and dicts; anything else stays as it is."""
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list() | tuple():
            return [replace_surrogates(item) for item in value]
        case dict():
            return {replace_surrogates(key): replace_surrogates(item) for key, item in value.items()}
        case _:
            return value
