"""A child process that is read with bounded memory and killed at its deadline.

    ended = watch(command, descriptors, report, limits)
    ended.status, ended.stdout.kept, ended.stopped_by

The child leads a process group of its own, which is killed as a whole.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

from herdwick.tools.sandbox.scripts.contract import ScriptLimits
from herdwick.tools.sandbox.scripts.scratch import files_made

REPORT_BYTES = 2**20
"""Most that is kept of the report."""

_CHUNK_BYTES = 1 << 16
_GRACE_S = 5.0
"""For what is left in the pipes once the child is dead."""

_LOOK_S = 0.25
"""Between looks at the scratch space; some 30,000 files can be made meanwhile."""

Stop = Literal["time", "output", "files"]
"""The limit for which a child is killed."""


@dataclass
class Capture:
    """What comes out of a pipe, as far as it is kept."""

    limit: int
    kept: bytearray = field(default_factory=bytearray)
    total: int = 0

    def add(self, data: bytes) -> None:
        """Count `data`, and keep what still fits."""
        self.total += len(data)
        self.kept += data[: self.limit - len(self.kept)]

    @property
    def truncated(self) -> bool:
        """Whether something was thrown away."""
        return self.total > len(self.kept)


class Pipe:
    """Both ends of a pipe, for as long as the context.

    Attributes:
        reader, writer: Unbuffered.
    """

    def __init__(self) -> None:
        reader, writer = os.pipe()
        self.reader, self.writer = os.fdopen(reader, "rb", 0), os.fdopen(writer, "wb", 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.reader.close()
        self.writer.close()


@dataclass(frozen=True)
class Ended:
    """A child that is gone.

    Attributes:
        status: Its exit code; negative where a signal ended it.
        stdout, stderr, report: What it wrote.
        seconds: How long it lived.
        stopped_by: The limit for which it was killed; None where it ended by itself.
    """

    status: int
    stdout: Capture
    stderr: Capture
    report: Capture
    seconds: float
    stopped_by: Stop | None


def watch(command: Sequence[str], descriptors: Sequence[int], report: Pipe, limits: ScriptLimits) -> Ended:
    """Run `command` to its end, or to that of a limit.

    Args:
        command: What to run; it gets no input and no environment.
        descriptors: Files that it inherits.
        report: A pipe of which the child gets the writing end; that end is closed here.
        limits: On time, output and files.

    Raises:
        OSError: It cannot be started.
    """
    started = time.perf_counter()
    child = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(*descriptors, report.writer.fileno()),
        env={},
        cwd="/",
        start_new_session=True,
        bufsize=0,
    )
    # Its end shows only when nobody else holds the pipe open.
    report.writer.close()
    captures = (Capture(limits.stdout_bytes), Capture(limits.stderr_bytes), Capture(REPORT_BYTES))
    assert child.stdout is not None
    assert child.stderr is not None
    descriptors = (child.stdout.fileno(), child.stderr.fileno(), report.reader.fileno())
    pipes = dict(zip(descriptors, captures, strict=True))
    guard = _Guard(child, captures, limits, started + limits.wall_s)
    try:
        stopped_by = _read(child, pipes, guard)
        status = child.wait()
    finally:
        _kill(child)
        child.wait()
        child.stdout.close()
        child.stderr.close()
    return Ended(status, *captures, time.perf_counter() - started, stopped_by)


@dataclass
class _Guard:
    """Says when a limit is reached."""

    child: subprocess.Popen[bytes]
    captures: Sequence[Capture]
    limits: ScriptLimits
    deadline: float
    _next_look: float = 0.0

    def reached(self) -> Stop | None:
        now = time.perf_counter()
        if now >= self.deadline:
            return "time"
        if sum(capture.total for capture in self.captures) > self.limits.output_bytes:
            return "output"
        # Who has begun a report is inside, and sees the scratch space.
        if now >= self._next_look and self.captures[-1].total:
            self._next_look = now + _LOOK_S
            if (files_made(self.child.pid) or 0) > self.limits.files:
                return "files"
        return None

    @property
    def patience_s(self) -> float:
        """How long nothing needs to be looked at."""
        return min(max(self.deadline - time.perf_counter(), 0.001), _LOOK_S)


def _read(child: subprocess.Popen[bytes], pipes: dict[int, Capture], guard: _Guard) -> Stop | None:
    """Empty the pipes until the child has closed them all and ended; the limit that ended it before."""
    stopped_by: Stop | None = None
    with selectors.DefaultSelector() as selector:
        for descriptor in pipes:
            os.set_blocking(descriptor, False)
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            if stopped_by is None and (stopped_by := guard.reached()):
                _kill(child)
                guard.deadline = time.perf_counter() + _GRACE_S
            if stopped_by and time.perf_counter() >= guard.deadline:
                break
            for key, _ in selector.select(guard.patience_s):
                if not _take(key.fd, pipes[key.fd]):
                    selector.unregister(key.fd)
    # Pipes can be closed without an end.
    while stopped_by is None and _is_alive(child, guard.patience_s):
        if stopped_by := guard.reached():
            _kill(child)
    return stopped_by


def _is_alive(child: subprocess.Popen[bytes], patience_s: float) -> bool:
    """Whether a child has not ended when so many seconds are over."""
    try:
        child.wait(patience_s)
    except subprocess.TimeoutExpired:
        return True
    return False


def _take(descriptor: int, capture: Capture) -> bool:
    """Read once; False at the end."""
    try:
        data = os.read(descriptor, _CHUNK_BYTES)
    except BlockingIOError:
        return True
    capture.add(data)
    return bool(data)


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
