"""Sandboxes for model-written programs; both tiers fail closed.

from herdwick.tools.sandbox import ProgramSandbox, check_program

with ProgramSandbox() as sandbox:
    result = sandbox.run(program, tools, plan=plan, domain=domain)

    checked = sandbox.check(program, domain, plan)    # or the same in two steps
    result = sandbox.run_checked(checked, tools)
"""

from herdwick.tools.call_record import CallRecord
from herdwick.tools.sandbox.check import CheckedProgram, check_program
from herdwick.tools.sandbox.contract import Limits, ProgramFailure, RunResult, Sandbox
from herdwick.tools.sandbox.programs import ProgramSandbox
from herdwick.tools.sandbox.selfcheck import SelfCheckFinding, self_check

__all__ = [
    "CallRecord",
    "CheckedProgram",
    "Limits",
    "ProgramFailure",
    "ProgramSandbox",
    "RunResult",
    "Sandbox",
    "SelfCheckFinding",
    "check_program",
    "self_check",
]
