"""How far a fetch is, added up over the threads that fetch.

tally = Tally(files, print)
tally.expect(file, 1_000)       # the server says how long it is
tally.receive(file, 250)
tally.finish(file, 1_000)
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from herdwick.tools.bgp.archive.files import ArchiveFile


@dataclass(frozen=True)
class FetchProgress:
    """How far a fetch is.

    Attributes:
        files: How many there are in all.
        files_done: How many of them are complete.
        bytes_done: Bytes on disk, those that were there before included.
        bytes_expected: Of all files, as far as broker and servers say.
    """

    files: int
    files_done: int
    bytes_done: int
    bytes_expected: int


ProgressCallback = Callable[[FetchProgress], None]


class Tally:
    """Adds up what the threads have done.

    Args:
        files: All that will be fetched.
        progress: Told at each change, one call at a time.
    """

    def __init__(self, files: Sequence[ArchiveFile], progress: ProgressCallback | None) -> None:
        self._expected = {file: file.size_bytes for file in files}
        self._received = dict.fromkeys(files, 0)
        self._now = FetchProgress(len(self._expected), 0, 0, sum(self._expected.values()))
        self._progress = progress
        self._lock = threading.Lock()

    def expect(self, file: ArchiveFile, size_bytes: int) -> None:
        """So long is a file."""
        with self._lock:
            more = size_bytes - self._expected[file]
            self._expected[file] = size_bytes
            self._tell(replace(self._now, bytes_expected=self._now.bytes_expected + more))

    def receive(self, file: ArchiveFile, size_bytes: int) -> None:
        """So much of a file is on disk."""
        with self._lock:
            more = size_bytes - self._received[file]
            self._received[file] = size_bytes
            self._tell(replace(self._now, bytes_done=self._now.bytes_done + more))

    def finish(self, file: ArchiveFile, size_bytes: int) -> None:
        """A file is complete."""
        self.expect(file, size_bytes)
        self.receive(file, size_bytes)
        with self._lock:
            self._tell(replace(self._now, files_done=self._now.files_done + 1))

    def _tell(self, now: FetchProgress) -> None:
        self._now = now
        if self._progress:
            self._progress(now)
