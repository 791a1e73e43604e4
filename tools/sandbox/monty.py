"""Tier one of the sandbox: programs over the API functions, run by Monty in worker processes.

    with ProgramSandbox() as sandbox:
        result = sandbox.run("final_result = searchPerson(name='…')", tools, domain=domain)

Monty (`pydantic-monty`) is an interpreter of its own for a subset of Python: it has no files, network,
environment, host objects or third-party modules to begin with. Each run gets a fresh session in a worker
process with limits on time, memory, recursion and host calls. The one way out is `_host_call`, which the
prelude alone may use, and only text passes through it. Where no worker can be had, nothing runs.
"""

import asyncio
import json
import threading
import time
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from types import TracebackType
from typing import Self

from herdwick.tools.domain import Domain
from herdwick.tools.sandbox.calls import CallDesk
from herdwick.tools.sandbox.check import inspect_program
from herdwick.tools.sandbox.contract import RESULT_NAME, Limits, ProgramFailure, RunResult
from herdwick.tools.sandbox.failures import RunningProgram, explain_failure, explain_limit
from herdwick.tools.sandbox.typecheck import TypeChecker
from herdwick.tools.solutions import Plan
from herdwick.tools.tool import FunctionTool
from pydantic import JsonValue
from pydantic_monty import (
    FunctionSnapshot,
    FutureSnapshot,
    Monty,
    MontyComplete,
    MontyError,
    MontyRuntimeError,
    MontySession,
    NameLookupSnapshot,
    OSPolicy,
    ResourceLimits,
    SyncSnapshot,
)

CHECKOUT_TIMEOUT_S = 60.0
"""Longest wait for a free worker, in seconds."""

TURN_TIMEOUT_S = 120.0
"""Longest a worker may stay silent, in seconds, before it is killed; `Limits.time_s` ends runs earlier."""

_PRELUDE_FILE = "<python-input-0>"
_PROGRAM_FILE = "<python-input-1>"
_NOTHING_FROM_THE_HOST = OSPolicy(
    datetime="call_host", sleep="call_host", process_time="zero", random_start="call_host"
)
_NAME_LOOKUPS = 1_000


class ProgramSandbox:
    """Runs programs in Monty workers that are kept warm and reused; safe to share between threads.

    Args:
        workers: Programs that can run at the same time; a worker takes about 10 MB.
        binary_path: Monty's worker; the installed one when None.
    """

    def __init__(self, workers: int = 4, binary_path: str | None = None) -> None:
        self._workers = workers
        self._binary_path = binary_path
        self._lock = threading.Lock()
        self._pool: Monty | None = None
        self._checkers: dict[Domain, TypeChecker] = {}

    def run(
        self,
        program: str,
        tools: Sequence[FunctionTool],
        *,
        plan: Plan | None = None,
        domain: Domain,
        limits: Limits | None = None,
    ) -> RunResult:
        """Check and run a program; see `Sandbox.run`."""
        limits = limits or Limits()
        started = time.perf_counter()
        try:
            source, flow, followed = inspect_program(program, domain, plan, limits)
            self._checker(domain).check(source)
        except ProgramFailure as failure:
            failure.check_s = time.perf_counter() - started
            raise
        check_s = time.perf_counter() - started
        desk = CallDesk({tool.name: tool for tool in tools}, limits)
        running = RunningProgram(source, flow, desk, limits, _PROGRAM_FILE)
        printed = _Printed(limits.printed_chars)
        try:
            value = self._execute(running, domain, printed)
        except ProgramFailure as failure:
            failure.calls = tuple(desk.records)
            failure.printed = printed.text
            failure.check_s = check_s
            failure.run_s = time.perf_counter() - started - check_s
            raise
        run_s = time.perf_counter() - started - check_s
        return RunResult(value, followed, tuple(desk.records), printed.text, check_s, run_s)

    async def arun(
        self,
        program: str,
        tools: Sequence[FunctionTool],
        *,
        plan: Plan | None = None,
        domain: Domain,
        limits: Limits | None = None,
    ) -> RunResult:
        """`run` off the event loop."""
        return await asyncio.to_thread(self.run, program, tools, plan=plan, domain=domain, limits=limits)

    def check(self, program: str, domain: Domain, plan: Plan | None = None) -> Plan:
        """All static checks, types included, without running; see `check_program`."""
        source, _, followed = inspect_program(program, domain, plan, Limits())
        self._checker(domain).check(source)
        return followed

    def close(self) -> None:
        """End all workers; closing twice is harmless, and a later run starts them anew."""
        with self._lock:
            for checker in self._checkers.values():
                checker.close()
            self._checkers.clear()
            if self._pool is not None:
                self._pool.__exit__(None, None, None)
                self._pool = None

    def __enter__(self) -> Self:
        self._running_pool()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _execute(self, running: RunningProgram, domain: Domain, printed: "_Printed") -> JsonValue:
        pool = self._running_pool()
        session = pool.checkout(limits=_resource_limits(running.limits), os_policy=_NOTHING_FROM_THE_HOST)
        try:
            session.__enter__()
        except (TimeoutError, OSError, MontyError) as error:
            raise unavailable(error) from error
        try:
            session.feed_run(_prelude(domain, running.limits))
            _drive(session, running, printed)
            return _read_result(session, running.limits)
        except MontyError as error:
            raise explain_failure(error, running) from error
        finally:
            session.__exit__(None, None, None)

    def _running_pool(self) -> Monty:
        with self._lock:
            if self._pool is None:
                self._pool = open_pool(self._workers, self._binary_path, TURN_TIMEOUT_S)
            return self._pool

    def _checker(self, domain: Domain) -> TypeChecker:
        with self._lock:
            if domain not in self._checkers:
                self._checkers[domain] = TypeChecker(domain, self._binary_path)
            return self._checkers[domain]


