"""How full a running sandbox's scratch space is, seen from outside.

files_made(bubblewrap.pid)      # 3

Bubblewrap bounds its bytes, not its files, and an empty one costs the kernel about 1 KB that counts nowhere
else. Where the kernel does not let us look, they are bounded by the time that the script may compute.
"""

import os
from pathlib import Path

from herdwick.tools.sandbox.scripts.bubblewrap import SCRATCH

_GENERATIONS = 2
"""Below the bubblewrap that was started stands one inside, and below that the script."""


def files_made(bubblewrap_pid: int) -> int | None:
    """Files, folders and links in the scratch space of a script that runs.

    Before that there is no such space yet, and what is found in its place is the host's.

    Args:
        bubblewrap_pid: The process that was started, not waited for yet.

    Returns:
        How many; None where that cannot be seen, as when the script has just ended.
    """
    try:
        pid = bubblewrap_pid
        for _ in range(_GENERATIONS):
            pid = _only_child(pid)
        space = os.statvfs(f"/proc/{pid}/root{SCRATCH}")
    except (OSError, ValueError):
        return None
    # The folder itself is one.
    return space.f_files - space.f_ffree - 1


def _only_child(pid: int) -> int:
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)
