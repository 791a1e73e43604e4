"""Sandboxes for model-written programs; both tiers fail closed.

from herdwick.tools.sandbox import ProgramSandbox, check_program

with ProgramSandbox() as sandbox:
    result = sandbox.run(program, tools, plan=plan, domain=domain)
"""

from herdwick.tools.sandbox.check import check_program
from herdwick.tools.sandbox.contract import CallRecord, Limits, ProgramFailure, RunResult, Sandbox
from herdwick.tools.sandbox.monty import ProgramSandbox

__all__ = [
    "CallRecord",
    "Limits",
    "ProgramFailure",
    "ProgramSandbox",
    "RunResult",
    "Sandbox",
    "check_program",
]
