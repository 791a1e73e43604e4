"""Type checking of programs against a domain's stubs, in a Monty worker that stays warm.

    with TypeChecker(domain) as checker:
        checker.check(source)      # raises ProgramFailure("type", …)

The checker (ty, inside Monty) keeps what it knows about the stubs as long as its session lives, which makes a
check some 20 times faster than in a new session. A session runs whatever passes its check, though, so the
program is fed behind a first line that always fails, and nothing of it is ever executed.
"""

import json
import threading

from pydantic_monty import (
    MontyCrashedError,
    MontyRuntimeError,
    MontySession,
    MontySyntaxError,
    MontyTypingError,
    ResourceLimits,
)

from herdwick.tools.closing import Closing
from herdwick.tools.domain import Domain
from herdwick.tools.sandbox.contract import ProgramFailure
from herdwick.tools.sandbox.findings import Finding, explain_finding
from herdwick.tools.sandbox.source import Source
from herdwick.tools.sandbox.stubs import domain_stubs
from herdwick.tools.sandbox.workers import enter, open_pool

CHECK_TIMEOUT_S = 10.0
"""Longest check, in seconds, after which the worker is killed. Usual programs need 0.001, the first one of a
session 0.3; on a machine that is busy otherwise that has been 3 s and more."""

ATTEMPTS = 2
"""A worker that was slow or died is replaced once: that may have been the machine's doing."""

CHECK_MEMORY_BYTES = 256 * 2**20
"""Memory of the checking worker, its knowledge of Python's own types (20 MB) included."""

CHECKS_PER_SESSION = 1_000
"""Checks after which a session is replaced, since it remembers every program it saw."""

_MAX_ADVICE = 3
_MAX_FINDINGS = 20
_GUARD = "[][0]\n"
_LIMITS = ResourceLimits(max_memory=CHECK_MEMORY_BYTES)


class TypeChecker(Closing):
    """One warm checking session for one domain; safe to share between threads.

    Args:
        domain: What programs are checked against.
        binary_path: Monty's worker; the installed one when None.

    Raises:
        ProgramFailure: Of kind `sandbox_unavailable`.
    """

    def __init__(self, domain: Domain, binary_path: str | None = None) -> None:
        self._domain = domain
        self._stubs = domain_stubs(domain)
        self._lock = threading.Lock()
        self._checks = 0
        self._session: MontySession | None = None
        self._pool = open_pool(1, binary_path, CHECK_TIMEOUT_S)

    def check(self, source: Source) -> None:
        """Refuse a program whose calls or fields cannot be right.

        Raises:
            ProgramFailure: Of kind `type`; `forbidden` for Python that Monty does not know and for types that
                take too much time or memory; `sandbox_unavailable` when one worker after the other dies.
        """
        findings = self._findings(source)[:_MAX_FINDINGS]
        advice = [explained for one in findings if (explained := explain_finding(one, source, self._domain))]
        if advice:
            chosen = list(dict.fromkeys(advice))[:_MAX_ADVICE]
            hints = dict.fromkeys(one.hint for one in chosen)
            raise ProgramFailure("type", "\n".join(one.message for one in chosen), " ".join(hints))

    def _findings(self, source: Source) -> list[Finding]:
        with self._lock:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    return self._attempt(source)
                except MontyCrashedError as error:
                    self._drop_session()
                    if attempt == ATTEMPTS:
                        raise (_too_entangled() if error.timed_out else _keeps_dying(error)) from error
        raise AssertionError("the last attempt neither returned nor raised")

    def _attempt(self, source: Source) -> list[Finding]:
        """The findings of one session.

        Raises:
            MontyCrashedError: Its worker died, or was killed for taking too long.
        """
        try:
            self._open_session().feed_run(_GUARD + source.text)
        except MontyTypingError as error:
            return [_finding(line) for line in error.display().splitlines()]
        except MontySyntaxError as error:
            raise ProgramFailure(
                "syntax", f"{error.exception()}.", "Write one complete, plain Python program."
            ) from error
        except MontyRuntimeError as error:
            if isinstance(error.exception(), IndexError):
                return []
            if isinstance(error.exception(), NotImplementedError):
                raise _unknown_syntax(error) from error
            self._drop_session()
            raise _too_entangled() from error
        raise AssertionError("the guard line let the program run")

    def _open_session(self) -> MontySession:
        self._checks += 1
        if self._checks % CHECKS_PER_SESSION == 0:
            self._drop_session()
        if self._session is None:
            session = self._pool.checkout(
                type_check=True,
                type_check_stubs=self._stubs,
                type_check_format="jsonlines",
                limits=_LIMITS,
            )
            self._session = enter(session)
        return self._session

    def _drop_session(self) -> None:
        if self._session is not None:
            self._session.__exit__(None, None, None)
            self._session = None

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            self._drop_session()
            self._pool.__exit__(None, None, None)


def _finding(line: str) -> Finding:
    found = json.loads(line)
    where = found["location"]
    guard_lines = _GUARD.count("\n")
    return Finding(found["name"], found["message"], where["row"] - guard_lines, where["column"])


def _unknown_syntax(error: MontyRuntimeError) -> ProgramFailure:
    frames = error.traceback()
    where = f"line {frames[-1].line - _GUARD.count(chr(10))}: " if frames else ""
    what = str(error.exception()).removeprefix("The monty syntax parser does not yet support ")
    return ProgramFailure(
        "forbidden", f"{where}{what} is not available to programs.", "Use plain statements and loops."
    )


def _too_entangled() -> ProgramFailure:
    return ProgramFailure(
        "forbidden",
        "The program's types are too entangled to be checked.",
        "Write a shorter, flatter program; or, where the machine is very busy, try again.",
    )


def _keeps_dying(error: MontyCrashedError) -> ProgramFailure:
    return ProgramFailure(
        "sandbox_unavailable",
        f"The type checker's worker died {ATTEMPTS} times: {error}.",
        "Look for a lack of memory on this machine, and see `herdwick doctor`.",
    )
