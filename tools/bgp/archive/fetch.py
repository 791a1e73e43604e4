"""What a window holds, as files on disk.

    with Archive() as archive:
        files = archive.fetch(Window(start, end), collectors=["rrc06"], record_types=["updates"])
        for elem in Stream(files, from_time=start, until_time=end):
            …

The files are fetched through a cache and are safe from removal until the archive is closed. Nothing missing
is passed over: a collector without data in the window is an error that says so.
"""

import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from tenacity.nap import sleep_using_event

from herdwick.tools.bgp.archive.broker import BROKER_URL, Broker
from herdwick.tools.bgp.archive.cache import MAX_CACHE_BYTES, DownloadCache
from herdwick.tools.bgp.archive.download import Download, DownloadLimits
from herdwick.tools.bgp.archive.files import (
    ArchiveFile,
    RecordType,
    Window,
    collector_named,
    project_named,
    record_type_named,
)
from herdwick.tools.bgp.archive.http import HttpLimits, HttpReader
from herdwick.tools.bgp.archive.retries import RetryPolicy
from herdwick.tools.bgp.engine.sources import MRTFile
from herdwick.tools.errors import DataError

LONGEST_TABLE_AGE_S = 24 * 3600
"""How far back a table is looked for; RIS dumps one every 8 hours, RouteViews every 2."""


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


@dataclass(frozen=True)
class Fetched:
    """A file that is on disk.

    Attributes:
        file: As the broker listed it.
        path: Where it is.
        was_cached: Whether it was there before.
    """

    file: ArchiveFile
    path: Path
    was_cached: bool


@dataclass(frozen=True)
class ArchiveOptions:
    """How to reach the archives.

    Attributes:
        broker_url: The broker to ask.
        cache_folder: Where files are kept; None for the user's cache folder.
        max_cache_bytes: Most bytes kept there.
        parallel: Downloads at once.
        http, download: Bounds of requests and files.
        retries: When to try again.
    """

    broker_url: str = BROKER_URL
    cache_folder: Path | None = None
    max_cache_bytes: int = MAX_CACHE_BYTES
    parallel: int = 4
    http: HttpLimits = field(default_factory=HttpLimits)
    download: DownloadLimits = field(default_factory=DownloadLimits)
    retries: RetryPolicy = field(default_factory=RetryPolicy)


