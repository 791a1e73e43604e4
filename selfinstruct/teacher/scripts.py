"""PyBGPStream scripts that a teacher wrote, run over the lab capture and over one in which nothing happens.

    with open_scripts(wall_s=30.0, live=False) as scripts:
        scripts.run(task)

The sandbox has no network: a script that listens to a live stream hears the capture's updates replayed, as
those of RIS Live's collector rrc00.
"""

import ast
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from herdwick.selfinstruct.teacher.execution import Unfit, code_of
from herdwick.selfinstruct.teacher.reply import Task
from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.bgp.engine.sources import MRTFile, find_files
from herdwick.tools.bgp.quiet import quiet_files
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
        eventful = find_files([LAB])
        if live:
            eventful = _replayed(eventful)
        yield Scripts(wall_s, eventful, quiet_files(eventful, Path(folder)))


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


def _replayed(files: Iterable[MRTFile]) -> tuple[MRTFile, ...]:
    """The updates among `files`, as if RIS Live had sent them; it sends no tables."""
    return tuple(MRTFile(file.path, _RIS_LIVE) for file in files if file.path.name.startswith("updates."))


def _reads_clock(source: str) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id) in _CLOCKS
        for node in ast.walk(ast.parse(source))
    )
