"""Where the commands print, and how text from elsewhere is made safe to print.

results().print(Text(printable(answer.text)))
diagnostics().print("Loading…")
"""

import errno
import os
import sys
from pathlib import Path
from typing import NoReturn

from rich.console import Console

PIPED_COLUMNS = 200
"""Width of tables that go to a file or another program: narrow ones would cut long titles."""

_CONTROL = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}


class _PipedConsole(Console):
    def on_broken_pipe(self) -> NoReturn:
        # Rich would end the process with 1; what a lost reader means is decided in one place, `app`.
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def results() -> Console:
    """The console for answers: stdout."""
    return _PipedConsole(
        width=None if sys.stdout.isatty() else PIPED_COLUMNS, highlight=False, markup=False, emoji=False
    )


def diagnostics() -> Console:
    """The console for everything else: stderr."""
    return _PipedConsole(stderr=True, highlight=False, markup=False, emoji=False)


def printable(text: str) -> str:
    """`text` with control characters replaced: data must not move the cursor or recolour the screen."""
    return text.translate(_CONTROL)


def short_path(path: Path) -> str:
    """`path` as people know it: relative to their home where it is below it."""
    try:
        return f"~/{path.absolute().relative_to(Path.home())}"
    except ValueError:
        return str(path)
