"""Runs what a teacher wrote, on data and on none: code is kept for what it computes.

    with open_runner(config) as runner:
        runner.run(task)          # what it printed or computed, or raises Unfit

Code passes when it ends well over the sample, computes something there, and computes something else over data
in which nothing happens: the empty-data control, without which nearly all that does not crash would pass.
Scripts run in tier two of the sandbox (`scripts`), AMiner programs in tier one (`programs`).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from herdwick.selfinstruct.teacher.config import TeacherConfig
from herdwick.selfinstruct.teacher.reply import Task
from herdwick.tools.errors import ProgramError

_FENCE = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL | re.IGNORECASE)


class Unfit(ProgramError):
    """Code that is not kept; the kind says why."""


@dataclass(frozen=True)
class Runner:
    """How the code of one kind of task is run.

    Attributes:
        run: Returns what the code of a task computed, as text; raises `Unfit`, or another `HerdwickError`
            where there is no sandbox. None where there is no code.
        entities: Draws what tasks may be about, as text; None where they may be about anything.
    """

    run: Callable[[Task], str] | None = None
    entities: Callable[[Random], str] | None = None


def code_of(output: str) -> str:
    """The code in an output: its fenced blocks, or all of it where it has none."""
    blocks = _FENCE.findall(output)
    return "\n".join(blocks).strip() if blocks else output.strip()


@contextmanager
def open_runner(config: TeacherConfig) -> Iterator[Runner]:
    """What runs the code of the configuration's kind of task.

    Raises:
        HerdwickError: Code is to be run, and there is no sandbox.
    """
    match config.kind:
        case "bgp_knowledge":
            yield Runner()
        case "aminer":
            from herdwick.selfinstruct.teacher.programs import open_programs

            graph = {"people": config.graph_people, "papers": config.graph_papers, "seed": config.graph_seed}
            with open_programs(**graph) as programs:
                yield Runner(programs.run if config.execute else None, programs.draw_entities)
        case "pybgpstream" | "realtime" if config.execute:
            from herdwick.selfinstruct.teacher.scripts import open_scripts

            with open_scripts(config.script_s, live=config.kind == "realtime") as scripts:
                yield Runner(scripts.run)
        case "pybgpstream" | "realtime":
            yield Runner()
