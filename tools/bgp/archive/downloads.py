"""Several files at once, from servers or from the cache.

downloads = Downloads(http, cache, parallel=4, limits=DownloadLimits(), retries=RetryPolicy())
for got in downloads.run(files, progress):
    got.path
"""

import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from tenacity.nap import sleep_using_event

from herdwick.tools.bgp.archive.cache import DownloadCache
from herdwick.tools.bgp.archive.download import Download, DownloadLimits
from herdwick.tools.bgp.archive.files import ArchiveFile
from herdwick.tools.bgp.archive.http import HttpReader
from herdwick.tools.bgp.archive.progress import ProgressCallback, Tally
from herdwick.tools.errors import DataError
from herdwick.tools.retries import RetryPolicy


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
class Downloads:
    """How files are downloaded.

    Attributes:
        http: What reads from servers.
        cache: Where files are kept.
        parallel: Downloads at once.
        limits: Bounds of a file.
        retries: When to try again.
    """

    http: HttpReader
    cache: DownloadCache
    parallel: int
    limits: DownloadLimits
    retries: RetryPolicy

    def run(
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
        tally = Tally(files, progress)
        with ThreadPoolExecutor(max(1, self.parallel), "fetch") as pool:
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

    def _obtain(self, file: ArchiveFile, tally: Tally, cancelled: threading.Event) -> Fetched:
        with self.cache.writing(file) as entry:
            was_cached = entry.is_valid()
            if not was_cached:

                def reserve(total: int) -> None:
                    tally.expect(file, total)
                    self.cache.make_room(file, total)

                Download(
                    self.http,
                    file.url,
                    entry.path,
                    self.limits,
                    replace(self.retries, sleep=sleep_using_event(cancelled)),
                    reserve,
                    lambda total: tally.receive(file, total),
                    cancelled,
                ).run()
                entry.complete(file.url)
                # Servers need not say beforehand how long a file is.
                self.cache.make_room(file, entry.path.stat().st_size)
            tally.finish(file, entry.path.stat().st_size)
            return Fetched(file, entry.path, was_cached)
