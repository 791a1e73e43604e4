"""From the end of a process to a result, or to the failure that says what contained the script.

    run = script_run(ended)          # or a ScriptFailure

The report comes from the script's side of the wall: it is read as untrusted text, and only for what it says
about the script itself.
"""

import errno
import re
import signal
from dataclasses import replace
from typing import cast

from pydantic import BaseModel, Field, JsonValue, ValidationError

from herdwick.tools.sandbox.scripts.bubblewrap import INSTALL_HINT
from herdwick.tools.sandbox.scripts.contract import (
    DATA_KINDS,
    DataKind,
    Kind,
    ScriptFailure,
    ScriptLimits,
    ScriptRun,
)
from herdwick.tools.sandbox.scripts.process import Ended
from herdwick.tools.sandbox.scripts.seccomp import NO_NETWORK, NO_PROCESS

STARTED = b"started\n"
_NO_THREAD = "can't start new thread"
_NETWORK_ERRORS = frozenset({"gaierror", "herror"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MAX_QUOTED = 300


class _Report(BaseModel):
    exit_code: int = Field(ge=0, le=255)
    evidence: dict[str, JsonValue]
    exception: str = ""
    message: str = ""
    numbers: list[int] = []
    names: list[str] = []
    kind: str = ""
    hint: str = ""


def script_run(ended: Ended, limits: ScriptLimits) -> ScriptRun:
    """How the script ended.

    Args:
        ended: The process.
        limits: What it was run with, for messages.

    Raises:
        ScriptFailure: It was stopped, failed, or never started.
    """
    code = ended.status if ended.status >= 0 else 128 - ended.status
    run = ScriptRun(
        exit_code=code,
        stdout=ended.stdout.kept.decode(errors="replace"),
        stderr=ended.stderr.kept.decode(errors="replace"),
        stdout_truncated=ended.stdout.truncated,
        stderr_truncated=ended.stderr.truncated,
        seconds=ended.seconds,
    )
    if not ended.report.kept.startswith(STARTED) and ended.stopped_by is None:
        raise _unavailable(run)
    if ended.stopped_by == "time":
        raise _failure(
            "time_limit", f"The script ran for more than {limits.wall_s:g} s and was stopped.", run
        )
    if ended.stopped_by == "output":
        size = limits.output_bytes // 2**20
        raise _failure("output_limit", f"The script printed more than {size} MiB and was stopped.", run)
    if ended.stopped_by == "files":
        raise _failure(
            "disk_limit", f"The script made more than {limits.files:,} files and was stopped.", run
        )
    report = _report(bytes(ended.report.kept))
    if report is None or report.exit_code != code:
        raise _died(code, run, limits)
    run = replace(run, evidence=report.evidence)
    if report.exception:
        raise _raised(report, run, limits)
    return run


def _report(text: bytes) -> _Report | None:
    try:
        return _Report.model_validate_json(text.removeprefix(STARTED), strict=True)
    except ValidationError:
        return None


def _unavailable(run: ScriptRun) -> ScriptFailure:
    said = _quoted(run.stderr) or f"exit code {run.exit_code}"
    hint = INSTALL_HINT
    if "Unknown option" in said:
        hint = "Update it: version 0.8 of bubblewrap or a newer one is needed."
    elif "namespace" in said or "uid map" in said or "ermission" in said or "not permitted" in said:
        hint = (
            "Allow user namespaces (sysctl user.max_user_namespaces and, where they exist, "
            "kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns=0); "
            "in a container, run it with them allowed."
        )
    return ScriptFailure("sandbox_unavailable", f"The sandbox could not be started: {said}.", hint)


def _died(code: int, run: ScriptRun, limits: ScriptLimits) -> ScriptFailure:
    """The script ended without a report: by a signal, or past the launcher."""
    number = code - 128
    if number == signal.SIGSYS:
        return _failure("forbidden_call", "The script made a system call that no script may make.", run)
    # One process without threads cannot compute for longer than it runs, and the limit is not all that kills.
    if number == signal.SIGXCPU or (number == signal.SIGKILL and run.seconds >= limits.cpu_s):
        return _failure("time_limit", f"The script computed for more than {limits.cpu_s} s.", run)
    if number == signal.SIGXFSZ:
        return _failure("disk_limit", _disk(limits), run)
    if number == signal.SIGKILL:
        return ScriptFailure(
            "crashed",
            "The script's process was killed from outside, perhaps because this machine was short of memory.",
            "Run it again when there is memory to spare; keep counts instead of elems.",
            run,
        )
    if 0 < number < signal.NSIG:
        name = signal.Signals(number).name
        return _failure("crashed", f"The script's process was ended by the signal {name}.", run)
    return _failure("no_report", "The script ended in a way that hides what it did.", run)


def _raised(report: _Report, run: ScriptRun, limits: ScriptLimits) -> ScriptFailure:
    said = _quoted(f"{report.exception}: {report.message}" if report.message else report.exception)
    if report.kind in DATA_KINDS:
        return ScriptFailure(cast(DataKind, report.kind), _clean(report.message), _clean(report.hint), run)
    if "MemoryError" in report.names:
        size = limits.memory_bytes // 2**20
        return _failure("memory_limit", f"The script needed more than {size} MiB of memory.", run)
    if _NO_THREAD in report.message or NO_PROCESS in report.numbers:
        return _failure("process_limit", f"Scripts run in one process and one thread: {said}.", run)
    if NO_NETWORK in report.numbers or not _NETWORK_ERRORS.isdisjoint(report.names):
        return _failure("network", f"Scripts have no network: {said}.", run)
    if not {errno.ENOSPC, errno.EFBIG}.isdisjoint(report.numbers):
        return _failure("disk_limit", _disk(limits), run)
    if errno.EMFILE in report.numbers:
        return _failure(
            "file_limit", f"The script opened more than {limits.open_files} files at a time.", run
        )
    if report.exception in ("SyntaxError", "IndentationError", "TabError"):
        return _failure("syntax", f"The script is not Python: {said}.", run)
    if report.exception == "ModuleNotFoundError":
        hint = "Use Python's standard library and pybgpstream only; no other package can be imported."
        return ScriptFailure("runtime", f"The script failed: {said}.", hint, run)
    return _failure("runtime", f"The script failed: {said}.", run)


_HINTS: dict[Kind, str] = {
    "time_limit": "Read a shorter window, or filter it, and see that every loop ends.",
    "output_limit": "Print results, not elems.",
    "memory_limit": "Keep counts instead of elems.",
    "process_limit": "Leave out threads, multiprocessing and subprocesses.",
    "network": "Take the data from BGPStream; it has been fetched already.",
    "disk_limit": "Print results instead of writing files.",
    "file_limit": "Close files after use.",
    "forbidden_call": "Use Python's standard library and pybgpstream only.",
    "no_report": "End the script by its last line or sys.exit.",
    "syntax": "Correct the line.",
    "runtime": "Correct the line that the traceback names.",
}


def _failure(kind: Kind, message: str, run: ScriptRun) -> ScriptFailure:
    return ScriptFailure(kind, message, _HINTS.get(kind, ""), run)


def _disk(limits: ScriptLimits) -> str:
    return f"The script wrote more than {limits.disk_bytes // 2**20} MiB of files."


def _quoted(text: str) -> str:
    """Text of the script's making, fit for the middle of a message."""
    return _clean(text).rstrip(".")


def _clean(text: str) -> str:
    clean = _CONTROL.sub("", " ".join(text.split()))
    return clean if len(clean) <= _MAX_QUOTED else f"{clean[:_MAX_QUOTED]}…"
