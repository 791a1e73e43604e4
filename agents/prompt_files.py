"""The prompts: text files in `prompts/`, loaded here and nowhere else.

    prompt("short", question="Who is Ada Quill?")

A file may contain `{{name}}` slots; everything else stands as it is, braces included.
"""

import functools
import re
from importlib.resources import files

_SLOT = re.compile(r"\{\{(\w+)\}\}")


def prompt(name: str, **slots: str) -> str:
    """The prompt `name` with its slots filled; what is filled in is not searched for slots.

    Raises:
        KeyError: A slot of the file is not given.
        FileNotFoundError: There is no such prompt.
    """
    return _SLOT.sub(lambda slot: slots[slot[1]], _read(name))


def has_prompt(name: str) -> bool:
    """Whether there is a prompt called `name`."""
    return files("herdwick.agents").joinpath("prompts", f"{name}.txt").is_file()


@functools.cache
def _read(name: str) -> str:
    # Bytes, not text mode: a prompt's line ends are part of it.
    return files("herdwick.agents").joinpath("prompts", f"{name}.txt").read_bytes().decode("utf-8")
