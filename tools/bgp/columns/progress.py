"""How far a conversion is, and a line on the terminal that says so.

convert_all(files, progress=ProgressLine())
# reading MRT  [######--------------] 30%  88 of 300 files, 0.31 of 1.02 GB, 25 s
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

QUIET_S = 3.0
"""What takes no longer needs no line."""

INTERVAL_S = 5.0
"""Between two lines."""

_WIDTH = 20


@dataclass(frozen=True)
class ConversionProgress:
    """How far a conversion is.

    Attributes:
        files: How many there are in all.
        files_done: How many of them are complete, those converted before included.
        bytes_done: Bytes read of all, as they lie on disk.
        bytes_expected: Bytes of all.
    """

    files: int
    files_done: int
    bytes_done: int
    bytes_expected: int

    def __str__(self) -> str:
        part = min(1.0, self.bytes_done / self.bytes_expected) if self.bytes_expected else 1.0
        bar = "#" * int(part * _WIDTH)
        unit, name = (1e9, "GB") if self.bytes_expected >= 1e9 else (1e6, "MB")
        return (
            f"[{bar:-<{_WIDTH}}] {part:.0%}  {self.files_done:,} of {self.files:,} files, "
            f"{self.bytes_done / unit:.2f} of {self.bytes_expected / unit:.2f} {name}"
        )


ProgressCallback = Callable[[ConversionProgress], None]


class ProgressLine:
    """Writes a line to stderr every few seconds, if that is a terminal.

    Lines of their own, and no bar that is drawn over, because callers have displays of their own there.
    """

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._due = self._started + QUIET_S

    def __call__(self, now: ConversionProgress) -> None:
        """Take in how far it is."""
        moment = time.monotonic()
        if moment < self._due or sys.stderr is None or not sys.stderr.isatty():
            return
        self._due = moment + INTERVAL_S
        print(f"reading MRT  {now}, {moment - self._started:.0f} s", file=sys.stderr, flush=True)
