"""What a window holds, as files on disk.

    with Archive() as archive:
        files = archive.fetch(ArchiveQuery(Window(start, end), collectors=["rrc06"]))
        for elem in Stream(files, from_time=start, until_time=end):
            …

The files are fetched through a cache and are safe from removal until the archive is closed. Nothing missing
is passed over: a collector without data in the window is an error that says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from herdwick.tools.bgp.archive.broker import BROKER_URL, Broker
from herdwick.tools.bgp.archive.cache import MAX_CACHE_BYTES, DownloadCache
from herdwick.tools.bgp.archive.download import DownloadLimits
from herdwick.tools.bgp.archive.downloads import Downloads, Fetched
from herdwick.tools.bgp.archive.files import ArchiveFile
from herdwick.tools.bgp.archive.http import HttpLimits, HttpReader
from herdwick.tools.bgp.archive.progress import FetchProgress, ProgressCallback
from herdwick.tools.bgp.archive.search import ArchiveQuery, search
from herdwick.tools.bgp.engine.sources import MRTFile
from herdwick.tools.closing import Closing
from herdwick.tools.retries import RetryPolicy

__all__ = ["Archive", "ArchiveOptions", "ArchiveQuery", "FetchProgress", "Fetched", "ProgressCallback"]


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


class Archive(Closing):
    """RIS and RouteViews, as one broker lists them.

    Raises:
        BackendError: The broker's URL or the proxy is no good.
        DataError: The cache cannot be used.
    """

    def __init__(self, options: ArchiveOptions | None = None) -> None:
        chosen = options or ArchiveOptions()
        self._http = HttpReader(chosen.http)
        self.broker = Broker(self._http, chosen.broker_url, chosen.retries)
        self.cache = DownloadCache(chosen.cache_folder, chosen.max_cache_bytes)
        self._downloads = Downloads(self._http, self.cache, chosen.parallel, chosen.download, chosen.retries)

    def close(self) -> None:
        """Let go of files and connections; closing twice is harmless."""
        self._http.close()
        self.cache.close()

    def fetch(self, query: ArchiveQuery, progress: ProgressCallback | None = None) -> tuple[MRTFile, ...]:
        """The files with records of the window, by time.

        Args:
            query: Which.
            progress: Told how far it is, from any thread, one call at a time.

        Raises:
            BackendError: Broker or server are down, slow, or wrong.
            DataError: There is no such data, or no room for it.
        """
        return tuple(MRTFile(got.path, got.file.source) for got in self.download(self.find(query), progress))

    def find(self, query: ArchiveQuery) -> tuple[ArchiveFile, ...]:
        """What `fetch` would fetch.

        Raises:
            BackendError: The broker is down, slow, or wrong.
            DataError: There is no such data.
        """
        return search(self.broker, query)

    def download(
        self, files: Sequence[ArchiveFile], progress: ProgressCallback | None = None
    ) -> tuple[Fetched, ...]:
        """Fetch files, several at once, in the order given; those in the cache are checked instead.

        Raises:
            BackendError: A server is down, slow, or wrong; what was fetched until then is kept.
            DataError: There is no room for a file.
        """
        return self._downloads.run(files, progress)
