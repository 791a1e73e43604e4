"""What reading one file costs, in a process that does nothing else.

read(Path("updates.gz")).memory_mb
"""

import gc
import re
import resource
import sys
import time
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from herdwick.tools.bgp.engine.compression import CHUNK_BYTES, Expanded
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
    """Reads `path` with ftlbgp, which must be installed, for the values that an elem has.

    Left to itself ftlbgp gives addresses and communities as numbers, no session states, and of the attributes
    neither MED, LOCAL_PREF nor the aggregator. Paths are tuples of numbers all the same, where ours are text.
    """
    from ftlbgp import BgpParser

    asked = _as_elems(BgpParser.bgp)
    gc.collect()
    started = time.process_time()
    with BgpParser(**asked) as parse:
        elems = sum(1 for _ in parse(str(path)))
    return Reading(elems, time.process_time() - started, _memory_mb())


def expanding_s(path: Path) -> float:
    """Seconds of one core that it takes to read `path` from the disk and to expand it."""
    started = time.process_time()
    with path.open("rb") as raw:
        stream = Expanded(raw)
        while stream.read(CHUNK_BYTES):
            pass
    return time.process_time() - started


def _as_elems(bgp: Any) -> dict[str, int]:
    """What to ask ftlbgp for; its `human` values are texts."""
    route, state, records = bgp.route, bgp.state_change, bgp.records
    numbers = ("source", "timestamp", "peer_as", "path_id", "multi_exit_disc", "local_pref", "aggregator_as")
    texts = ("peer_ip", "nexthop_ip", "prefix", "aspath", "origin", "communities", "large_communities")
    further = ("extended_communities", "aggregator_ip")
    wanted = [getattr(route, name) for name in (*numbers, "atomic_aggregate")]
    wanted += [getattr(route.human, name) for name in texts + further]
    states = [
        state.timestamp,
        state.peer_as,
        state.human.peer_ip,
        state.human.old_state,
        state.human.new_state,
    ]
    return {
        "bgp_records": records.route | records.state_change,
        "bgp_route": reduce(or_, wanted),
        "bgp_state_change": reduce(or_, states),
    }


def _memory_mb() -> float:
    # The kernel's ru_maxrss of a new process begins with that of the process which started it.
    status = Path("/proc/self/status")
    if status.exists() and (peak := _PEAK.search(status.read_text(encoding="ascii"))):
        return int(peak[1]) / 1024
    peak_size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_size / (1 << 20 if sys.platform == "darwin" else 1 << 10)
