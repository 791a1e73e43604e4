"""The embedded model as a process that is started again whenever it dies or hangs.

    with ModelProcess() as process:
        life = process.wait(timeout_s=60)       # blocks until the model is loaded
        life.number, life.greeting.base_url
        process.has_died(since=0, timeout_s=2)  # whether that was the first one's end

A crash in llama.cpp, or the kernel running out of memory, so ends a few questions instead of the server. A
process that has given no sign of life for `SILENCE_S` is killed, which is then its death.
"""

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import ValidationError

from herdwick.agents.errors import ModelError
from herdwick.agents.server.model_child import Greeting
from herdwick.agents.server.request_log import LOGGER

COMMAND = (sys.executable, "-m", "herdwick.agents.server.model_child")

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
"""Between a death and the next start; doubled from the first to the longest while starts fail in a row."""

HEALTHY_AFTER_S = 60.0
"""A process that lived this long did not die of how it was started."""

START_DEADLINE_S = 300.0
"""Longest wait for the model; an idle machine takes two seconds."""

SILENCE_S = 30.0
"""Longest wait for the next sign of life, which comes after a step of decoding: with prompts that fill the
context on two overloaded cores steps took up to 1.3 s. A quarter of the default deadline, so that its
successor can still answer."""

STOP_TIMEOUT_S = 5.0
"""After which a process that was told to stop is killed."""


@dataclass(frozen=True)
class Life:
    """One process that has the model loaded.

    Attributes:
        number: 1 for the first, higher for later ones.
        pid: Of the process.
        greeting: How it is reached.
    """

    number: int
    pid: int
    greeting: Greeting


class ModelProcess:
    """Keeps the process alive until closed; safe to use from several threads.

    Args:
        command: What is started.

    Attributes:
        deaths: How often the process has ended by itself, or hung and was killed.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self.deaths = 0
        self._command = list(command)
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._life: Life | None = None
        self._error: ModelError | None = None
        self._started = 0
        self._keeper = threading.Thread(target=self._keep, name="model-keeper", daemon=True)
        self._keeper.start()

    @property
    def is_loaded(self) -> bool:
        """Whether the model is loaded now."""
        return self._life is not None

    def wait(self, timeout_s: float) -> Life:
        """The process, as soon as it has the model loaded.

        Args:
            timeout_s: Longest wait, in seconds.

        Raises:
            ModelError: It is not there in time, or cannot be started: `model_restarting`, or the reason.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while self._life is None:
                left_s = deadline - time.monotonic()
                if self._error:
                    raise self._error
                if left_s <= 0 or self._closing.is_set():
                    raise ModelError(
                        "model_restarting",
                        "The embedded model is not loaded yet.",
                        "Ask again in a few seconds; GET /health says when it is.",
                    )
                self._changed.wait(left_s)
            return self._life

    def has_died(self, since: int, timeout_s: float) -> bool:
        """Whether there are more than `since` deaths, or are within `timeout_s` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self.deaths > since, timeout_s)

    def close(self) -> None:
        """End the process; closing twice is harmless."""
        with self._changed:
            self._closing.set()
            process = self._process
            self._changed.notify_all()
        if process is not None:
            _stop(process)
        self._keeper.join(STOP_TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._closing.is_set():
            started = time.monotonic()
            self._live()
            if time.monotonic() - started > HEALTHY_AFTER_S:
                pause_s = FIRST_PAUSE_S
            self._closing.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _live(self) -> None:
        """Start the process and wait for its end."""
        process = self._start()
        if process is None:
            return
        greeting = _read_greeting(process)
        with self._changed:
            self._error = _error_in(greeting)
            if greeting is not None and self._error is None:
                self._life = Life(self._started, process.pid, greeting)
            self._changed.notify_all()
        if greeting is not None and not _beats_to_its_end(process):
            LOGGER.warning("model hangs", extra={"told": {"pid": process.pid, "silent_s": SILENCE_S}})
        process.kill()
        process.wait()
        with self._changed:
            self._life = None
            self.deaths += not self._closing.is_set()
            self._changed.notify_all()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    def _start(self) -> subprocess.Popen[str] | None:
        with self._changed:
            if self._closing.is_set():
                return None
            self._started += 1
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    encoding="utf-8",
                    # Ctrl-C in a terminal goes to all of a group; the model must answer what is still asked.
                    start_new_session=True,
                )
            except OSError as error:
                # Most likely for want of memory, which the system may have again a moment later.
                LOGGER.warning("model not started", extra={"told": {"reason": str(error.strerror)}})
                self._error = ModelError(
                    "model_restarting",
                    f"The embedded model's process cannot be started: {error.strerror}.",
                    "It is tried again and again; ask in a few seconds, and make room for it.",
                )
                self._changed.notify_all()
                return None
            return self._process


def _read_greeting(process: subprocess.Popen[str]) -> Greeting | None:
    line = process.stdout.readline() if process.stdout and _has_output(process, START_DEADLINE_S) else ""
    try:
        return Greeting.model_validate_json(line)
    except ValidationError:
        # It died or hung before it could say anything; its last words are on standard error.
        return None


def _beats_to_its_end(process: subprocess.Popen[str]) -> bool:
    """Read signs of life until there are no more: whether that is because the process ends."""
    while _has_output(process, SILENCE_S):
        if process.stdout is None or not os.read(process.stdout.fileno(), 4096):
            return True
    return False


def _has_output(process: subprocess.Popen[str], timeout_s: float) -> bool:
    """Whether there is something to read, or the end of it, within `timeout_s` seconds."""
    waiting = select.poll()
    if process.stdout:
        waiting.register(process.stdout, select.POLLIN)
    return bool(waiting.poll(1000 * timeout_s))


def _error_in(greeting: Greeting | None) -> ModelError | None:
    if greeting is None or greeting.error is None:
        return None
    return ModelError(greeting.error.kind, greeting.error.message, greeting.error.hint)


def _stop(process: subprocess.Popen[str]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
