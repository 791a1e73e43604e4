"""Columns as they lie in the cache: parts in Parquet, and beside them what became of the file.

with making(home) as folder:
    kept = KeptColumns(folder)
    kept.add(frame)
    kept.finish(read)
    publish(folder, target)
columns = whole(target)        # None where anything of it is damaged
"""

import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

META = "read.json"
"""What became of the file; written last."""

_CHUNK_BYTES = 1 << 20


class ReadRecord(BaseModel):
    """What became of a file, as `ReadReport` has it; kept beside the columns.

    Attributes:
        records: MRT records seen.
        elems: Elems made.
        skipped: What was left out, by reason.
        ended_early: Why the rest could not be read; '' if all was.
        first_time, last_time: Of the elems, in seconds since 1970 UTC; None without elems.
    """

    model_config = ConfigDict(frozen=True)

    records: int
    elems: int
    skipped: dict[str, int]
    ended_early: str
    first_time: float | None
    last_time: float | None


class _Meta(BaseModel):
    """What is kept beside the parts; `checksums` are theirs, in order."""

    read: ReadRecord
    checksums: list[int]


@dataclass(frozen=True)
class Columns:
    """A folder's columns.

    Attributes:
        parts: The Parquet files, in the order of the elems.
        read: What became of the file.
    """

    parts: tuple[Path, ...]
    read: ReadRecord


class KeptColumns:
    """Writes the columns of one file into a folder of its own.

    Args:
        folder: Exists and is empty.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._checksums: list[int] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Write the next part.

        Raises:
            OSError: There is no room.
        """
        # Polars hides in errors of its own why a file cannot be written.
        packed = io.BytesIO()
        frame.write_parquet(packed)
        content = packed.getbuffer()
        _part(self._folder, len(self._checksums)).write_bytes(content)
        self._checksums.append(zlib.crc32(content))

    def finish(self, read: ReadRecord) -> None:
        """Write what became of the file; the columns are whole then.

        Raises:
            OSError: There is no room.
        """
        meta = _Meta(read=read, checksums=self._checksums)
        (self._folder / META).write_text(meta.model_dump_json(), encoding="utf-8")


def whole(folder: Path) -> Columns | None:
    """The columns in `folder`; None if they are damaged or not there.

    Every byte is checked: Polars does not, and would answer wrongly from a file in which a bit has turned.
    """
    try:
        meta = _Meta.model_validate_json((folder / META).read_bytes())
        parts = tuple(_part(folder, number) for number in range(len(meta.checksums)))
        if all(_checksum(part) == checksum for part, checksum in zip(parts, meta.checksums, strict=True)):
            return Columns(parts, meta.read)
    except (OSError, ValidationError):
        return None
    return None


def _part(folder: Path, number: int) -> Path:
    return folder / f"{number:05}.parquet"


def _checksum(part: Path) -> int:
    checksum = 0
    with part.open("rb") as file:
        while data := file.read(_CHUNK_BYTES):
            checksum = zlib.crc32(data, checksum)
    return checksum
