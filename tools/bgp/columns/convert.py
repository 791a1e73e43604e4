"""MRT files as Parquet, converted once for each content.

    converted = convert(MRTFile(path, source))
    pl.scan_parquet(converted.parts)
    converted.read       # what became of the file, also the second time

A file's columns lie in a folder named after the SHA-256 of its bytes, below the user's cache. The folder
appears when it is complete; a conversion that is killed leaves nothing that a later one would trust. The
longest unused columns make room for others; see `eviction`.
"""

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from herdwick.tools.bgp.columns.cluster import convert_on_cluster
from herdwick.tools.bgp.columns.content import Content, ReadBytes, content_of
from herdwick.tools.bgp.columns.eviction import touch
from herdwick.tools.bgp.columns.kept import Columns, KeptColumns, ReadRecord, whole
from herdwick.tools.bgp.columns.making import making, publish
from herdwick.tools.bgp.columns.progress import ConversionProgress, ProgressCallback, ProgressLine
from herdwick.tools.bgp.columns.schema import VERSION, ElemColumns
from herdwick.tools.bgp.columns.workers import convert_apart
from herdwick.tools.bgp.engine.reader import MRTReader
from herdwick.tools.bgp.engine.report import ReadReport
from herdwick.tools.bgp.engine.sources import MRTFile
from herdwick.tools.errors import DataError

PART_ELEMS = 50_000
"""Elems held at once, about 25 MB as columns, and so the size of a part."""

PART_BYTES = 64 << 20
"""The same of elems with more in them."""

LARGE_BYTES = 1 << 20
"""Compressed files of this size together take about ten times as long as starting a process."""


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
    ray: str | None = None,
    progress: ProgressCallback | None = None,
) -> tuple[Converted, ...]:
    """Convert files that are not converted yet, several at once.

    Args:
        files: What to convert.
        cache: Folder of the columns; default: the user's.
        workers: Most processes; default: one for each core.
        ray: Address of a Ray cluster that converts instead; see `cluster`.
        progress: Told how far it is, from any thread, one call at a time; default: lines on the terminal.

    Returns:
        The columns in the order of `files`.

    Raises:
        DataError: A file cannot be read, or the cache cannot be written.
    """
    wanted = tuple(files)
    home = cache or _home()
    tally = _Tally(wanted, progress or ProgressLine())
    known: dict[Path, Columns] = {}
    for file in wanted:
        folder = _folder(home, content_of(file.path))
        if columns := whole(folder):
            touch(folder)
            known[file.path] = columns
            tally.finish(file.path)
    missing = [*dict.fromkeys(file.path for file in wanted if file.path not in known)]
    processes = workers or os.cpu_count() or 1
    if ray and missing:
        convert_on_cluster(missing, home, ray, tally)
    elif len(missing) > 1 and processes > 1 and sum(map(tally.size_of, missing)) >= LARGE_BYTES:
        # The largest first: at the end no process waits long for the others.
        missing.sort(key=tally.size_of, reverse=True)
        convert_apart(missing, home, processes, tally)
    done = []
    for file in wanted:
        if file.path in known:
            columns = known[file.path]
            done.append(Converted(file, columns.parts, columns.read))
        else:
            done.append(convert(file, home, tally.of(file.path)))
            tally.finish(file.path)
    return tuple(done)


class _Tally:
    """Adds up what was read of several files."""

    def __init__(self, files: Sequence[MRTFile], progress: ProgressCallback) -> None:
        self._sizes = {file.path: _size(file.path) for file in files}
        self._read = dict.fromkeys(self._sizes, 0)
        self._done: set[Path] = set()
        self._progress = progress
        self._lock = threading.Lock()

    def read(self, path: Path, size_bytes: int) -> None:
        """So many bytes of a file have been read."""
        with self._lock:
            self._read[path] = size_bytes
            self._progress(
                ConversionProgress(
                    len(self._sizes), len(self._done), sum(self._read.values()), sum(self._sizes.values())
                )
            )

    def of(self, path: Path) -> ReadBytes:
        """To be told how many bytes of one file have been read."""
        return lambda size_bytes: self.read(path, size_bytes)

    def finish(self, path: Path) -> None:
        """A file is complete."""
        self._done.add(path)
        self.read(path, self.size_of(path))

    def size_of(self, path: Path) -> int:
        """How long a file was at the beginning."""
        return self._sizes[path]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # Reading it will say why.


def _home() -> Path:
    return platformdirs.user_cache_path("herdwick") / "bgp" / "columns"


def _folder(home: Path, content: Content) -> Path:
    return home / f"{content.sha256}-{VERSION}"


def convert(file: MRTFile, cache: Path | None = None, tell: ReadBytes | None = None) -> Converted:
    """The columns of `file`, made if this content has none yet.

    Args:
        file: What to convert.
        cache: Folder of the columns; default: the user's.
        tell: Told how many bytes of the file have been read.

    Raises:
        DataError: The file cannot be read, or changes meanwhile, or the cache cannot be written.
    """
    home = cache or _home()
    content = content_of(file.path)
    folder = _folder(home, content)
    columns = whole(folder) or _made(file, content, home, folder, tell)
    touch(folder)
    return Converted(file, columns.parts, columns.read)


def _made(file: MRTFile, content: Content, home: Path, folder: Path, tell: ReadBytes | None) -> Columns:
    content.tell = tell
    try:
        with making(home) as made:
            _write(file, content, made)
            publish(made, folder)
    except OSError as error:
        raise DataError(
            "no_cache_folder",
            f"The columns of {file.path.name} cannot be kept in the cache: {error.strerror or error}.",
            "Make room, or set XDG_CACHE_HOME to a folder that can be written.",
        ) from error
    columns = whole(folder)
    if columns is None:
        raise DataError("bad_cache", f"The columns of {file.path.name} were damaged at once.", "Try again.")
    return columns


def _write(file: MRTFile, content: Content, folder: Path) -> None:
    reader = MRTReader(file.path, file.source, content.reading)
    kept = KeptColumns(folder)
    columns = ElemColumns()
    first, last = float("inf"), float("-inf")
    for elem in reader:
        columns.add(elem)
        first, last = min(first, elem.time), max(last, elem.time)
        if len(columns) == PART_ELEMS or columns.size_bytes >= PART_BYTES:
            kept.add(columns.take())
    if len(columns):
        kept.add(columns.take())
    content.verify()
    kept.finish(_record(reader.report, first, last))


def _record(report: ReadReport, first: float, last: float) -> ReadRecord:
    return ReadRecord(
        records=report.records,
        elems=report.elems,
        skipped=dict(report.skipped),
        ended_early=report.ended_early,
        first_time=first if report.elems else None,
        last_time=last if report.elems else None,
    )
