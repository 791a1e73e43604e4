"""A recorded stream, message by message: one in each line, plain or gzip.

    for message in Replay(Path("ris-live-stream.json")).messages(60.0, report):
        …

It comes as fast as it is used, not at the pace at which it was recorded.
"""

import gzip
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from gzip import GzipFile
from io import BufferedReader
from pathlib import Path

from herdwick.tools.bgp.live.report import LiveReport
from herdwick.tools.errors import DataError

MAX_LINE_BYTES = 4 << 20
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Replay:
    """A recording.

    Attributes:
        path: The file.
    """

    path: Path

    def messages(self, seconds: float, report: LiveReport) -> Iterator[bytes]:
        """Its messages, for at most `seconds` seconds.

        Raises:
            DataError: There is no such file, or it cannot be read.
        """
        deadline = time.monotonic() + seconds
        report.connections += 1
        try:
            with self._open() as file:
                while line := file.readline(MAX_LINE_BYTES):
                    if time.monotonic() > deadline:
                        report.problem("replay not finished in time", str(self.path.name), in_message=False)
                        return
                    if line.strip():
                        yield line
        except FileNotFoundError as error:
            raise DataError("no_file", f"There is no file {self.path}.", "Check the name.") from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            report.problem("recording ends early", str(error), in_message=False)
        except OSError as error:
            message = f"{self.path} cannot be read: {error.strerror or error}."
            raise DataError("unreadable", message) from error

    def _open(self) -> GzipFile | BufferedReader:
        with self.path.open("rb") as file:
            is_gzip = file.read(2) == _GZIP
        return GzipFile(self.path, "rb") if is_gzip else self.path.open("rb")
