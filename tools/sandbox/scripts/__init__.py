"""Tier two: free Python in bubblewrap, for scripts that no plan describes.

from herdwick.tools.sandbox.scripts import ScriptLimits, run_isolated

run = run_isolated("print(1 + 1)", limits=ScriptLimits(wall_s=10))
run.stdout, run.exit_code
"""

from herdwick.tools.sandbox.scripts.contract import ScriptFailure, ScriptLimits, ScriptRun
from herdwick.tools.sandbox.scripts.isolated import MODULES, Supplies, run_isolated
from herdwick.tools.sandbox.scripts.runtime import Mount
from herdwick.tools.sandbox.scripts.selfcheck import self_check_scripts

__all__ = [
    "MODULES",
    "Mount",
    "ScriptFailure",
    "ScriptLimits",
    "ScriptRun",
    "Supplies",
    "run_isolated",
    "self_check_scripts",
]
