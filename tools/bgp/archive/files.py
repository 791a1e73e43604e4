"""Files of an archive as a broker lists them, and where the cache keeps them.

file = ArchiveFile(url, Source("rrc06", "ris"), "updates", 1427846400.0, 1427846700.0)
file.cache_path     # ris/rrc06/2015.04/ris.rrc06.updates.1427846400.1b6bd2e0.gz

Folders are those of the archives, names those of libbgpstream's cache, so that `engine.sources` tells the
collector from either. A piece of the URL's hash keeps files of different servers apart.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Literal, get_args

from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.bgp.times import show_time
from herdwick.tools.errors import DataError

RecordType = Literal["ribs", "updates"]

RECORD_TYPES: dict[str, RecordType] = {
    "rib": "ribs",
    "ribs": "ribs",
    "update": "updates",
    "updates": "updates",
}
"""What brokers and people write."""

PROJECTS = {
    "ris": "ris",
    "ripe": "ris",
    "riperis": "ris",
    "ripe-ris": "ris",
    "routeviews": "routeviews",
    "route-views": "routeviews",
    "rv": "routeviews",
}
"""Names of projects as brokers and people write them."""

MAX_TIME = 2**32
"""MRT has 32 bits for seconds since 1970 (RFC 6396, section 2)."""

_COLLECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9])){0,63}")
_RIS_COLLECTOR = re.compile(r"rrc\d+")
_SUFFIXES = (".gz", ".bz2", ".xz")


@dataclass(frozen=True)
class Window:
    """A span of time `[from_time, until_time)`, in seconds since 1970 UTC."""

    from_time: float
    until_time: float

    def __post_init__(self) -> None:
        """Refuse a window that is the wrong way round.

        Raises:
            DataError: It ends before it begins, or lies outside the times that MRT can tell.
        """
        if not (0 <= self.from_time <= MAX_TIME and 0 <= self.until_time <= MAX_TIME):
            raise DataError(
                "bad_window", "There is no BGP data of that time.", "Give times from 1970 until 2106."
            )
        if not self.from_time < self.until_time:
            raise DataError(
                "bad_window",
                f"The window from {show_time(self.from_time)} until {show_time(self.until_time)} is empty.",
                "Give the earlier time as the start.",
            )

    def __str__(self) -> str:
        return f"{show_time(self.from_time)} until {show_time(self.until_time)}"


@dataclass(frozen=True)
class ArchiveFile:
    """One MRT file on a server.

    Attributes:
        url: Where it is.
        source: Collector and project.
        record_type: Tables or updates.
        from_time: Of its first record, or of the table, in seconds since 1970 UTC.
        until_time: After its last record; of a table, the same as `from_time`.
        size_bytes: As the broker says, often rounded; 0 if it does not say.
    """

    url: str
    source: Source
    record_type: RecordType
    from_time: float
    until_time: float
    size_bytes: int = 0

    def overlaps(self, window: Window) -> bool:
        """Whether it has records of `window`; a table has if it was dumped then."""
        if self.record_type == "ribs":
            return window.from_time <= self.from_time < window.until_time
        return self.from_time < window.until_time and self.until_time > window.from_time

    @property
    def cache_path(self) -> PurePosixPath:
        """Its place below the folder of a cache. Nothing in it is taken from the URL but a known suffix."""
        project, collector = self.source.project, self.source.collector
        month = datetime.fromtimestamp(self.from_time, UTC).strftime("%Y.%m")
        mark = hashlib.sha256(self.url.encode(errors="replace")).hexdigest()[:8]
        suffix = next((suffix for suffix in _SUFFIXES if self.url.endswith(suffix)), "")
        name = f"{project}.{collector}.{self.record_type}.{int(self.from_time)}.{mark}{suffix}"
        return PurePosixPath(project, collector, month, name)


def source_named(collector: str, project: str = "") -> Source:
    """The source that a broker names; without a project, the collector's name tells it.

    Raises:
        DataError: A name could not be the name of a folder, or there is no such project.
    """
    checked = collector_named(collector)
    if project:
        return Source(checked, project_named(project))
    return Source(checked, "ris" if _RIS_COLLECTOR.fullmatch(checked) else "routeviews")


def collector_named(name: str) -> str:
    """`name`, if it may be the name of a collector.

    Raises:
        DataError: It may not: it could lead out of the cache's folder.
    """
    if not _COLLECTOR.fullmatch(name):
        raise DataError(
            "unknown_collector",
            f"{name!r} is no collector.",
            "Name collectors such as rrc06 or route-views2.",
        )
    return name


def project_named(name: str) -> str:
    """`ris` or `routeviews`, however it was written.

    Raises:
        DataError: There is no such project.
    """
    project = PROJECTS.get(name.strip().lower())
    if project is None:
        raise DataError("unknown_project", f"{name!r} is no project.", "The projects are ris and routeviews.")
    return project


def record_type_named(name: str) -> RecordType:
    """`ribs` or `updates`, however it was written.

    Raises:
        DataError: There is no such type of records.
    """
    record_type = RECORD_TYPES.get(name.strip().lower())
    if record_type is None:
        known = " and ".join(get_args(RecordType))
        raise DataError("unknown_record_type", f"{name!r} is no record type.", f"The types are {known}.")
    return record_type
