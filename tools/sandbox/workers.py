"""Monty's worker processes: where they come from, and the refusal when there are none.

    pool = open_pool(workers=4, binary_path=None, turn_timeout_s=60)
    session = enter(pool.checkout())

There is no second way to run a program: without a worker nothing runs.
"""

from pydantic_monty import Monty, MontyError, MontySession

from herdwick.tools.sandbox.contract import ProgramFailure

CHECKOUT_TIMEOUT_S = 60.0
"""Longest wait for a free worker, in seconds."""


def open_pool(workers: int, binary_path: str | None, turn_timeout_s: float) -> Monty:
    """A started pool of workers.

    Args:
        workers: Most processes at a time.
        binary_path: Monty's worker; the installed one when None.
        turn_timeout_s: Longest a worker may stay silent, in seconds, before it is killed.

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
        raise _unavailable(error) from error


def enter(session: MontySession) -> MontySession:
    """A session with its worker.

    Raises:
        ProgramFailure: Of kind `sandbox_unavailable`.
    """
    try:
        return session.__enter__()
    except (OSError, RuntimeError, MontyError) as error:
        raise _unavailable(error) from error


def _unavailable(error: Exception) -> ProgramFailure:
    return ProgramFailure(
        "sandbox_unavailable",
        f"No sandbox worker could be started: {error}.",
        "Reinstall pydantic-monty, and see `herdwick doctor`.",
    )
