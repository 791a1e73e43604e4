"""What is said when a file of a run cannot be written.

raise unwritable(file, error) from error
"""

import errno
from pathlib import Path

from herdwick.tools.errors import DataError


def unwritable(path: Path, error: OSError) -> DataError:
    """The failure to write a file of a run: `disk_full`, or `unwritable` for another reason."""
    full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
    return DataError(
        "disk_full" if full else "unwritable",
        f"{path.name} cannot be written: {error.strerror}.",
        "Make room; the same command continues where this one stopped." if full else "Check the folder.",
    )
