r"""The pieces of GBNF, llama.cpp's grammar notation.

literal('say "hi"\\n')        # '"say \\"hi\\"\\n"'
choice(["a", "b"])            # '"a" | "b"'
"""

import re
from collections.abc import Iterable


def literal(text: str) -> str:
    """`text` itself, and nothing else."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def choice(values: Iterable[str | int]) -> str:
    """One of `values`."""
    return " | ".join(literal(str(value)) for value in values)


def rule_name(text: str) -> str:
    """A name for a rule about `text`: letters, digits and hyphens."""
    return re.sub(r"[^a-zA-Z0-9]", "-", text)


def longest_first(numbers: Iterable[int]) -> list[int]:
    """Different numbers, those with most digits first."""
    return sorted(set(numbers), key=lambda number: (-len(str(number)), number))
