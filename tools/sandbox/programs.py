"""Tier one of the sandbox: programs over a domain's functions.

    with ProgramSandbox() as sandbox:
        result = sandbox.run("final_result = searchPerson(name='…')", tools, domain=domain)
        result.value, result.calls

Two walls stand between a program and the machine: the static checks, which refuse with advice, and Monty's
worker processes, which have nothing to give away. Where no worker can be had, nothing runs.
"""

import asyncio
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from pydantic_monty import Monty

from herdwick.tools.domain import Domain
from herdwick.tools.errors import DomainError
from herdwick.tools.sandbox.calls import CallDesk
from herdwick.tools.sandbox.check import inspect_program
from herdwick.tools.sandbox.contract import Limits, ProgramFailure, RunResult
from herdwick.tools.sandbox.execution import Printed, execute
from herdwick.tools.sandbox.failures import RunningProgram
from herdwick.tools.sandbox.typecheck import TypeChecker
from herdwick.tools.sandbox.workers import open_pool
from herdwick.tools.solutions import Plan
from herdwick.tools.tool import FunctionTool

TURN_TIMEOUT_S = 120.0
"""Longest a worker may stay silent, in seconds, before it is killed; `Limits.time_s` ends runs earlier."""


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
        """Check and run a program; see `Sandbox.run`.

        Raises:
            DomainError: A function of the domain has no tool.
        """
        limits = limits or Limits()
        by_name = {tool.name: tool for tool in tools}
        if missing := [spec.name for spec in domain.functions if spec.name not in by_name]:
            raise DomainError(
                "bad_domain", f"No tool answers {', '.join(missing)}.", "Pass all of its tools."
            )
        started = time.perf_counter()
        try:
            source, flow, followed = inspect_program(program, domain, plan, limits)
            self._checker(domain).check(source)
        except ProgramFailure as failure:
            failure.check_s = time.perf_counter() - started
            raise
        checked = time.perf_counter()
        desk = CallDesk(by_name, limits)
        printed = Printed(limits.printed_chars)
        try:
            value = execute(self._open_pool(), domain, RunningProgram(source, flow, desk, limits), printed)
        except ProgramFailure as failure:
            failure.calls, failure.printed = tuple(desk.records), printed.text
            failure.check_s, failure.run_s = checked - started, time.perf_counter() - checked
            raise
        return RunResult(
            value=value,
            plan=followed,
            calls=tuple(desk.records),
            printed=printed.text,
            check_s=checked - started,
            run_s=time.perf_counter() - checked,
        )

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
        self._open_pool()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open_pool(self) -> Monty:
        with self._lock:
            if self._pool is None:
                self._pool = open_pool(self._workers, self._binary_path, TURN_TIMEOUT_S)
            return self._pool

    def _checker(self, domain: Domain) -> TypeChecker:
        with self._lock:
            if domain not in self._checkers:
                self._checkers[domain] = TypeChecker(domain, self._binary_path)
            return self._checkers[domain]
