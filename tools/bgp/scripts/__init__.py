"""Free PyBGPStream scripts over MRT files, in tier two of the sandbox.

from herdwick.tools.bgp.scripts import read_fetch_plan, run_script

plan = read_fetch_plan(source)                      # what it will ask for
result = run_script(source, find_files([Path("rrc06")]))
result.stdout, result.reads
"""

from herdwick.tools.bgp.scripts.plan import FetchPlan, StreamPlan, read_fetch_plan
from herdwick.tools.bgp.scripts.result import FileRead, ScriptResult, StreamRead
from herdwick.tools.bgp.scripts.run import Bounds, run_script

__all__ = [
    "Bounds",
    "FetchPlan",
    "FileRead",
    "ScriptResult",
    "StreamPlan",
    "StreamRead",
    "read_fetch_plan",
    "run_script",
]
