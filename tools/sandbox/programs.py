"""Tier one of the sandbox: programs over a domain's functions.

    with ProgramSandbox() as sandbox:
        result = sandbox.run("final_result = searchPerson(name='…')", tools, domain=domain)
        result.value, result.calls

Two walls stand between a program and the machine: the static checks, which refuse with advice, and Monty's
worker processes, which have nothing to give away. Where no worker can be had, nothing runs.
"""

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from pydantic_monty import Monty

from herdwick.tools.domain import Domain
from herdwick.tools.errors import DomainError, HerdwickError
from herdwick.tools.sandbox.calls import CallDesk
from herdwick.tools.sandbox.check import CheckedProgram, check_program
from herdwick.tools.sandbox.contract import Limits, RunResult
from herdwick.tools.sandbox.execution import execute
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
            DomainError: A function of its plan has no tool.
        """
        checked = self.check(program, domain, plan, limits)
        return self.run_checked(checked, tools, limits)

    def check(
        self, program: str, domain: Domain, plan: Plan | None = None, limits: Limits | None = None
    ) -> CheckedProgram:
        """All static checks, types included, without running; see `check_program`."""
        checked = check_program(program, domain, plan, limits)
        self._checker(domain).check(checked.source)
        return checked

    def run_checked(
        self, checked: CheckedProgram, tools: Sequence[FunctionTool], limits: Limits | None = None
    ) -> RunResult:
        """Run what `check` has let through, which is not checked again.

        Args:
            checked: The program.
            tools: Functions, bound to data; the program can call those of its plan.
            limits: What it may use; the defaults when None.

        Raises:
            ProgramFailure: The program was stopped or failed.
            BackendError: The service behind a function failed.
            DataError: The data behind a function is damaged.
            DomainError: A function of its plan has no tool.
        """
        limits = limits or Limits()
        desk = CallDesk(_tools_of(checked.plan, tools), limits)
        try:
            value = execute(self._open_pool(), RunningProgram(checked.source, checked.flow, desk, limits))
        except HerdwickError as error:
            error.calls = tuple(desk.records)
            raise
        return RunResult(value=value, plan=checked.plan, calls=tuple(desk.records))

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


def _tools_of(plan: Plan, tools: Sequence[FunctionTool]) -> dict[str, FunctionTool]:
    by_name = {tool.name: tool for tool in tools}
    if missing := [name for name in dict.fromkeys(plan) if name not in by_name]:
        raise DomainError("bad_domain", f"No tool answers {', '.join(missing)}.", "Pass all of its tools.")
    return {name: by_name[name] for name in plan}
