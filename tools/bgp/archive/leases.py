"""Which files of a shared folder are in use, by any process, however those processes end.

    lease = Lease(folder)
    lease.add("ris/rrc06/2015.04/updates.gz")
    leased(folder)         # {'ris/rrc06/2015.04/updates.gz'}
    lease.end()

A lease is a list of names beside a lock that its process holds; the system frees the lock of a killed
process, and the list is then removed by whoever finds it. Leases begin, and are looked at, only while the
lock of the whole folder is held; they end at any time.
"""

import uuid
from pathlib import Path

from filelock import FileLock, Timeout

FOLDER = ".leases"


class Lease:
    """The files that one reader uses.

    Args:
        folder: The shared folder.

    Raises:
        OSError: It cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        leases = folder / FOLDER
        leases.mkdir(parents=True, exist_ok=True)
        self._names = leases / f".{uuid.uuid4().hex}.txt"
        self._lock = _lock_of(self._names)
        self._lock.acquire(timeout=0)

    def add(self, name: str) -> None:
        """Note a file; it is safe from the return of this call on."""
        with self._names.open("a", encoding="utf-8") as file:
            file.write(f"{name}\n")

    def end(self) -> None:
        """Use none of them any more; ending twice is harmless."""
        self._names.unlink(missing_ok=True)
        self._lock.release()
        _lock_path(self._names).unlink(missing_ok=True)


def leased(folder: Path) -> frozenset[str]:
    """The files of `folder` that are in use; lists of processes that have ended are removed."""
    names: set[str] = set()
    for lock in (folder / FOLDER).glob(".*.lock"):
        path = lock.with_suffix(".txt")
        try:
            with _lock_of(path).acquire(timeout=0):
                path.unlink(missing_ok=True)
                lock.unlink(missing_ok=True)
        except Timeout:
            names.update(_lines(path))
    return frozenset(names)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _lock_of(names: Path) -> FileLock:
    # Acquired in one thread, it may be released in another.
    return FileLock(_lock_path(names), thread_local=False)


def _lock_path(names: Path) -> Path:
    return names.with_suffix(".lock")
