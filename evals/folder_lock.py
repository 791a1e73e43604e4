"""One process at a time in a folder.

with locked(Path("runs/dev")):
    ...    # released when the process ends, however it ends
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from herdwick.tools.errors import DataError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other processes out of `folder` while the context lasts.

    Raises:
        DataError: Another process is in it.
        OSError: It cannot be written.
    """
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataError(
                "in_use",
                f"Another process writes into {folder}.",
                "Wait for it, or give another --out folder.",
            ) from error
        yield
