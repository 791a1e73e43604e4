"""Type checking of programs against a domain's stubs, in a Monty worker that stays warm.

    with TypeChecker(domain) as checker:
        checker.check(source)      # raises ProgramFailure("type", …)

The checker (ty, inside Monty) keeps what it knows about the stubs as long as its session lives, which makes a
check some 20 times faster than in a new session. A session runs whatever passes its check, though, so the
program is fed behind a first line that always fails, and nothing of it is ever executed.
"""

import json
import threading
from types import TracebackType
from typing import Self

from herdwick.tools.domain import Domain
from herdwick.tools.sandbox.contract import ProgramFailure
from herdwick.tools.sandbox.findings import Finding, explain_finding
from herdwick.tools.sandbox.source import Source
from herdwick.tools.sandbox.stubs import domain_stubs
from pydantic_monty import (
    Monty,
    MontyCrashedError,
    MontyError,
    MontyRuntimeError,
    MontySession,
    MontySyntaxError,
    MontyTypingError,
    ResourceLimits,
)

CHECK_TIMEOUT_S = 10.0
"""Longest check, in seconds, after which the worker is killed; usual programs need 0.001."""

MAX_FINDINGS = 3
"""Findings named in one message; a model repairs a few at a time."""

_GUARD = "[][0]\n"
_LIMITS = ResourceLimits(max_feed_duration_secs=1.0, max_memory=16 * 2**20, max_recursion_depth=50)


class TypeChecker:
    """One warm checking session for one domain; safe to share between threads.

    Args:
        domain: What programs are checked against.
        binary_path: Monty's worker; the installed one when None.
    """

    def __init__(self, domain: Domain, binary_path: str | None = None) -> None:
        self._domain = domain
        self._stubs = domain_stubs(domain)
        self._lock = threading.Lock()
        self._pool = Monty(
            binary_path=binary_path, min_processes=1, max_processes=1, request_timeout=CHECK_TIMEOUT_S
        )
        self._session: MontySession | None = None
        self._pool.__enter__()

    def check(self, source: Source) -> None:
        """Refuse a program whose calls or fields cannot be right.

        Raises:
            ProgramFailure: Of kind `type`; `forbidden` for Python that Monty does not know; `time_limit` when
                checking takes too long.
        """
        findings = self._findings(source)
        advice = [explained for one in findings if (explained := explain_finding(one, source, self._domain))]
        if advice:
            chosen = list(dict.fromkeys(advice))[:MAX_FINDINGS]
            hints = dict.fromkeys(one.hint for one in chosen)
            raise ProgramFailure("type", "\n".join(one.message for one in chosen), " ".join(hints))

    def _findings(self, source: Source) -> list[Finding]:
        with self._lock:
            try:
                self._open_session().feed_run(_GUARD + source.text)
            except MontyTypingError as error:
                return [_finding(line) for line in error.display().splitlines()]
            except MontyRuntimeError as error:
                _refuse_unknown_syntax(error)
                return []
            except MontySyntaxError as error:
                raise ProgramFailure(
                    "syntax", f"{error.exception()}.", "Write one complete, plain Python program."
                ) from error
            except MontyCrashedError as error:
                self._session = None
                raise ProgramFailure(
                    "time_limit",
                    f"Checking the program's types took more than {CHECK_TIMEOUT_S:g} s.",
                    "Write a shorter, flatter program.",
                ) from error
            except MontyError as error:
                self._session = None
                raise ProgramFailure("sandbox_unavailable", f"The type checker failed: {error}.") from error
        raise AssertionError("the guard line let the program run")

    def _open_session(self) -> MontySession:
        if self._session is None:
            self._session = self._pool.checkout(
                type_check=True,
                type_check_stubs=self._stubs,
                type_check_format="jsonlines",
                limits=_LIMITS,
            ).__enter__()
        return self._session

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            if self._session is not None:
                self._session.__exit__(None, None, None)
                self._session = None
            self._pool.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _finding(line: str) -> Finding:
    found = json.loads(line)
    where = found["location"]
    guard_lines = _GUARD.count("\n")
    return Finding(found["name"], found["message"], where["row"] - guard_lines, where["column"])


def _refuse_unknown_syntax(error: MontyRuntimeError) -> None:
    if isinstance(error.exception(), NotImplementedError):
        frames = error.traceback()
        where = f"line {frames[-1].line - _GUARD.count(chr(10))}: " if frames else ""
        what = str(error.exception()).removeprefix("The monty syntax parser does not yet support ")
        raise ProgramFailure(
            "forbidden", f"{where}{what} is not available to programs.", "Use plain statements and loops."
        ) from error
