"""Models, prompts and solvers: from a question in words to an answer with its evidence.

from herdwick.agents import build_solver

with build_solver("aminer", model="embedded", graph="graph.sqlite") as solver:
    print(solver.invoke("How many papers has Ada Quill?").text)
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from herdwick.agents.answer import Answer
    from herdwick.agents.build import build_solver
    from herdwick.agents.models import load_model
    from herdwick.agents.solver import Solver

__all__ = ["Answer", "Solver", "build_solver", "load_model"]

_MODULES = {
    "Answer": "herdwick.agents.answer",
    "Solver": "herdwick.agents.solver",
    "build_solver": "herdwick.agents.build",
    "load_model": "herdwick.agents.models",
}


def __getattr__(name: str) -> Any:
    # LangChain takes most of a second to import; `herdwick --help` must not pay for it.
    if name in _MODULES:
        return getattr(importlib.import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
