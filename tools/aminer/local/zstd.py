"""A Zstandard file as a raw byte stream that notices when it was cut short.

lines = io.BufferedReader(ZstdFile(path.open("rb")))

`zstandard`'s own stream reader returns what there is and ends without an error when the last frame is not
complete, so a truncated download would look like a short dump.
"""

import io
from typing import TYPE_CHECKING, BinaryIO

import zstandard

if TYPE_CHECKING:
    from typing_extensions import Buffer

_CHUNK_BYTES = 4096
"""Read at a time, and expanded at once. A block takes 4 bytes or more and expands to at most 128 KiB, so
hostile input allocates up to 128 MiB, and up to as much again for its window, which `zstandard` bounds."""


class ZstdFile(io.RawIOBase):
    """Decompresses `source`, which may hold several frames; does not close it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._frame_started = False
        self._pending = memoryview(b"")

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: "Buffer", /) -> int:
        """Fills `buffer` as far as one step allows; 0 at the end.

        Raises:
            EOFError: The last frame is not complete.
            zstandard.ZstdError: The data is not Zstandard.
        """
        view = memoryview(buffer).cast("B")
        while not self._pending:
            if not self._decompress_more():
                return 0
        count = min(len(view), len(self._pending))
        view[:count] = self._pending[:count]
        # A view's slice copies nothing; one of bytes would copy all that is left, for every line read.
        self._pending = self._pending[count:]
        return count

    def _decompress_more(self) -> bool:
        compressed = self._source.read(_CHUNK_BYTES)
        if not compressed:
            if self._frame_started:
                raise EOFError("the last Zstandard frame is not complete")
            return False
        decompressed = []
        while compressed:
            decompressed.append(self._frame.decompress(compressed))
            self._frame_started = not self._frame.eof
            compressed = self._frame.unused_data
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._pending = memoryview(b"".join(decompressed))
        return True
