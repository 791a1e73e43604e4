"""What running a script means: limits, result, failure.

    run = run_isolated(source, Supplies(mounts=mounts), ScriptLimits(wall_s=30))
    run.stdout, run.exit_code

Every way of being contained has a kind of its own; `ScriptFailure.run` has what the script had printed until
then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from pydantic import JsonValue

from herdwick.tools.errors import ProgramError

DataKind = Literal[
    "no_data",
    "unknown_collector",
    "live",
    "bad_window",
    "bad_time",
    "bad_filter",
    "bad_interface",
    "stream_started",
    "no_file",
    "unreadable",
    "corrupt",
    "empty_file",
    "not_mrt",
]
"""What the data module refuses; a script may claim these of itself, and no others."""

Kind = Literal[
    "syntax",
    "runtime",
    "crashed",
    "no_report",
    "time_limit",
    "memory_limit",
    "output_limit",
    "disk_limit",
    "file_limit",
    "process_limit",
    "network",
    "forbidden_call",
    "too_long",
    "sandbox_unavailable",
    DataKind,
]
"""What can become of a script other than an end of its own."""

DATA_KINDS: frozenset[str] = frozenset(get_args(DataKind))


@dataclass(frozen=True)
class ScriptLimits:
    """What one script may use.

    Attributes:
        wall_s: Time from start to end, in seconds.
        cpu_s: Time it may compute, in whole seconds.
        memory_bytes: Address space of its one process.
        stdout_bytes, stderr_bytes: What is kept of what it prints; the rest is thrown away.
        output_bytes: What it may print altogether before it is stopped.
        disk_bytes: Its scratch space, in memory; also the largest file.
        files: Files, folders and links in its scratch space, each of which costs the kernel about 1 KB that
            counts nowhere else.
        open_files: File descriptors.
        script_chars: Length of the source.
    """

    wall_s: float = 120.0
    cpu_s: int = 120
    memory_bytes: int = 2**30
    stdout_bytes: int = 2**20
    stderr_bytes: int = 2**16
    output_bytes: int = 64 * 2**20
    disk_bytes: int = 32 * 2**20
    files: int = 20_000
    open_files: int = 256
    script_chars: int = 100_000


@dataclass(frozen=True)
class ScriptRun:
    """How a script ended, and what it printed until then.

    Attributes:
        exit_code: Its own; 1 after an exception; 128 and the signal's number where a signal ended it.
        stdout, stderr: What it printed, as far as the limits keep it.
        stdout_truncated, stderr_truncated: Whether something was thrown away.
        seconds: From start to end, the sandbox's own start included.
        evidence: What the modules handed to it say it did; a hostile script can forge this, and nothing else.
    """

    exit_code: int
    stdout: str = ""
    stderr: str = ""
    stdout_truncated: bool = False
    stderr_truncated: bool = False
    seconds: float = 0.0
    evidence: Mapping[str, JsonValue] = field(default_factory=dict)


class ScriptFailure(ProgramError):
    """A script that was refused, stopped, or failed.

    Attributes:
        run: How far it got; None if it never started.
    """

    def __init__(self, kind: Kind, message: str, hint: str = "", run: ScriptRun | None = None) -> None:
        super().__init__(kind, message, hint)
        self.run = run
