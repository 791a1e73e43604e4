"""A model server as a process: started, waited for, told to stop.

    with ServerProcess(command, environment, log=Path("vllm.log"), grace_s=30) as server:
        server.wait_until_healthy("http://127.0.0.1:8000/health", deadline_s=900, stop=stop)
        server.has_ended(timeout_s=1)

Its output goes to a file, whose last lines tell why it ended. It never outlives this process; see `leash`.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import httpx

from herdwick.agents.errors import ModelError
from herdwick.agents.serving import leash

POLL_S = 0.5
"""Between two looks at whether it is healthy, has ended, or is to stop."""

PROBE_TIMEOUT_S = 5.0
LAST_LINES = 12
"""Of a log, in a message: a Python traceback's end and what was said before it."""

_TAIL_BYTES = 16 * 1024
_KILL_MARGIN_S = 5.0
"""How long a process group may take to end once it has been killed."""


class StoppedError(Exception):
    """The server was to be stopped before it was healthy."""


class ServerProcess:
    """A running server; on leaving the context it has ended, with all that it started.

    Args:
        command: Executable and arguments.
        environment: All of its variables.
        log: File that its output is appended to.
        grace_s: Longest wait from SIGTERM to SIGKILL, in seconds.

    Raises:
        ModelError: The log cannot be written.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, log: Path, grace_s: float
    ) -> None:
        self._grace_s = grace_s
        self._log = log
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            self._log_start = log.stat().st_size if log.exists() else 0
            with log.open("ab") as output:
                self._process = subprocess.Popen(  # noqa: S603 - what the user named, no shell
                    [sys.executable, "-I", leash.__file__, str(grace_s), *command],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(environment),
                    # A terminal's Ctrl-C goes to all of a group; when to stop is decided here.
                    start_new_session=True,
                )
        except OSError as error:
            raise ModelError(
                "log_unwritable",
                f"The log {log} cannot be written: {error.strerror}.",
                "Choose another --log.",
            ) from error

    def wait_until_healthy(
        self,
        health_url: str,
        *,
        deadline_s: float,
        stop: threading.Event,
        on_wait: Callable[[float], None] = lambda _: None,
    ) -> float:
        """Block until the server answers.

        Args:
            health_url: Answers with 200 when it is healthy.
            deadline_s: Longest wait, in seconds.
            stop: Set when nobody wants it any more.
            on_wait: Told the seconds waited so far, again and again.

        Returns:
            The seconds waited.

        Raises:
            ModelError: It ended, or is not healthy in time; the message has its last lines.
            StoppedError: `stop` was set.
        """
        started = time.monotonic()
        with httpx.Client(timeout=PROBE_TIMEOUT_S, trust_env=False) as client:
            while True:
                waited_s = time.monotonic() - started
                on_wait(waited_s)
                if (code := self._process.poll()) is not None:
                    raise self._failure(
                        "engine_died", f"The engine ended with code {code} before it was ready."
                    )
                if _is_healthy(client, health_url):
                    return waited_s
                if waited_s > deadline_s:
                    raise self._failure(
                        "engine_slow", f"The engine was not ready within {deadline_s:g} seconds."
                    )
                if stop.wait(POLL_S):
                    raise StoppedError

    def has_ended(self, timeout_s: float = 0.0) -> bool:
        """Whether it has ended, or does within `timeout_s` seconds."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def exit_code(self) -> int | None:
        """None while it runs; a signal counts as 128 and its number."""
        return self._process.poll()

    def last_lines(self) -> str:
        """The end of what this process wrote into the log."""
        with self._log.open("rb") as log:
            size = log.seek(0, 2)
            log.seek(max(self._log_start, size - _TAIL_BYTES))
            text = log.read().decode("utf-8", "replace")
        return "\n".join(text.strip().splitlines()[-LAST_LINES:])

    def stop(self) -> None:
        """End it: SIGTERM, then SIGKILL; stopping twice is harmless."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(self._grace_s + _KILL_MARGIN_S)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.wait()
            raise ModelError(
                "engine_stuck", "The engine could not be killed.", "Look for it with: ps -ef | grep vllm"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _failure(self, kind: str, message: str) -> ModelError:
        said = self.last_lines()
        told = f"{message} Its last lines:\n{said}" if said else f"{message} It wrote nothing."
        return ModelError(kind, told, f"All it wrote is in {self._log}.")


def _is_healthy(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        # Nobody listens there yet, which is what is being waited for.
        return False
