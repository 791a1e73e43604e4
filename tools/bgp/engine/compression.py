"""Compressed files, read as far as they can be.

    with expanded(path.open("rb")) as stream:
        stream.read(12)
        stream.problem      # '' or why the data ended before its time

Python's own readers raise when a file is cut off, and what they had read ahead is lost. Here damage is an
early end, so that every record before it is read.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

CHUNK_BYTES = 1 << 18
"""Read, and expanded, at once: bounds memory whatever a file claims to expand to."""


class Readable(Protocol):
    """What a file is read by."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none only at the end."""
        ...


class _Decompressor(Protocol):
    """What bz2 and lzma offer; `needs_input` says whether all that was given has been expanded."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the manners of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


_BY_MAGIC: dict[bytes, Callable[[], _Decompressor]] = {
    b"\x1f\x8b": _Gzip,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lzma.LZMADecompressor,
}


class Expanded:
    """The expanded bytes of a file; plain files pass through.

    Attributes:
        problem: Why the data ended early: `truncated compression` or `corrupt compression`; '' if it did not.
    """

    def __init__(self, raw: Readable) -> None:
        self.problem = ""
        self._raw = raw
        self._ready = raw.read(CHUNK_BYTES)
        self._at = 0
        self._make = next((make for magic, make in _BY_MAGIC.items() if self._ready.startswith(magic)), None)
        if self._make:
            self._compressed, self._ready = self._ready, b""
            self._decompressor: _Decompressor | None = self._make()

    def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer only where the data ends."""
        after = self._at + size
        if after <= len(self._ready):
            data = self._ready[self._at : after]
            self._at = after
            return data
        parts = [self._ready[self._at :]]
        missing = size - len(parts[0])
        self._ready, self._at = b"", 0
        while missing and (chunk := self._chunk()):
            parts.append(chunk[:missing])
            missing -= len(parts[-1])
            if not missing:
                self._ready, self._at = chunk, len(parts[-1])
        return b"".join(parts)

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, which stay unread; fewer only where the data ends."""
        data = self.read(size)
        self._ready, self._at = data + self._ready[self._at :], 0
        return data

    def _chunk(self) -> bytes:
        """More data; b'' at its end."""
        if not self._make:
            return self._raw.read(CHUNK_BYTES)
        try:
            return self._expand()
        except (OSError, EOFError, zlib.error, lzma.LZMAError):
            self.problem, self._decompressor = "corrupt compression", None
            return b""

    def _expand(self) -> bytes:
        while self._decompressor:
            if self._decompressor.eof:
                self._next_member(self._decompressor.unused_data)
                continue
            if self._decompressor.needs_input and not self._compressed:
                self._compressed = self._raw.read(CHUNK_BYTES)
                if not self._compressed:
                    self.problem, self._decompressor = "truncated compression", None
                    return b""
            given, self._compressed = self._compressed, b""
            if data := self._decompressor.decompress(given, CHUNK_BYTES):
                return data
        return b""

    def _next_member(self, rest: bytes) -> None:
        """Files may be several compressed ones in a row; zeros may pad the last (gzip's manual)."""
        rest = (rest or self._raw.read(CHUNK_BYTES)).lstrip(b"\0")
        self._decompressor = self._make() if rest and self._make else None
        self._compressed = rest
