"""Downloaded files on disk: checked, bounded, shared by processes.

    cache = DownloadCache(folder, max_bytes=20 << 30)
    with cache.writing(file) as entry:
        if not entry.is_valid():
            …                        # write partial_of(entry.path)
            entry.complete(url)
    cache.close()                    # until then, the files it gave out are not removed

Beside each file `NAME.json` tells where it came from and its SHA-256, which is compared before each use; the
time of that note is the time of the last use. When room is needed, the files unused for longest go first.
"""

import contextlib
import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.tools.bgp.archive.download import partial_of, read_state, state_of
from herdwick.tools.bgp.archive.files import ArchiveFile
from herdwick.tools.bgp.archive.leases import Lease, leased
from herdwick.tools.errors import DataError
from herdwick.tools.file_hash import sha256_of
from herdwick.tools.whole_file import write_whole

logger = logging.getLogger(__name__)

MAX_CACHE_BYTES = 20 << 30
_FORGOTTEN_S = 24 * 3600
"""Age at which a small file that a killed process left is removed."""


class Note(BaseModel):
    """What is known of a file in the cache.

    Attributes:
        url: Where it came from.
        sha256: Of its bytes when they arrived, in hexadecimal.
        size_bytes: How many there were.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    sha256: str
    size_bytes: int


def note_of(path: Path) -> Path:
    """Where the note about a file is."""
    return path.with_name(f"{path.name}.json")


@dataclass(frozen=True)
class Entry:
    """The place of one file; whoever has it may write there."""

    path: Path

    def is_valid(self) -> bool:
        """Whether the file is there and has the bytes that once arrived; what is damaged is removed."""
        try:
            note = Note.model_validate_json(note_of(self.path).read_bytes())
            if sha256_of(self.path) == note.sha256:
                os.utime(note_of(self.path))
                return True
            logger.warning("%s was damaged and is fetched again.", self.path)
        except (FileNotFoundError, ValidationError):
            pass
        self.path.unlink(missing_ok=True)
        note_of(self.path).unlink(missing_ok=True)
        return False

    def complete(self, url: str) -> None:
        """Make the partial file, which has all its bytes, the file."""
        partial = partial_of(self.path)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        note = Note(url=url, sha256=digest, size_bytes=partial.stat().st_size)
        # Killed in between, the note waits for its file: the next run finds all bytes and renames them.
        write_whole(note_of(self.path), note.model_dump_json().encode())
        partial.replace(self.path)
        state_of(self.path).unlink(missing_ok=True)


@dataclass(frozen=True)
class _Stored:
    """What takes room: a file, or the beginning of one with the room it will need."""

    path: Path
    size_bytes: int
    last_use: float


class DownloadCache:
    """Files in a folder; safe to share between threads and processes.

    Args:
        folder: Where they are; default: in the user's cache folder.
        max_bytes: Most bytes kept.

    Raises:
        DataError: `cache_unusable`; the folder cannot be written.
    """

    def __init__(self, folder: Path | None = None, max_bytes: int = MAX_CACHE_BYTES) -> None:
        self.folder = folder or platformdirs.user_cache_path("herdwick") / "mrt"
        self.max_bytes = max_bytes
        with self._explaining():
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._whole_cache():
                self._lease = Lease(self.folder)

    def close(self) -> None:
        """Let go of the files; closing twice is harmless."""
        self._lease.end()

    @contextmanager
    def writing(self, file: ArchiveFile) -> Iterator[Entry]:
        """The place of a file, for one writer at a time; the file is in use from here until `close`.

        Raises:
            DataError: `cache_unusable`.
        """
        path = self.folder / file.cache_path
        with self._explaining():
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._whole_cache():
                self._lease.add(str(file.cache_path))
            with FileLock(_lock_of(path), thread_local=False):
                yield Entry(path)

    def make_room(self, file: ArchiveFile, size_bytes: int) -> None:
        """Remove files unused for longest until `size_bytes` fit in for `file`.

        Raises:
            DataError: `cache_full` or `disk_full`; they would not fit even so.
        """
        own = self.folder / file.cache_path
        with self._explaining(), self._whole_cache():
            stored = [item for item in self._stored() if item.path not in (own, partial_of(own))]
            excess = sum(item.size_bytes for item in stored) + size_bytes - self.max_bytes
            for item in self._removable(stored) if excess > 0 else ():
                if excess <= 0:
                    break
                _remove(item.path)
                excess -= item.size_bytes
            if excess > 0:
                raise DataError(
                    "cache_full",
                    f"The cache {self.folder} holds at most {self.max_bytes:,} bytes, and what is in use "
                    f"leaves {excess:,} too few for {own.name}.",
                    "Fetch with `herdwick bgp fetch --max-cache-gib N`, or narrow the window.",
                )
            there = max(_size_of(own), _size_of(partial_of(own)))
            missing = size_bytes - there - shutil.disk_usage(self.folder).free
            if missing > 0:
                raise DataError(
                    "disk_full",
                    f"There is no room for {own.name} in {self.folder}: {missing:,} bytes are missing.",
                    "Free some, or set XDG_CACHE_HOME to a folder elsewhere.",
                )

    def _removable(self, stored: list[_Stored]) -> Iterator[_Stored]:
        """What nobody reads or writes, longest unused first."""
        in_use = {self.folder / name for name in leased(self.folder)}
        for item in sorted(stored, key=lambda item: item.last_use):
            if item.path not in in_use and _finished(item.path) not in in_use:
                yield item

    def _stored(self) -> Iterator[_Stored]:
        for path in self.folder.glob("*/*/*/*"):
            with contextlib.suppress(FileNotFoundError):
                if path.name.startswith("."):
                    _sweep(path)
                elif path.suffix == ".partial":
                    status, state = path.stat(), read_state(_finished(path))
                    size = max(status.st_size, (state and state.total_bytes) or 0)
                    yield _Stored(path, size, status.st_mtime)
                elif path.suffix != ".json":
                    note = note_of(path)
                    last_use = note.stat().st_mtime if note.exists() else 0.0
                    yield _Stored(path, path.stat().st_size, last_use)

    def _whole_cache(self) -> FileLock:
        """Held for moments: while files are chosen for removal, nobody begins to use one."""
        return FileLock(self.folder / ".lock", thread_local=False)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DataError(
                "cache_unusable",
                f"The cache {self.folder} cannot be used: {error.strerror or error}.",
                "Set XDG_CACHE_HOME to a folder that can be written.",
            ) from error


def _finished(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".partial"))


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


def _remove(path: Path) -> None:
    """Remove a file that nobody uses, so that nobody holds or awaits its lock either."""
    final = _finished(path)
    for part in (path, state_of(final), note_of(final), _lock_of(final)):
        part.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    if path.suffix == ".part" and time.time() - path.stat().st_mtime > _FORGOTTEN_S:
        path.unlink(missing_ok=True)
