"""The first program inside the sandbox: lowers the limits, runs the script, hands in a report.

    python launch.py PLAN.json SCRIPT.py

It is on the script's side of the wall: nothing that must hold may depend on what happens here once the script
runs. The report's two lines are `started` and a JSON object; the host believes neither further than it must.
"""

import importlib
import json
import os
import resource
import sys
import traceback
from types import ModuleType

_MAX_SAID = 500


def main(plan_path: str, script_path: str) -> int:
    """Run the script.

    Args:
        plan_path: JSON object of `report_fd`, `limits` (resource's names, soft and hard), `modules` (folder
            to import from) and `evidence` (module with a function `collected`, or null).
        script_path: The script.

    Returns:
        The exit code.
    """
    with open(plan_path, encoding="utf-8") as file:
        plan = json.load(file)
    sys.path[:] = [plan["modules"], *(folder for folder in sys.path if folder != os.path.dirname(__file__))]
    evidence = importlib.import_module(plan["evidence"]) if plan["evidence"] else None
    report_fd = plan["report_fd"]
    for name, (soft, hard) in plan["limits"].items():
        resource.setrlimit(getattr(resource, name), (soft, hard))
    os.write(report_fd, b"started\n")
    with open(script_path, encoding="utf-8") as file:
        source = file.read()
    code, ending = _run(source, os.path.basename(script_path))
    ending["exit_code"] = code
    ending["evidence"] = evidence.collected() if evidence else {}
    _flush(ending)
    _write(report_fd, json.dumps(ending).encode() + b"\n")
    return code


def _run(source: str, name: str) -> tuple[int, dict[str, object]]:
    """Exit code, and what there is to say of it."""
    # Lines leave as they are printed, so that a script stopped halfway shows how far it came.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    module = ModuleType("__main__")
    module.__dict__.update(__file__=name, __builtins__=__builtins__)
    sys.modules["__main__"] = module
    sys.argv[:] = [name]
    compiled = None
    try:
        compiled = compile(source, name, "exec")
        exec(compiled, module.__dict__)  # noqa: S102 - this is what the walls are for
    except SystemExit as stop:
        return _code(stop.code), {}
    except BaseException as error:  # noqa: BLE001 - whatever a script raises is its end
        if compiled is None and isinstance(error, MemoryError | RecursionError):
            # The parser says no more of an expression than that it ran out of room.
            return 1, _explained(SyntaxError("expressions are nested too deeply"))
        return 1, _explained(error)
    return 0, {}


def _code(code: object) -> int:
    """The exit code that `sys.exit(code)` means."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def _explained(error: BaseException) -> dict[str, object]:
    """Print the traceback, from the script's own first line on, and name the exception for the host."""
    here = error.__traceback__.tb_next if error.__traceback__ else None
    try:
        traceback.print_exception(type(error), error, here)
    except MemoryError:
        traceback.clear_frames(here)
    own = isinstance(getattr(error, "kind", None), str) and type(error).__module__ == "herdwick.tools.errors"
    return {
        "exception": type(error).__name__,
        "message": str(getattr(error, "message", error))[:_MAX_SAID],
        "numbers": [number for number in map(_number, _chain(error)) if number is not None],
        "names": [type(link).__name__ for link in _chain(error)],
        "kind": getattr(error, "kind", "") if own else "",
        "hint": str(getattr(error, "hint", ""))[:_MAX_SAID] if own else "",
    }


def _chain(error: BaseException) -> list[BaseException]:
    """The exception and those that led to it; `urllib` keeps its cause in `reason`."""
    chain: list[BaseException] = []
    found: object = error
    while isinstance(found, BaseException) and found not in chain and len(chain) < 10:
        chain.append(found)
        reason = getattr(found, "reason", None)
        found = reason if isinstance(reason, BaseException) else found.__cause__ or found.__context__
    return chain


def _number(error: BaseException) -> int | None:
    number = getattr(error, "errno", None)
    return number if isinstance(number, int) else None


def _flush(ending: dict[str, object]) -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError) as error:
            ending.setdefault("exception", type(error).__name__)
            ending.setdefault("message", str(error))


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


if __name__ == "__main__":
    # No clean-up of the interpreter: the script's objects could still run code in it.
    os._exit(main(*sys.argv[1:3]))
