"""Reads AMiner/OAG dump files: JSON lines, plain, gzip or Zstandard, one line in memory at a time.

    for line in read_lines(Path("authors.jsonl.zst")):
        try:
            author = parse_author(line.content())
        except BadLine as bad:
            ...                                       # bad.reason, line.number, line.excerpt()

What can be read without guessing is read (numbers in quotes, `null` for missing); anything else is a
`BadLine` that says why.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

import zstandard

from herdwick.tools.aminer.local.file_names import shown
from herdwick.tools.aminer.local.zstd import ZstdFile
from herdwick.tools.errors import DataError

MAX_LINE_BYTES = 4 * 1024 * 1024
"""Longer lines are rejected unread; a paper with 3,000 authors takes about 0.4 MB."""

EXCERPT_CHARS = 500
_BUFFER_BYTES = 1 << 17
_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class BadLine(Exception):
    """A dump line that cannot be used; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DumpLine:
    """One line of a dump.

    Attributes:
        number: Counted from 1.
        raw: The bytes without the line's end, at most `MAX_LINE_BYTES + 1` of them.
        offset: Bytes of the file consumed so far (compressed ones), for progress.
    """

    number: int
    raw: bytes
    offset: int

    def content(self) -> dict[str, Any]:
        """The JSON object on the line.

        Raises:
            BadLine: The line is too long, not UTF-8, not JSON, or not an object.
        """
        if len(self.raw) > MAX_LINE_BYTES:
            raise BadLine(f"longer than {MAX_LINE_BYTES} bytes")
        try:
            value = json.loads(self.raw.decode("utf-8-sig"), parse_constant=_not_json)
        except UnicodeDecodeError as error:
            raise BadLine(f"not UTF-8 at byte {error.start}") from error
        except (ValueError, RecursionError) as error:
            raise BadLine(f"not JSON: {error}") from error
        if not isinstance(value, dict):
            raise BadLine(f"a JSON object expected, not {kind_of(value)}")
        return value

    def excerpt(self) -> str:
        """The start of the line, readable whatever its bytes."""
        return self.raw[:EXCERPT_CHARS].decode("utf-8", errors="backslashreplace")


def read_lines(path: Path) -> Iterator[DumpLine]:
    """The lines of a dump that are not blank.

    Raises:
        DataError: The file is missing, unreadable, or its compression is damaged or cut short.
    """
    try:
        with path.open("rb", buffering=_BUFFER_BYTES) as file, _decompressed(file) as lines:
            yield from _lines(lines, file)
    except FileNotFoundError as error:
        raise DataError("missing_dump", f"There is no file {shown(path.name)}.", "Check the path.") from error
    except (gzip.BadGzipFile, zlib.error, zstandard.ZstdError, EOFError) as error:
        raise DataError(
            "damaged_dump",
            f"{shown(path.name)} is damaged or cut short: {error}.",
            "Copy or download the file again; nothing was built.",
        ) from error
    except OSError as error:
        raise DataError(
            "unreadable_dump", f"{shown(path.name)} cannot be read: {error.strerror}.", "Check the file."
        ) from error


def _lines(lines: BinaryIO, file: BinaryIO) -> Iterator[DumpLine]:
    number = 0
    while raw := lines.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES and not raw.endswith(b"\n"):
            _skip_rest_of_line(lines)
        if not raw.isspace():
            yield DumpLine(number, raw.rstrip(b"\r\n"), file.tell())


def _skip_rest_of_line(lines: BinaryIO) -> None:
    while (rest := lines.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass


def _decompressed(file: BinaryIO) -> BinaryIO:
    start = file.read(4)
    file.seek(0)
    if start.startswith(_GZIP_MAGIC):
        return cast("BinaryIO", gzip.GzipFile(fileobj=file))
    if start == _ZSTD_MAGIC:
        return io.BufferedReader(ZstdFile(file), buffer_size=_BUFFER_BYTES)
    return file


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def kind_of(value: Any) -> str:
    """The JSON type of a value, for messages."""
    names = {type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string"}
    return names.get(type(value), "a list" if isinstance(value, list) else "an object")
