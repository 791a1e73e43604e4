"""The bytes of a file as it was when it was first looked at, whatever is done to it later.

    content = content_of(path)
    reader = MRTReader(path, through=content.reading)
    …                                   # read its elems
    content.verify()                    # an error if the file is another than it was

A file may grow while it is read, as one that is still being downloaded does: what was appended is not read,
and is read the next time. One that was shortened or written anew is an error, because columns are kept under
the name of the content that they are of.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from herdwick.tools.bgp.regular_file import check_regular
from herdwick.tools.errors import DataError

CHUNK_BYTES = 1 << 20

ReadBytes = Callable[[int], None]
"""Told how many bytes of a file have been read, every so often."""


class Measured:
    """The first bytes of an open file, hashed as they are read.

    Args:
        raw: The file.
        size_bytes: Where it ends for its reader.
        tell: Told how many bytes have been read, at each read.

    Attributes:
        bytes_read: So many until now.
    """

    def __init__(self, raw: BinaryIO, size_bytes: int, tell: ReadBytes | None = None) -> None:
        self.bytes_read = 0
        self._raw = raw
        self._size_bytes = size_bytes
        self._tell = tell
        self._hash = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none only at the end."""
        data = self._raw.read(min(size, self._size_bytes - self.bytes_read))
        self.bytes_read += len(data)
        self._hash.update(data)
        if self._tell:
            self._tell(self.bytes_read)
        return data

    def sha256(self) -> str:
        """Of what was read, in hexadecimal."""
        return self._hash.hexdigest()


@dataclass
class Content:
    """What a file held.

    Attributes:
        path: The file.
        size_bytes: How much of it there was.
        sha256: Of that much, in hexadecimal.
        tell: Told how many bytes have been read, at each read of `reading`.
    """

    path: Path
    size_bytes: int
    sha256: str
    tell: ReadBytes | None = None
    _measured: Measured | None = field(default=None, init=False, repr=False)

    def reading(self, raw: BinaryIO) -> Measured:
        """What to read instead of the open file: as much as there was."""
        self._measured = Measured(raw, self.size_bytes, self.tell)
        return self._measured

    def verify(self) -> None:
        """Make sure that what was read is what there was.

        Raises:
            DataError: `file_changed`; the file was changed otherwise than by appending.
        """
        measured = self._measured
        if measured is None or measured.bytes_read < self.size_bytes:
            # A reader that finds damage reads no further.
            measured = _measure(self.path, self.size_bytes)
        if measured.sha256() != self.sha256:
            raise DataError(
                "file_changed",
                f"{self.path} was changed while it was read.",
                "Ask again when nothing writes to it any more.",
            )


def content_of(path: Path) -> Content:
    """What `path` holds now.

    Raises:
        DataError: There is no such file, it is no regular one, or it cannot be read.
    """
    # A pipe can be read once, and its name comes from its content: it would be read twice.
    check_regular(path)
    measured = _measure(path)
    return Content(path, measured.bytes_read, measured.sha256())


def _measure(path: Path, size_bytes: int | None = None) -> Measured:
    """`path` read up to `size_bytes`, or as long as it was when it was opened."""
    try:
        with path.open("rb") as raw:
            measured = Measured(raw, os.fstat(raw.fileno()).st_size if size_bytes is None else size_bytes)
            while measured.read(CHUNK_BYTES):
                pass
    except FileNotFoundError as error:
        raise DataError("no_file", f"There is no file {path}.", "Check the name.") from error
    except OSError as error:
        raise DataError("unreadable", f"{path} cannot be read: {error.strerror or error}.") from error
    return measured
