"""Does tier two hold, on this machine, now? The question of `herdwick doctor`.

    for finding in self_check_scripts():
        print(finding.ok, finding.name, finding.detail)

The long list of attempts is in the tests; these are the ones whose success would mean that a machine is not
safe. Scripts that should be refused print `reached` where they are not.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from herdwick.tools.sandbox.scripts.contract import ScriptFailure, ScriptLimits
from herdwick.tools.sandbox.scripts.isolated import Supplies, run_isolated
from herdwick.tools.sandbox.scripts.runtime import Mount
from herdwick.tools.sandbox.selfcheck import SelfCheckFinding

_LIMITS = ScriptLimits(wall_s=20.0, cpu_s=10, memory_bytes=256 * 2**20)
_SHORT = ScriptLimits(wall_s=1.0, cpu_s=10, memory_bytes=256 * 2**20)
_DATA = "/data/file"


@dataclass(frozen=True)
class _Attempt:
    name: str
    script: str
    kind: str
    said: str = ""
    limits: ScriptLimits = _LIMITS


_ATTEMPTS = (
    _Attempt(
        "the network is out of reach",
        "import socket\nsocket.create_connection(('127.0.0.1', 9), 1)\nprint('reached')",
        "network",
    ),
    _Attempt(
        "the host's files are out of reach",
        "print('reached', open('/etc/passwd').read())",
        "runtime",
        "FileNotFoundError",
    ),
    _Attempt(
        "other processes are out of reach",
        "print('reached', open('/proc/1/environ').read())",
        "runtime",
        "FileNotFoundError",
    ),
    _Attempt("data cannot be written", f"open('{_DATA}', 'ab').write(b'x')", "runtime", "Read-only"),
    _Attempt("processes cannot be started", "import os\nos.fork()\nprint('reached')", "process_limit"),
    _Attempt("memory is limited", "x = bytearray(2**30)\nprint('reached')", "memory_limit"),
    _Attempt(
        "hostile system calls end the script",
        "import ctypes\nctypes.CDLL(None).unshare(0x10000000)\nprint('reached')",
        "forbidden_call",
    ),
    _Attempt("endless loops are stopped", "while True:\n    pass", "time_limit", limits=_SHORT),
)


def self_check_scripts() -> list[SelfCheckFinding]:
    """Try a good script and some hostile ones in the real sandbox; about two seconds.

    Raises:
        ScriptFailure: Of kind `sandbox_unavailable`: no script can run here, whatever it does.
    """
    with TemporaryDirectory() as folder:
        data = Path(folder) / "file"
        data.write_bytes(b"herd")
        supplies = Supplies(mounts=(Mount(data.resolve(), _DATA),))
        good = _outcome(_Attempt("", f"print(open('{_DATA}').read())", ""), supplies)
        findings = [SelfCheckFinding("scripts run", good == "printed 'herd\\n'", good)]
        if not findings[0].ok:
            return findings
        for attempt in _ATTEMPTS:
            seen = _outcome(attempt, supplies)
            held = seen.startswith(f"{attempt.kind}: ") and attempt.said in seen and "reached" not in seen
            findings.append(SelfCheckFinding(attempt.name, held and data.read_bytes() == b"herd", seen))
    return findings


def _outcome(attempt: _Attempt, supplies: Supplies) -> str:
    try:
        return f"printed {run_isolated(attempt.script, supplies, attempt.limits).stdout!r}"
    except ScriptFailure as failure:
        if failure.kind == "sandbox_unavailable":
            raise
        printed = f", after printing {failure.run.stdout!r}" if failure.run and failure.run.stdout else ""
        return f"{failure.kind}: {failure.message}{printed}"
