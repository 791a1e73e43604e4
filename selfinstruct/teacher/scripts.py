"""PyBGPStream scripts that a teacher wrote, run over the lab capture and over one in which nothing happens.

    with open_scripts(wall_s=30.0, live=False) as scripts:
        scripts.run(task)

The sandbox has no network: a script that listens to a live stream hears the capture's updates replayed, as
those of RIS Live's collector rrc00.
"""

import ast
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from herdwick.selfinstruct.teacher.execution import Unfit, code_of
from herdwick.selfinstruct.teacher.reply import Task
from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.bgp.engine.sources import MRTFile, find_files
from herdwick.tools.bgp.scripts import Bounds, run_script
from herdwick.tools.bgp.scripts.supply import LAB, LAB_WINDOW
from herdwick.tools.sandbox.scripts import ScriptFailure, ScriptLimits
from herdwick.tools.sandbox.scripts.bubblewrap import find_bubblewrap

_CLOCKS = frozenset({"now", "utcnow", "today", "time", "monotonic", "perf_counter", "random", "uuid4"})
_RIS_LIVE = Source("rrc00", "ris")
_CLOCK_STEP_S = 1.1
"""Between two runs of a script that may print the time, whose formats are mostly no finer than a second."""


@contextmanager
def open_scripts(wall_s: float, *, live: bool) -> Iterator["Scripts"]:
    """Make ready to run scripts, each for at most `wall_s` seconds, over a capture or a live stream.

    Raises:
        ScriptFailure: There is no sandbox.
    """
    # A run must not end after an hour for want of what was never there.
    find_bubblewrap()
    with tempfile.TemporaryDirectory(prefix="herdwick-quiet-") as folder:
        quiet = quiet_capture(Path(folder))
        if live:
            yield Scripts(wall_s, _replayed(LAB), _replayed(quiet))
        else:
            yield Scripts(wall_s, find_files([LAB]), find_files([quiet]))


@dataclass(frozen=True)
class Scripts:
    """Runs scripts.

    Attributes:
        wall_s: Longest run, in seconds.
        eventful: Files in which something happens.
        quiet: Files in which nothing does.
    """

    wall_s: float
    eventful: tuple[MRTFile, ...]
    quiet: tuple[MRTFile, ...]

    def run(self, task: Task) -> str:
        """What the script printed.

        Raises:
            Unfit: It is not kept.
        """
        source = code_of(task.output)
        printed, elems = self._printed(source, self.eventful)
        if not printed.strip():
            raise Unfit("no_result", "The script prints nothing.")
        if not elems:
            raise Unfit("reads_nothing", "The script reads no elem of the capture.")
        control = self._control(source)
        if control is not None and control == printed:
            raise Unfit("trivial", "The script prints the same when nothing happens.")
        if control is not None and _reads_clock(source):
            time.sleep(_CLOCK_STEP_S)
            if self._control(source) != control:
                raise Unfit("not_repeatable", "The script prints something else each time.")
        return printed

    def _printed(self, source: str, files: tuple[MRTFile, ...]) -> tuple[str, int]:
        """What a script prints over `files`, and how many elems it was given."""
        limits = ScriptLimits(wall_s=self.wall_s, cpu_s=max(1, round(self.wall_s)))
        bounds = Bounds(LAB_WINDOW.from_time, LAB_WINDOW.until_time)
        try:
            result = run_script(source, files, limits, bounds)
        except ScriptFailure as failure:
            if failure.external:
                raise
            raise Unfit(f"code_{failure.kind}", failure.message) from failure
        if result.exit_code:
            raise Unfit("code_exit", f"The script ended with exit code {result.exit_code}.")
        return result.stdout, sum(read.elems for read in result.reads)

    def _control(self, source: str) -> str | None:
        """What it prints when nothing happens; None where it then fails, as one may that needs data."""
        try:
            return self._printed(source, self.quiet)[0]
        except Unfit:
            return None


def _replayed(folder: Path) -> tuple[MRTFile, ...]:
    """The updates in a folder, as if RIS Live had sent them; it sends no tables."""
    return tuple(MRTFile(file, _RIS_LIVE) for file in sorted(folder.glob("updates.*")))


def _reads_clock(source: str) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id) in _CLOCKS
        for node in ast.walk(ast.parse(source))
    )


def quiet_capture(folder: Path) -> Path:
    """The lab capture's files as they would be if its collector had no routes and heard only keepalives."""
    collector = folder / LAB.name
    collector.mkdir()
    for file in LAB.iterdir():
        name = file.name.removesuffix(".gz")
        minute = int(name.rpartition(".")[2][-2:])
        body = _no_routes if name.startswith("rib") else _keepalive
        (collector / name).write_bytes(body(_LAB_START + 60 * minute))
    return collector


_LAB_START = 1_767_225_600
"""2026-01-01 00:00:00 UTC."""


def _keepalive(at: int) -> bytes:
    """BGP4MP_MESSAGE_AS4 (RFC 6396, section 4.4.3) with a KEEPALIVE (RFC 4271, section 4.4)."""
    peer, collector = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 254])
    message = b"\xff" * 16 + struct.pack("!HB", 19, 4)
    body = struct.pack("!IIHH", 64_496, 64_511, 0, 1) + peer + collector + message
    return struct.pack("!IHHI", at, 16, 4, len(body)) + body


def _no_routes(at: int) -> bytes:
    """A TABLE_DUMP_V2 PEER_INDEX_TABLE without peers (RFC 6396, section 4.3.1), and no routes behind it."""
    body = bytes([192, 0, 2, 254]) + struct.pack("!HH", 0, 0)
    return struct.pack("!IHHI", at, 13, 1, len(body)) + body
