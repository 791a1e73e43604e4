"""Programs as they are given on the command line.

source = read_source(sys.stdin.buffer, max_chars=20_000)
"""

import io
from pathlib import Path
from typing import BinaryIO

from herdwick.agents.errors import UsageError


def read_source(program: BinaryIO, max_chars: int) -> str:
    """The program's text; of one that is too long only as much as shows that.

    Args:
        program: An open file, which stays open.
        max_chars: Longest program.

    Raises:
        UsageError: It is not text.
    """
    # Characters, not bytes: a cut must not fall inside of one. Line ends stay as they are.
    text = io.TextIOWrapper(program, encoding="utf-8-sig", newline="")
    try:
        return text.read(max_chars + 1)
    except UnicodeDecodeError as error:
        raise UsageError(
            "not_text", f"{Path(program.name).name} is not UTF-8 text.", "Give a Python program."
        ) from error
    finally:
        # Left to itself, the wrapper would close standard input.
        text.detach()