class _Printed:
    """Collects what a program prints, up to a limit."""

    def __init__(self, max_chars: int) -> None:
        self.text = ""
        self._max_chars = max_chars

    def __call__(self, _stream: str, text: str) -> None:
        self.text += text[: self._max_chars - len(self.text)]


def _drive(session: MontySession, running: RunningProgram, printed: _Printed) -> None:
    """Run the program to its end, answering its calls."""
    deadline = time.monotonic() + running.limits.wall_s
    snapshot: SyncSnapshot = session.feed_start(running.source.text, print_callback=printed)
    while not isinstance(snapshot, MontyComplete):
        snapshot = _answer(snapshot, running)
        if time.monotonic() > deadline:
            raise ProgramFailure(
                "time_limit",
                f"The program and its calls took more than {running.limits.wall_s:g} s.",
                "Narrow the search first, and call functions only for what is left.",
            )


def _answer(
    snapshot: FunctionSnapshot | NameLookupSnapshot | FutureSnapshot, running: RunningProgram
) -> SyncSnapshot:
    if isinstance(snapshot, NameLookupSnapshot):
        return snapshot.resume()
    if isinstance(snapshot, FutureSnapshot) or snapshot.is_os_function:
        wanted = "await" if isinstance(snapshot, FutureSnapshot) else snapshot.function_name
        raise ProgramFailure(
            "forbidden", f"The program asked for {wanted}, which no program may use.", "Leave it out."
        )
    # Arguments of any other call are never looked at: decoding them is work without limit.
    if snapshot.function_name == "_host_call" and snapshot.position.filename == _PRELUDE_FILE:
        name, encoded = snapshot.args
        return snapshot.resume(running.desk.answer(name, encoded))
    return snapshot.resume(
        {"exc_type": "NameError", "message": f"name {snapshot.function_name!r} is not defined"}
    )


def _read_result(session: MontySession, limits: Limits) -> JsonValue:
    call = f"_encode({RESULT_NAME}, {RESULT_NAME!r}, {limits.result_bytes}, {limits.result_depth})"
    try:
        text = session.feed_run(call)
    except MontyRuntimeError as error:
        raise _result_failure(error, limits) from error
    if len(text.encode()) > limits.result_bytes:
        raise _result_too_large(limits)
    value: JsonValue = json.loads(text)
    return value


def _result_failure(error: MontyRuntimeError, limits: Limits) -> ProgramFailure:
    inner = error.exception()
    if isinstance(inner, NameError):
        return ProgramFailure(
            "no_result",
            f"The program ended without setting {RESULT_NAME}.",
            f"Set {RESULT_NAME} on every way through the program.",
        )
    if isinstance(inner, OverflowError):
        return ProgramFailure("result_limit", f"{inner}.", "Return only what was asked for.")
    if explain_limit(error, limits):
        return _result_too_large(limits)
    return ProgramFailure("bad_result", f"{inner}.", f"Make {RESULT_NAME} a plain value.")


def _result_too_large(limits: Limits) -> ProgramFailure:
    return ProgramFailure(
        "result_limit",
        f"{RESULT_NAME} is larger than {limits.result_bytes:,} bytes.",
        "Return only what was asked for.",
    )


def open_pool(workers: int, binary_path: str | None, turn_timeout_s: float) -> Monty:
    """A started pool of workers.

    Raises:
        ProgramFailure: Of kind `sandbox_unavailable`.
    """
    try:
        return Monty(
            binary_path=binary_path,
            min_processes=1,
            max_processes=workers,
            checkout_timeout=CHECKOUT_TIMEOUT_S,
            request_timeout=turn_timeout_s,
        ).__enter__()
    except (OSError, RuntimeError, MontyError) as error:
        raise unavailable(error) from error


def unavailable(error: Exception) -> ProgramFailure:
    """The refusal to run anything without isolation."""
    return ProgramFailure(
        "sandbox_unavailable",
        f"No sandbox worker could be started: {error}.",
        "Reinstall pydantic-monty, and see `herdwick doctor`.",
    )


def _resource_limits(limits: Limits) -> ResourceLimits:
    return ResourceLimits(
        max_feed_duration_secs=limits.time_s,
        max_memory=limits.memory_bytes,
        max_recursion_depth=limits.recursion,
        max_suspensions=limits.calls + _NAME_LOOKUPS,
    )


def _prelude(domain: Domain, limits: Limits) -> str:
    bindings = "\n".join(
        f"{spec.name} = _function({spec.name!r}, {limits.argument_bytes}, {limits.result_depth})"
        for spec in domain.functions
    )
    return f"{_prelude_source()}\n{bindings}\n"


@cache
def _prelude_source() -> str:
    return files("herdwick.tools.sandbox").joinpath("prelude.py").read_text("utf-8")
