"""What reading one file costs, in a process that does nothing else.

read(Path("updates.gz")).memory_mb
"""

import gc
import re
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from herdwick.tools.bgp.engine.reader import MRTReader

_PEAK = re.compile(r"^VmHWM:\s*(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True)
class Reading:
    """Elems read, seconds of one core, and the most memory that this process ever had."""

    elems: int
    seconds: float
    memory_mb: float


def read(path: Path) -> Reading:
    """Reads `path` with the embedded engine."""
    gc.collect()  # Else what imports left behind is tidied up in the reader's time.
    started = time.process_time()
    elems = sum(1 for _ in MRTReader(path))
    return Reading(elems, time.process_time() - started, _memory_mb())


def read_with_peer(path: Path) -> Reading:
    """Reads `path` with ftlbgp, which must be installed."""
    from ftlbgp import BgpParser

    gc.collect()
    started = time.process_time()
    with BgpParser() as parse:
        elems = sum(1 for _ in parse(str(path)))
    return Reading(elems, time.process_time() - started, _memory_mb())


def _memory_mb() -> float:
    # The kernel's ru_maxrss of a new process begins with that of the process which started it.
    status = Path("/proc/self/status")
    if status.exists() and (peak := _PEAK.search(status.read_text(encoding="ascii"))):
        return int(peak[1]) / 1024
    peak_size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_size / (1 << 20 if sys.platform == "darwin" else 1 << 10)
