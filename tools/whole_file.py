r"""Files that others see whole or not at all.

write_whole(Path("state.json"), b"{}")

with replacing(Path("answers.jsonl")) as lines:
    lines.write("{}\n")
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_READABLE = 0o666
"""Less what the umask forbids, as for any file that a program writes."""


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path`, replacing what was there; who may read it is what the umask says.

    Raises:
        OSError: It cannot be written; what was there stays.
    """
    # Not tempfile, whose files only their owner may read.
    part = _part(path)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _READABLE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Text that stands in `path` once all of it is written; its folder is made where it is missing.

    Raises:
        OSError: It cannot be written; what was there stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _part(path)
    try:
        with part.open("w", encoding="utf-8") as lines:
            yield lines
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _part(path: Path) -> Path:
    """A file beside `path`, which no other writer of it uses."""
    return path.parent / f".{secrets.token_hex(8)}.part"
