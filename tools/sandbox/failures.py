"""From an exception inside the sandbox to a failure that names line, cause and remedy.

    raise explain_failure(error, running, filename)      # error: MontyError, running: RunningProgram

Monty reports positions and messages; what they mean for a program over an API is worked out here: which
limit it hit, which call failed, which search found nothing.
"""

import ast
import re
from dataclasses import dataclass

from pydantic_monty import Frame, MontyCrashedError, MontyError, MontyRuntimeError

from herdwick.tools.call_record import CallRecord
from herdwick.tools.sandbox.calls import CallDesk, render_call
from herdwick.tools.sandbox.chains import CallFlow
from herdwick.tools.sandbox.contract import RESULT_NAME, Limits, ProgramFailure
from herdwick.tools.sandbox.source import Source
from herdwick.tools.sandbox.values import Site, span_of

_TIME = re.compile(r"(feed|turn) time limit exceeded: ")
_MEMORY = re.compile(r"memory limit exceeded|exceeded its memory limit")
_SUSPENSIONS = re.compile(r"suspension limit \d+ exceeded")
_NATIVE_CALLBACK = "cannot suspend in this synchronous context"
_EMPTY_MESSAGES = ("list index out of range", "of an empty list")
_MAX_QUOTED = 200
_MAX_TOLD = 500
_HINTS = {
    "IndexError": "Check that the list is long enough before taking this element.",
    "KeyError": "Use only the keys the API guide shows.",
    "NameError": "Set the variable before using it.",
    "StopIteration": "Give next a default: next((… for … in …), None).",
    "TypeError": "Check what kind of value this is: results are dicts or lists of dicts.",
}


@dataclass(frozen=True)
class RunningProgram:
    """A program under way, and all that is needed to explain its failure.

    Attributes:
        source: The program.
        flow: Its calls, from the static check.
        desk: The calls it really made.
        limits: What it may use.
    """

    source: Source
    flow: CallFlow
    desk: CallDesk
    limits: Limits


def explain_failure(error: MontyError, program: RunningProgram, filename: str) -> ProgramFailure:
    """The failure that an exception of the sandbox amounts to.

    Args:
        error: What Monty raised.
        program: The program that was running.
        filename: What Monty calls the program in tracebacks.
    """
    if isinstance(error, MontyCrashedError):
        return _explain_crash(error, program.limits)
    own = isinstance(error, MontyRuntimeError) and _is_own(error, program.source, filename)
    if not own and (limit := _explain_limit(error, program.limits)):
        return limit
    if isinstance(error, MontyRuntimeError):
        return _explain_exception(error, program, filename)
    return ProgramFailure("runtime", f"The program failed: {_clip(str(error))}.", "Write a simpler program.")


def explain_result_failure(error: MontyError, limits: Limits) -> ProgramFailure:
    """The failure when a program ran to its end and its `final_result` cannot be read."""
    inner = error.exception()
    if isinstance(inner, NameError):
        return ProgramFailure(
            "no_result",
            f"The program ended without setting {RESULT_NAME}.",
            f"Set {RESULT_NAME} on every way through the program.",
        )
    if isinstance(inner, OverflowError):
        return ProgramFailure("result_limit", f"{inner}.", "Return only what was asked for.")
    if isinstance(error, MontyCrashedError) or _explain_limit(error, limits):
        return _result_too_large(limits)
    return ProgramFailure("bad_result", f"{_clip(str(inner))}.", f"Make {RESULT_NAME} a plain value.")


def _result_too_large(limits: Limits) -> ProgramFailure:
    return ProgramFailure(
        "result_limit",
        f"{RESULT_NAME} is larger than {limits.result_bytes:,} bytes.",
        "Return only what was asked for.",
    )


def _clip(text: str, length: int = _MAX_QUOTED) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def _explain_limit(error: MontyError, limits: Limits) -> ProgramFailure | None:
    """The failure for a limit of the sandbox, or None when it is another error."""
    inner, text = error.exception(), str(error)
    if isinstance(inner, TimeoutError) and _TIME.search(text):
        return ProgramFailure(
            "time_limit",
            f"The program computed for more than {limits.time_s:g} s.",
            "Remove endless or needless loops.",
        )
    if isinstance(inner, MemoryError) and _MEMORY.search(text):
        return ProgramFailure(
            "memory_limit",
            f"The program needed more than {limits.memory_bytes // 2**20} MiB of memory.",
            "Keep only the fields you need.",
        )
    if isinstance(inner, RecursionError):
        return ProgramFailure(
            "recursion_limit",
            f"The program's functions called each other more than {limits.recursion} deep.",
            "Use a loop instead of recursion.",
        )
    if isinstance(inner, RuntimeError) and _SUSPENSIONS.search(text):
        return ProgramFailure(
            "call_limit", "The program asked the host too often.", "Call functions less often."
        )
    return None


