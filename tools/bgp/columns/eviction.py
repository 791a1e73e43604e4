"""Makes room in the cache of columns.

    evict(home)          # while the lock of the cache is held
    touch(folder)        # it was used

Columns of another version are of no more use, and the longest unused go first where all take more room than
`MAX_BYTES`. What was used a moment ago stays, whatever its size: somebody may be reading it.
"""

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from herdwick.tools.bgp.columns.kept import META
from herdwick.tools.bgp.columns.schema import VERSION

MAX_BYTES = 20 << 30
"""As much as the cache of downloads may take."""

IN_USE_S = 24 * 3600.0
"""Nobody reads columns for longer without opening them anew."""


@dataclass(frozen=True)
class _Folder:
    path: Path
    size: int
    used: float


def touch(folder: Path) -> None:
    """Note that columns are being used."""
    # Of a cache that others made, and this user may only read, nothing is evicted by this user either.
    with contextlib.suppress(OSError):
        os.utime(folder / META)


def evict(home: Path, max_bytes: int = MAX_BYTES) -> None:
    """Remove columns of other versions, and the longest unused ones beyond `max_bytes`.

    Args:
        home: Folder of the cache, whose lock the caller holds.
        max_bytes: What may stay.
    """
    folders = sorted(_folders(home), key=lambda folder: folder.used)
    total = sum(folder.size for folder in folders)
    latest = time.time() - IN_USE_S
    for folder in folders:
        is_old = not folder.path.name.endswith(f"-{VERSION}")
        if (is_old or total > max_bytes) and folder.used < latest:
            shutil.rmtree(folder.path, ignore_errors=True)
            total -= folder.size


def _folders(home: Path) -> list[_Folder]:
    found = []
    for meta in home.glob(f"[!.]*/{META}"):
        try:
            size = sum(file.stat().st_size for file in meta.parent.iterdir())
            found.append(_Folder(meta.parent, size, meta.stat().st_mtime))
        except FileNotFoundError:
            continue  # Another process has just replaced it.
    return found
