"""Folders in which columns are made, and what becomes of those whose maker was killed.

    with making(home) as folder:
        …                               # write into it
        publish(folder, home / name)    # or it is removed at the end

A maker holds the lock beside its folder; the system frees the lock of a killed process, and the next one that
makes something there removes the folder. Folders begin, and are swept, only while the lock of the whole cache
is held, so that none is taken for abandoned before its own lock is.
"""

import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from herdwick.tools.bgp.columns.eviction import evict
from herdwick.tools.bgp.columns.kept import whole

MAX_WAIT_S = 60.0
"""Longest wait for others that begin or sweep, which takes moments."""

ABANDONED_AFTER_S = 3600.0
"""Of a folder that has no lock, as earlier versions made them: the longest that its files stood still."""

_PREFIX = ".making-"


@contextmanager
def making(home: Path) -> Iterator[Path]:
    """A new folder below `home`, which is removed afterwards if it was not published.

    Raises:
        OSError: `home` cannot be written.
    """
    home.mkdir(parents=True, exist_ok=True)
    folder = home / f"{_PREFIX}{uuid.uuid4().hex}"
    lock = FileLock(_lock_path(folder), thread_local=False)
    with _cache_lock(home):
        _sweep(home)
        evict(home)
        lock.acquire(timeout=0)
        folder.mkdir()
    try:
        yield folder
    finally:
        # What cannot be removed now is swept later.
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        _lock_path(folder).unlink(missing_ok=True)


def publish(made: Path, folder: Path) -> None:
    """Give finished columns their name, unless another process was faster; damaged ones give way.

    Raises:
        OSError: `made` cannot be renamed.
    """
    try:
        made.rename(folder)
    except OSError:
        with _cache_lock(folder.parent):
            if whole(folder) is None:
                shutil.rmtree(folder, ignore_errors=True)
                made.rename(folder)


def _sweep(home: Path) -> None:
    """Remove the folders of makers that have ended; the cache's lock is held."""
    for lock in home.glob(f"{_PREFIX}*.lock"):
        try:
            with FileLock(lock).acquire(timeout=0):
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink(missing_ok=True)
        except Timeout:
            continue  # Its maker is at work.
    for folder in home.glob(f"{_PREFIX}*"):
        if folder.suffix != ".lock" and not _lock_path(folder).exists() and _stands_still(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _stands_still(folder: Path) -> bool:
    try:
        latest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
    except FileNotFoundError:
        return False  # Its maker has just removed it.
    return time.time() - latest > ABANDONED_AFTER_S


def _lock_path(folder: Path) -> Path:
    return folder.with_suffix(".lock")


def _cache_lock(home: Path) -> FileLock:
    return FileLock(home / ".lock", timeout=MAX_WAIT_S)
