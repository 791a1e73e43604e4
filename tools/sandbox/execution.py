"""Running one program in one Monty session: the inner wall.

    printed = Printed(max_chars=10_000)
    value = execute(pool, domain, running, printed)

Monty (`pydantic-monty`) is an interpreter of its own for a subset of Python: it has no files, network,
environment, host objects or third-party modules to begin with. A session runs in a worker process, under
limits on time, memory, recursion and host calls. The one way out is `_host_call`, which answers to the
prelude alone, and only text passes through it.
"""

import json
import time
from functools import cache
from importlib.resources import files

from pydantic import JsonValue
from pydantic_monty import (
    FunctionSnapshot,
    FutureSnapshot,
    Monty,
    MontyComplete,
    MontyError,
    MontySession,
    NameLookupSnapshot,
    OSPolicy,
    ResourceLimits,
    SyncSnapshot,
)

from herdwick.tools.domain import Domain
from herdwick.tools.sandbox.contract import RESULT_NAME, Limits, ProgramFailure
from herdwick.tools.sandbox.failures import (
    RunningProgram,
    explain_failure,
    explain_result_failure,
    result_too_large,
)
from herdwick.tools.sandbox.workers import enter

_HOST_CALL = "_host_call"
_PRELUDE_FILE = "<python-input-0>"
_PROGRAM_FILE = "<python-input-1>"
_NAME_LOOKUPS = 1_000

# Whatever the host could lend becomes a request that `_answer` refuses.
_NOTHING_LENT = OSPolicy(
    datetime="call_host", sleep="call_host", process_time="zero", random_start="call_host"
)


class Printed:
    """Collects what a program prints, up to a limit, in characters."""

    def __init__(self, max_chars: int) -> None:
        self.text = ""
        self._max_chars = max_chars

    def __call__(self, _stream: str, text: str) -> None:
        """Take what Monty passes on."""
        self.text += text[: self._max_chars - len(self.text)]


def execute(pool: Monty, domain: Domain, running: RunningProgram, printed: Printed) -> JsonValue:
    """Run a program in a session of its own and return its `final_result`.

    Args:
        pool: Workers.
        domain: The functions that the program can call.
        running: The program and the desk that answers its calls.
        printed: Takes its output.

    Raises:
        ProgramFailure: It was stopped, failed, or left no usable result; or there is no worker.
        BackendError: The service behind a function failed.
        DataError: The data behind a function is damaged.
    """
    session = enter(pool.checkout(limits=_resource_limits(running.limits), os_policy=_NOTHING_LENT))
    try:
        session.feed_run(_prelude(domain, running.limits))
        _drive(session, running, printed)
        return _read_result(session, running)
    except MontyError as error:
        raise explain_failure(error, running, _PROGRAM_FILE) from error
    finally:
        session.__exit__(None, None, None)


def _drive(session: MontySession, running: RunningProgram, printed: Printed) -> None:
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
    if snapshot.function_name == _HOST_CALL and snapshot.position.filename == _PRELUDE_FILE:
        name, encoded = snapshot.args
        return snapshot.resume(running.desk.answer(name, encoded))
    message = f"name {str(snapshot.function_name)!r} is not defined"
    return snapshot.resume({"exc_type": "NameError", "message": message})


def _read_result(session: MontySession, running: RunningProgram) -> JsonValue:
    limits = running.limits
    encode = f"_encode({RESULT_NAME}, {RESULT_NAME!r}, {limits.result_bytes}, {limits.result_depth})"
    try:
        text: str = session.feed_run(f'f"{{{encode}}}"')
    except MontyError as error:
        raise explain_result_failure(error, limits) from error
    if len(text.encode()) > limits.result_bytes:
        raise result_too_large(limits)
    try:
        value: JsonValue = json.loads(text)
    except ValueError as error:
        raise ProgramFailure("bad_result", f"{RESULT_NAME} cannot be read: {error}.") from error
    return value


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
