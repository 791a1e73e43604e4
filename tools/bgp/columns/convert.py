"""MRT files as Parquet, converted once for each content.

    converted = convert(MRTFile(path, source))
    pl.scan_parquet(converted.parts)
    converted.read       # what became of the file, also the second time

A file's columns lie in a folder named after the SHA-256 of its bytes, below the user's cache. The folder
appears when it is complete; a conversion that is killed leaves nothing that a later one would trust.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.tools.bgp.columns.schema import VERSION, ElemColumns
from herdwick.tools.bgp.engine.reader import MRTReader
from herdwick.tools.bgp.engine.report import ReadReport
from herdwick.tools.bgp.engine.sources import MRTFile
from herdwick.tools.errors import DataError
from herdwick.tools.file_hash import sha256_of

PART_ELEMS = 200_000
"""Elems held at once, about 100 MB, and so the size of a part."""

LARGE_BYTES = 1 << 20
"""A compressed file of this size takes about ten times as long as starting a process."""

_META = "read.json"


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


@dataclass(frozen=True)
class Converted:
    """A file's columns.

    Attributes:
        file: What was converted.
        parts: Parquet files with `SCHEMA`, in the order of the elems; none for a file without elems.
        read: What became of the file.
    """

    file: MRTFile
    parts: tuple[Path, ...]
    read: ReadRecord


def convert_all(
    files: Iterable[MRTFile],
    *,
    cache: Path | None = None,
    workers: int | None = None,
    progress: Callable[[MRTFile], None] | None = None,
) -> tuple[Converted, ...]:
    """Convert files that are not converted yet, several at once.

    Args:
        files: What to convert.
        cache: Folder of the columns; default: the user's.
        workers: Processes for large files; default: one for each core.
        progress: Called with each file as it is done.

    Returns:
        The columns in the order of `files`.

    Raises:
        DataError: A file cannot be read, or the cache cannot be written.
    """
    wanted = tuple(files)
    home = cache or _home()
    large = [file for file in wanted if _is_large(file)]
    if len(large) > 1:
        # A process of its own each, and not multiprocessing, which runs the caller's own script once more.
        with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
            for _ in pool.map(lambda file: _convert_apart(file, home), large):
                pass
    done = []
    for file in wanted:
        done.append(convert(file, home))
        if progress:
            progress(file)
    return tuple(done)


def _is_large(file: MRTFile) -> bool:
    try:
        return file.path.stat().st_size >= LARGE_BYTES
    except OSError:
        return False


def _convert_apart(file: MRTFile, home: Path) -> None:
    """Convert in a new process; if it fails, `convert` will say why."""
    command = [
        sys.executable,
        "-m",
        "herdwick.tools.bgp.columns",
        str(file.path.absolute()),
        str(home.absolute()),
    ]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)  # noqa: S603


def _home() -> Path:
    return platformdirs.user_cache_path("herdwick") / "bgp" / "columns"


def convert(file: MRTFile, cache: Path | None = None) -> Converted:
    """The columns of `file`, made if this content has none yet.

    Raises:
        DataError: The file cannot be read, or the cache cannot be written.
    """
    home = cache or _home()
    if file.path.exists() and not file.path.is_file():
        # A pipe can be read once, and its name comes from its content: it would be read twice.
        raise DataError(
            "no_file", f"{file.path} is no regular file.", "Save what it gives in a file, and name that."
        )
    try:
        folder = home / f"{sha256_of(file.path)}-{VERSION}"
    except FileNotFoundError as error:
        raise DataError("no_file", f"There is no file {file.path}.", "Check the name.") from error
    except OSError as error:
        raise DataError("unreadable", f"{file.path} cannot be opened: {error.strerror}.") from error
    known = _known(file, folder)
    if known:
        return known
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home, prefix=".making-") as making:
            _write(file, Path(making))
            _publish(Path(making), folder)
    except OSError as error:
        raise DataError(
            "no_cache_folder",
            f"The columns of {file.path.name} cannot be kept in the cache: {error.strerror}.",
            "Make room, or set XDG_CACHE_HOME to a folder that can be written.",
        ) from error
    made = _known(file, folder)
    if made is None:
        raise DataError("bad_cache", f"The columns of {file.path.name} were damaged at once.", "Try again.")
    return made


def _known(file: MRTFile, folder: Path) -> Converted | None:
    read = _whole(folder)
    return Converted(file, tuple(sorted(folder.glob("*.parquet"))), read) if read else None


def _whole(folder: Path) -> ReadRecord | None:
    """The record of a folder that holds what its record says."""
    try:
        read = ReadRecord.model_validate_json((folder / _META).read_bytes())
    except (OSError, ValidationError):
        return None
    parts = -(-read.elems // PART_ELEMS)
    return read if len([*folder.glob("*.parquet")]) == parts else None


def _write(file: MRTFile, folder: Path) -> None:
    reader = MRTReader(file.path, file.source)
    columns = ElemColumns()
    first, last, part = float("inf"), float("-inf"), 0
    for elem in reader:
        columns.add(elem)
        first, last = min(first, elem.time), max(last, elem.time)
        if len(columns) == PART_ELEMS:
            columns.take().write_parquet(folder / f"{part:05}.parquet")
            part += 1
    if len(columns):
        columns.take().write_parquet(folder / f"{part:05}.parquet")
    (folder / _META).write_text(_record(reader.report, first, last).model_dump_json(), encoding="utf-8")


def _record(report: ReadReport, first: float, last: float) -> ReadRecord:
    return ReadRecord(
        records=report.records,
        elems=report.elems,
        skipped=dict(report.skipped),
        ended_early=report.ended_early,
        first_time=first if report.elems else None,
        last_time=last if report.elems else None,
    )


def _publish(making: Path, folder: Path) -> None:
    """Give finished columns their name, unless another process was faster or what is there is damaged."""
    try:
        making.rename(folder)
    except OSError:
        if _whole(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)
            making.rename(folder)
