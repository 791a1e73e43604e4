"""Running one program in one Monty session: the inner wall.

    value = execute(pool, running)

Monty (`pydantic-monty`) is an interpreter of its own for a subset of Python: it has no files, network,
environment, host objects or third-party modules to begin with. A session runs in a worker process, under
limits on time, memory, recursion and host calls. It knows the functions of its plan only. The one way out is
`_host_call`, which answers to the prelude alone, and only text passes through it; what is printed is dropped.
"""

import time
from collections.abc import Iterable
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

from herdwick.tools.sandbox.border import read_json
from herdwick.tools.sandbox.contract import RESULT_NAME, Limits, ProgramFailure
from herdwick.tools.sandbox.failures import RunningProgram, explain_failure, explain_result_failure
from herdwick.tools.sandbox.workers import enter

_HOST_CALL = "_host_call"
_PRELUDE_FILE = "<python-input-0>"
_PROGRAM_FILE = "<python-input-1>"
_NAME_LOOKUPS = 1_000

# Whatever the host could lend becomes a request that `_answer` refuses.
_NOTHING_LENT = OSPolicy(
    datetime="call_host", sleep="call_host", process_time="zero", random_start="call_host"
)


def execute(pool: Monty, running: RunningProgram) -> JsonValue:
    """Run a program in a session of its own and return its `final_result`.

    Args:
        pool: Workers.
        running: The program and the desk that answers its calls.

    Raises:
        ProgramFailure: It was stopped, failed, or left no usable result; or there is no worker.
        BackendError: The service behind a function failed.
        DataError: The data behind a function is damaged.
    """
    session = enter(pool.checkout(limits=_resource_limits(running.limits), os_policy=_NOTHING_LENT))
    try:
        session.feed_run(_prelude(running.desk.functions, running.limits))
        _drive(session, running)
        return _read_result(session, running)
    except MontyError as error:
        raise explain_failure(error, running, _PROGRAM_FILE) from error
    finally:
        session.__exit__(None, None, None)


def _drive(session: MontySession, running: RunningProgram) -> None:
    """Run the program to its end, answering its calls."""
    limits = running.limits
    deadline = time.monotonic() + limits.wall_s
    snapshot: SyncSnapshot = session.feed_start(running.source.text, print_callback=_drop)
    while not isinstance(snapshot, MontyComplete):
        snapshot = _answer(snapshot, running)
        if time.monotonic() > deadline + min(running.desk.waited_s, limits.wait_s):
            raise ProgramFailure(
                "time_limit",
                f"The program and its calls took more than {limits.wall_s:g} s.",
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
    try:
        return read_json(text, RESULT_NAME, max_bytes=limits.result_bytes, max_depth=limits.result_depth)
    except OverflowError as error:
        raise ProgramFailure("result_limit", f"{error}.", "Return only what was asked for.") from error
    except ValueError as error:
        raise ProgramFailure("bad_result", f"{RESULT_NAME} cannot be read: {error}.") from error


def _drop(_stream: str, _text: str) -> None:
    """Take what a program prints: it is no part of an answer, and must not end in the host's own output."""


def _resource_limits(limits: Limits) -> ResourceLimits:
    return ResourceLimits(
        max_feed_duration_secs=limits.time_s,
        max_memory=limits.memory_bytes,
        max_recursion_depth=limits.recursion,
        max_suspensions=limits.calls + _NAME_LOOKUPS,
    )


def _prelude(functions: Iterable[str], limits: Limits) -> str:
    bindings = "\n".join(
        f"{name} = _function({name!r}, {limits.argument_bytes}, {limits.result_depth})" for name in functions
    )
    return f"{_prelude_source()}\n{bindings}\n"


@cache
def _prelude_source() -> str:
    return files("herdwick.tools.sandbox").joinpath("prelude.py").read_text("utf-8")
