"""Measures what starting costs: importing the tools, and `herdwick --help`.

    for start in bench_import(runs=5):
        print(start.name, start.spread.median_s, start.ratio)

The peer is Python itself, doing nothing. Runs alternate, so that a busy moment hits all of them.
"""

import shlex
import subprocess
import sys
import time
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from herdwick.agents.cli.spread import Spread
from herdwick.tools.errors import HerdwickError

PEER = "python -c pass"
_COMMANDS = {
    PEER: ("-c", "pass"),
    "import herdwick.tools": ("-c", "import herdwick.tools"),
    "herdwick --help": ("-m", "herdwick.agents.cli", "--help"),
    "herdwick ask --help": ("-m", "herdwick.agents.cli", "ask", "--help"),
}


class StartBench(BaseModel):
    """How long one command took in new processes.

    Attributes:
        name: The command.
        spread: Its durations.
        ratio: Its median over the peer's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    spread: Spread
    ratio: float


def bench_import(runs: int) -> list[StartBench]:
    """Each command `runs` times, the peer first."""
    took_s: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    for _ in range(runs):
        for name, arguments in _COMMANDS.items():
            took_s[name].append(process_seconds(arguments))
    spreads = {name: Spread.of(seconds) for name, seconds in took_s.items()}
    peer_s = spreads[PEER].median_s
    return [
        StartBench(name=name, spread=spread, ratio=spread.median_s / peer_s)
        for name, spread in spreads.items()
    ]


def process_seconds(arguments: Sequence[str], expected: Sequence[int] = (0,)) -> float:
    """Seconds from starting this Python with `arguments` to its end.

    Raises:
        HerdwickError: It ended with another exit code than `expected`.
    """
    started = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - the interpreter itself, with arguments of our own
        [sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    seconds = time.perf_counter() - started
    if done.returncode not in expected:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise HerdwickError(
            "process_failed",
            f"`{shlex.join(['python', *arguments])}` ended with exit code {done.returncode}: {said}",
            "Run that command by itself.",
        )
    return seconds
