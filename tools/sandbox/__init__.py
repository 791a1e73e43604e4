"""Sandboxes for model-written programs; both tiers fail closed.

from herdwick.tools.sandbox import ProgramSandbox, check_program

with ProgramSandbox() as sandbox:
    result = sandbox.run(program, tools, plan=plan, domain=domain)
"""

from herdwick.tools.sandbox.check import check_program
from herdwick.tools.sandbox.contract import CallRecord, Limits, ProgramFailure, RunResult, Sandbox
from herdwick.tools.sandbox.programs import ProgramSandbox
from herdwick.tools.sandbox.selfcheck import SelfCheckFinding, self_check

__all__ = [
    "CallRecord",
    "Limits",
    "ProgramFailure",
    "ProgramSandbox",
    "RunResult",
    "Sandbox",
    "SelfCheckFinding",
    "check_program",
    "self_check",
]
