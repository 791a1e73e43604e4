r"""Run a script that nobody trusts.

    run = run_isolated("print(1 + 1)")
    run.stdout      # '2\n'

There is no other way to run one: where the sandbox cannot be set up, nothing runs.
"""

import importlib.resources
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from herdwick.tools.sandbox.scripts.bubblewrap import INSTALL_HINT, open_sandbox
from herdwick.tools.sandbox.scripts.contract import ScriptFailure, ScriptLimits, ScriptRun
from herdwick.tools.sandbox.scripts.outcome import script_run
from herdwick.tools.sandbox.scripts.process import Pipe, watch
from herdwick.tools.sandbox.scripts.runtime import Mount, python_runtime

MODULES = "/modules"
"""Where scripts import from, besides the standard library."""

_RUN = "/run/sandbox"
_LAUNCHER, _PLAN = f"{_RUN}/launch.py", f"{_RUN}/plan.json"
_SCRIPT = f"{_RUN}/script.py"
_ERRORS = f"{MODULES}/herdwick/tools/errors.py"


@dataclass(frozen=True)
class Supplies:
    """What a script is given besides Python.

    Attributes:
        mounts: Files and folders to read; those below `MODULES` can be imported.
        files: Small files that exist in the sandbox alone: path and content.
        environment: Variables besides the fixed ones.
        extensions: Compiled modules among the mounts, whose shared libraries come along.
        evidence: Module among the mounts whose `collected()` says what it did, as a JSON object; '' for none.
    """

    mounts: Sequence[Mount] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    extensions: tuple[Path, ...] = ()
    evidence: str = ""


def run_isolated(
    source: str, supplies: Supplies | None = None, limits: ScriptLimits | None = None
) -> ScriptRun:
    """Run `source` in the sandbox, to its own end.

    Args:
        source: Python.
        supplies: What it is given; nothing when None.
        limits: What it may use; the defaults when None.

    Raises:
        ScriptFailure: It was refused, stopped, or failed, or there is no sandbox.
    """
    supplies, limits = supplies or Supplies(), limits or ScriptLimits()
    script = _encoded(source, limits)
    guest = importlib.resources.files(__package__) / "guest"
    with ExitStack() as stack:
        launcher, errors = (
            stack.enter_context(importlib.resources.as_file(guest / name)).resolve()
            for name in ("launch.py", "errors.py")
        )
        report = stack.enter_context(Pipe())
        plan = {
            "report_fd": report.writer.fileno(),
            "modules": MODULES,
            "evidence": supplies.evidence or None,
            "limits": _resource_limits(limits),
        }
        sandbox = stack.enter_context(
            open_sandbox(
                python_runtime(supplies.extensions),
                (Mount(launcher, _LAUNCHER), Mount(errors, _ERRORS), *supplies.mounts),
                {_PLAN: json.dumps(plan).encode(), _SCRIPT: script, **supplies.files},
                supplies.environment,
                limits,
            )
        )
        command = (*sandbox.command, _LAUNCHER, _PLAN, _SCRIPT)
        try:
            ended = watch(command, sandbox.descriptors, report, limits)
        except OSError as error:
            raise ScriptFailure(
                "sandbox_unavailable", f"bubblewrap cannot be started: {error}.", INSTALL_HINT
            ) from error
    return script_run(ended, limits)


def _encoded(source: str, limits: ScriptLimits) -> bytes:
    if len(source) > limits.script_chars:
        raise ScriptFailure(
            "too_long",
            f"The script has {len(source):,} characters, more than {limits.script_chars:,}.",
            "Give a shorter script.",
        )
    try:
        return source.encode()
    except UnicodeEncodeError as error:
        raise ScriptFailure(
            "syntax", "The script holds half a character.", "Give valid Unicode text."
        ) from error


def _resource_limits(limits: ScriptLimits) -> dict[str, tuple[int, int]]:
    """Names of the module `resource`, with soft and hard limit; some are a second wall behind the filter."""
    return {
        "RLIMIT_AS": (limits.memory_bytes, limits.memory_bytes),
        "RLIMIT_CPU": (limits.cpu_s, limits.cpu_s + 1),
        "RLIMIT_FSIZE": (limits.disk_bytes, limits.disk_bytes),
        "RLIMIT_NOFILE": (limits.open_files, limits.open_files),
        "RLIMIT_NPROC": (1, 1),
        "RLIMIT_MEMLOCK": (0, 0),
        "RLIMIT_CORE": (0, 0),
    }