def _explain_crash(error: MontyCrashedError, limits: Limits) -> ProgramFailure:
    if error.timed_out:
        return ProgramFailure(
            "time_limit",
            f"The program did not stop after {limits.time_s:g} s and was killed.",
            "Remove endless or needless loops.",
        )
    return ProgramFailure(
        "memory_limit",
        "The program's process died, most likely for want of memory.",
        "Keep only the fields you need.",
    )


def _explain_exception(error: MontyRuntimeError, program: RunningProgram, filename: str) -> ProgramFailure:
    inner, text = error.exception(), str(error.exception())
    frame = _frame(error, filename)
    where = program.source.at(frame.line) if frame else "the program"
    if failure := program.desk.failures.get(text):
        told = f"{where}: {_clip(failure.message, _MAX_TOLD)}"
        return ProgramFailure("tool", told, failure.hint, tool_kind=failure.kind)
    took_element = any(message in text for message in _EMPTY_MESSAGES)
    if frame and took_element and (empty := _explain_empty(frame, where, program)):
        return empty
    if _NATIVE_CALLBACK in text:
        return ProgramFailure(
            "runtime",
            f"{where}: a function is called from where programs cannot call one.",
            "Collect the values in a loop or list comprehension first, then sort or group them.",
        )
    kind = type(inner).__name__
    said = f"{kind}: {_clip(text)}" if text else kind
    return ProgramFailure("runtime", f"{where}: {said}.", _HINTS.get(kind, "Correct this line."))


def _frame(error: MontyRuntimeError, filename: str) -> Frame | None:
    """The innermost frame in the program itself, not in the prelude it runs on."""
    return next((frame for frame in reversed(error.traceback()) if frame.filename == filename), None)


def _is_own(error: MontyRuntimeError, source: Source, filename: str) -> bool:
    """Whether the program itself raised this, perhaps in the words of a limit.

    Programs cannot name the errors of the limits on memory and recursion.
    """
    inner, frames = error.exception(), error.traceback()
    if isinstance(inner, MemoryError | RecursionError) or not frames or frames[-1].filename != filename:
        return False
    raised = [node.exc for node in ast.walk(source.tree) if isinstance(node, ast.Raise) and node.exc]
    return any(_is_at(frames[-1], node, source) for node in raised)


def _is_at(frame: Frame, node: ast.expr, source: Source) -> bool:
    position = (*source.position(node), *source.end_position(node))
    return position == (frame.line, frame.column, frame.end_line, frame.end_column)


def _explain_empty(frame: Frame, where: str, program: RunningProgram) -> ProgramFailure | None:
    """The search that found nothing, for an error in taking an element of its result."""
    node = _node_at(frame, program.source)
    if node is None:
        return None
    taken = f"element {_clip(ast.unparse(node.slice))}" if isinstance(node, ast.Subscript) else "the best"
    record = _empty_call(program.flow.emptied_by.get(span_of(node), frozenset()), program)
    if record is not None:
        return ProgramFailure(
            "empty_result",
            f"{_clip(render_call(record))} found nothing, and {where} takes {taken} of it.",
            _empty_hint(record),
        )
    if taken not in ("element 0", "element -1", "the best"):
        return None
    container = node.value if isinstance(node, ast.Subscript) else node.args[0]
    return ProgramFailure(
        "empty_result",
        f"`{_clip(ast.unparse(container))}` is empty, and {where} takes {taken} of it.",
        "Nothing met the program's conditions; check them, or return an empty list.",
    )


def _empty_hint(record: CallRecord) -> str:
    given = [name for name, value in record.args.items() if value]
    if len(given) > 1:
        return f"Check the spelling of {' and '.join(given)}, or give fewer of them."
    return f"Check the spelling of {given[0]}." if given else "Give the function something to look for."


def _empty_call(sites: frozenset[Site], program: RunningProgram) -> CallRecord | None:
    """The latest call from one of `sites` that returned an empty list."""
    for index in sorted(program.desk.empty, reverse=True):
        record = program.desk.records[index]
        if any(_made_at(record, site, program.flow) for site in sites):
            return record
    return None


def _made_at(record: CallRecord, site: Site, flow: CallFlow) -> bool:
    """Whether the call can have been made at `site`: same function, same constant arguments."""
    names = list(record.args)
    literals = {
        names[key] if isinstance(key, int) and key < len(names) else key: value
        for key, value in flow.literals[site].items()
    }
    return record.tool == site.function and all(
        record.args.get(str(name)) == value for name, value in literals.items()
    )


def _node_at(frame: Frame, source: Source) -> ast.Subscript | ast.Call | None:
    """What takes an element there."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Subscript() | ast.Call(func=ast.Name(id="max" | "min" | "next"), args=[_, *_]):
                if _is_at(frame, node, source):
                    return node
    return None