class Archive:
    """RIS and RouteViews, as one broker lists them.

    Raises:
        BackendError: The broker's URL or the proxy is no good.
        DataError: The cache cannot be used.
    """

    def __init__(self, options: ArchiveOptions | None = None) -> None:
        self._options = options or ArchiveOptions()
        self._http = HttpReader(self._options.http)
        self.broker = Broker(self._http, self._options.broker_url, self._options.retries)
        self.cache = DownloadCache(self._options.cache_folder, self._options.max_cache_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of files and connections; closing twice is harmless."""
        self._http.close()
        self.cache.close()

    def fetch(
        self,
        window: Window,
        collectors: Sequence[str] = (),
        projects: Sequence[str] = (),
        record_types: Sequence[str] = ("updates",),
        *,
        table_at_start: bool = False,
        progress: ProgressCallback | None = None,
    ) -> tuple[MRTFile, ...]:
        """The files with records of `window`, by time.

        Args:
            window: Of the records; files reach beyond it.
            collectors: Such as `rrc06`; all when empty.
            projects: `ris`, `routeviews`; all when empty.
            record_types: `ribs`, `updates`.
            table_at_start: Whether `ribs` means the latest table at or before the start of the window, rather
                than those dumped within it.
            progress: Told how far it is, from any thread, one call at a time.

        Raises:
            BackendError: Broker or server are down, slow, or wrong.
            DataError: There is no such data, or no room for it.
        """
        listed = self.find(window, collectors, projects, record_types, table_at_start=table_at_start)
        return tuple(MRTFile(got.path, got.file.source) for got in self.download(listed, progress))

    def find(
        self,
        window: Window,
        collectors: Sequence[str] = (),
        projects: Sequence[str] = (),
        record_types: Sequence[str] = ("updates",),
        *,
        table_at_start: bool = False,
    ) -> tuple[ArchiveFile, ...]:
        """What `fetch` would fetch.

        Raises:
            BackendError: The broker is down, slow, or wrong.
            DataError: There is no such data.
        """
        names = tuple(dict.fromkeys(map(collector_named, collectors)))
        wanted_projects = tuple(dict.fromkeys(map(project_named, projects)))
        found: list[ArchiveFile] = []
        for record_type in dict.fromkeys(map(record_type_named, record_types)):
            at_start = table_at_start and record_type == "ribs"
            searched = _before(window) if at_start else window
            files = self.broker.search(searched, names, wanted_projects, record_type)
            self._check_complete(files, names, record_type, searched)
            found += _latest(files) if at_start else files
        return tuple(sorted(found, key=lambda file: (file.from_time, file.source, file.record_type)))

    def download(
        self, files: Sequence[ArchiveFile], progress: ProgressCallback | None = None
    ) -> tuple[Fetched, ...]:
        """Fetch files, several at once, in the order given; those in the cache are checked instead.

        Raises:
            BackendError: A server is down, slow, or wrong; what was fetched until then is kept.
            DataError: There is no room for a file.
        """
        expected = sum(file.size_bytes for file in files)
        if expected > self.cache.max_bytes:
            raise DataError(
                "cache_full",
                f"The {len(files):,} files have about {expected:,} bytes, and the cache {self.cache.folder} "
                f"holds at most {self.cache.max_bytes:,}.",
                "Allow the cache more, narrow the window, or name fewer collectors.",
            )
        cancelled = threading.Event()
        tally = _Tally(files, progress)
        with ThreadPoolExecutor(max(1, self._options.parallel), "fetch") as pool:
            running: list[Future[Fetched]] = []
            try:
                running += [pool.submit(self._obtain, file, tally, cancelled) for file in files]
                for ended in wait(running, return_when=FIRST_EXCEPTION).done:
                    ended.result()
            except BaseException:
                cancelled.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return tuple(future.result() for future in running)

    def _obtain(self, file: ArchiveFile, tally: "_Tally", cancelled: threading.Event) -> Fetched:
        with self.cache.writing(file) as entry:
            was_cached = entry.is_valid()
            if not was_cached:

                def reserve(total: int) -> None:
                    tally.expect(file, total)
                    self.cache.make_room(file, total)

                Download(
                    self._http,
                    file.url,
                    entry.path,
                    self._options.download,
                    replace(self._options.retries, sleep=sleep_using_event(cancelled)),
                    reserve,
                    lambda total: tally.receive(file, total),
                    cancelled,
                ).run()
                entry.complete(file.url)
                # Servers need not say beforehand how long a file is.
                self.cache.make_room(file, entry.path.stat().st_size)
            tally.finish(file, entry.path.stat().st_size)
            return Fetched(file, entry.path, was_cached)

    def _check_complete(
        self, files: Sequence[ArchiveFile], names: Sequence[str], record_type: RecordType, window: Window
    ) -> None:
        """Every collector asked for must have something.

        Raises:
            DataError: `unknown_collector` or `no_data`.
        """
        missing = [name for name in names if all(file.source.collector != name for file in files)]
        if files and not missing:
            return
        known = self.broker.collectors() if missing else frozenset()
        unknown = [name for name in missing if known and name not in known]
        if unknown:
            raise DataError(
                "unknown_collector",
                f"The broker knows no collector {' or '.join(unknown)}.",
                f"It knows {', '.join(sorted(known))}.",
            )
        whose = f" of {' or '.join(missing)}" if missing else ""
        raise DataError(
            "no_data",
            f"The broker at {self.broker.host} lists no {record_type}{whose} from {window}.",
            "Check collectors and times (UTC)."
            + (" Tables are dumped every 2 or 8 hours." if record_type == "ribs" else ""),
        )


class _Tally:
    """Adds up what the threads have done."""

    def __init__(self, files: Sequence[ArchiveFile], progress: ProgressCallback | None) -> None:
        self._expected = {file: file.size_bytes for file in files}
        self._received = dict.fromkeys(files, 0)
        self._now = FetchProgress(len(self._expected), 0, 0, sum(self._expected.values()))
        self._progress = progress
        self._lock = threading.Lock()

    def expect(self, file: ArchiveFile, size_bytes: int) -> None:
        with self._lock:
            more = size_bytes - self._expected[file]
            self._expected[file] = size_bytes
            self._tell(replace(self._now, bytes_expected=self._now.bytes_expected + more))

    def receive(self, file: ArchiveFile, size_bytes: int) -> None:
        with self._lock:
            more = size_bytes - self._received[file]
            self._received[file] = size_bytes
            self._tell(replace(self._now, bytes_done=self._now.bytes_done + more))

    def finish(self, file: ArchiveFile, size_bytes: int) -> None:
        self.expect(file, size_bytes)
        self.receive(file, size_bytes)
        with self._lock:
            self._tell(replace(self._now, files_done=self._now.files_done + 1))

    def _tell(self, now: FetchProgress) -> None:
        self._now = now
        if self._progress:
            self._progress(now)


def _before(window: Window) -> Window:
    """Where a table at or before the start of `window` may be."""
    start, end = window.from_time - LONGEST_TABLE_AGE_S, math.nextafter(window.from_time, math.inf)
    return Window(max(0.0, start), end)


def _latest(files: Sequence[ArchiveFile]) -> list[ArchiveFile]:
    """The last file of each collector; `files` are sorted by time."""
    return [*{file.source: file for file in files}.values()]
