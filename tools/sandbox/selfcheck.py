"""Does the sandbox hold, on this machine, now? The question of `herdwick doctor`.

    for finding in self_check():
        print(finding.ok, finding.name, finding.detail)

The hostile programs here skip the static checks on purpose: the inner wall has to hold by itself. The long
list of attempts is in the tests; these are the ones whose success would mean that a machine is not safe.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from pydantic import BaseModel, Field
from pydantic_monty import Monty

from herdwick.tools.domain import Domain
from herdwick.tools.errors import DomainError, HerdwickError
from herdwick.tools.functions import FunctionSpec
from herdwick.tools.sandbox.calls import CallDesk
from herdwick.tools.sandbox.chains import CallFlow
from herdwick.tools.sandbox.contract import Limits, ProgramFailure, Sandbox
from herdwick.tools.sandbox.execution import execute
from herdwick.tools.sandbox.failures import RunningProgram
from herdwick.tools.sandbox.programs import ProgramSandbox
from herdwick.tools.sandbox.source import Source
from herdwick.tools.sandbox.workers import open_pool
from herdwick.tools.tool import FunctionTool


class _EchoArgs(BaseModel):
    text: str = Field(description="Any text.")


def _cannot_open(_options: object) -> NoReturn:
    raise DomainError("bad_domain", "The self-check has no data to open.")


_DOMAIN = Domain(
    name="selfcheck",
    summary="One function, for the sandbox's self-check.",
    functions=(FunctionSpec("echo", "The text itself.", _EchoArgs, str),),
    options=BaseModel,
    open=_cannot_open,
)
_TOOLS = [FunctionTool.of(_DOMAIN.functions[0], lambda text: text)]
_LIMITS = Limits(time_s=0.5, memory_bytes=16 * 2**20)

_GOOD = "final_result = echo(text='herd')"
_GOOD_OUTCOME = "'herd'"
_HOSTILE = (
    ("files are out of reach", "final_result = open('/etc/hostname').read()", "forbidden"),
    ("the environment is out of reach", "import os\nfinal_result = os.getenv('PATH')", "forbidden"),
    ("processes cannot be started", "import os\nos.system('true')\nfinal_result = 1", "runtime"),
    ("the network is out of reach", "import socket\nfinal_result = 1", "forbidden"),
    ("Python's insides are out of reach", "final_result = (1).__class__.__mro__", "runtime"),
    ("the host answers to the prelude alone", "final_result = _host_call('echo', '[[1], {}]')", "runtime"),
    ("endless loops are stopped", "while True:\n    pass\nfinal_result = 1", "time_limit"),
    ("memory is limited", "final_result = len('a' * 10**9)", "memory_limit"),
)


@dataclass(frozen=True)
class SelfCheckFinding:
    """One thing the self-check looked at.

    Attributes:
        name: What should hold.
        ok: Whether it does.
        detail: What was seen.
    """

    name: str
    ok: bool
    detail: str


def self_check(binary_path: str | None = None) -> list[SelfCheckFinding]:
    """Try a good program and some hostile ones in the real sandbox.

    Args:
        binary_path: Monty's worker; the installed one when None.
    """
    seen = _outcome(lambda: _run_checked(binary_path))
    findings = [SelfCheckFinding("programs run", seen == _GOOD_OUTCOME, seen)]
    if not findings[0].ok:
        return findings
    pool = open_pool(1, binary_path, turn_timeout_s=10.0)
    try:
        for name, program, kind in _HOSTILE:
            seen = _outcome(partial(_run_unchecked, pool, program))
            findings.append(SelfCheckFinding(name, seen.startswith(f"{kind}: "), seen))
        seen = _outcome(partial(_run_unchecked, pool, _GOOD))
        findings.append(SelfCheckFinding("programs run after hostile ones", seen == _GOOD_OUTCOME, seen))
    finally:
        pool.__exit__(None, None, None)
    return findings


def _run_checked(binary_path: str | None) -> object:
    with ProgramSandbox(workers=1, binary_path=binary_path) as programs:
        sandbox: Sandbox = programs
        return sandbox.run(_GOOD, _TOOLS, domain=_DOMAIN, limits=_LIMITS).value


def _run_unchecked(pool: Monty, program: str) -> object:
    desk = CallDesk({tool.name: tool for tool in _TOOLS}, _LIMITS)
    source = Source(program, ast.parse(program))
    return execute(pool, RunningProgram(source, CallFlow({}, {}, {}), desk, _LIMITS))


def _outcome(attempt: Callable[[], object]) -> str:
    try:
        return repr(attempt())
    except ProgramFailure as failure:
        return f"{failure.kind}: {failure.message}"
    except HerdwickError as error:
        return f"{type(error).__name__}: {error.message}"
