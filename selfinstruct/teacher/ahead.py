"""Judges replies in their order, while the code of those that wait for their turn runs already.

    with Judge(gate, runner, config, model="embedded") as judge:
        waiting = asyncio.create_task(judge.run_code(reply))     # when it comes, in any order
        decision = await judge.decide(reply, prompt, await waiting)     # in the order of the requests

What code computes does not depend on what was kept before, so it can run in any order. The gate lives in one
thread, and its decisions stay in order. What it would drop without a run is not run: as it only ever learns
of more to drop, it will then be dropped in its turn too.
"""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from herdwick.selfinstruct.teacher.config import TeacherConfig
from herdwick.selfinstruct.teacher.execution import Runner
from herdwick.selfinstruct.teacher.gate import Gate, Runs
from herdwick.selfinstruct.teacher.journal import DecisionLine, ReplyLine
from herdwick.selfinstruct.teacher.judging import judge_reply, parsed
from herdwick.selfinstruct.teacher.prompts import Prompt

CODE_THREADS = min(8, (os.cpu_count() or 1) + 1)
"""Runs at the same time: one more than cores, as each also waits for its process to start and end."""


class Judge:
    """A gate in a thread of its own, and some threads that run code for it.

    Args:
        gate: Which nobody else may use meanwhile.
        runner: The gate's.
        config: Of the run.
        model: As it was asked for.
    """

    def __init__(self, gate: Gate, runner: Runner, config: TeacherConfig, model: str) -> None:
        self._gate, self._run, self._config, self._model = gate, runner.run, config, model
        self._turns = ThreadPoolExecutor(1)
        self._code = ThreadPoolExecutor(CODE_THREADS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The sandbox may close only when nothing runs in it.
        for threads in (self._turns, self._code):
            threads.shutdown(cancel_futures=True)

    async def run_code(self, reply: ReplyLine) -> Runs:
        """Run the code of all tasks of a reply that may be kept; returns when the last run has ended."""
        if self._run is None or reply.failure:
            return {}
        loop = asyncio.get_running_loop()
        tasks = parsed(reply).tasks
        promising = await loop.run_in_executor(self._turns, lambda: [*filter(self._gate.may_keep, tasks)])
        runs = {task: self._code.submit(self._run, task) for task in promising}
        # What a run raises is the gate's to hear.
        await asyncio.gather(*map(asyncio.wrap_future, runs.values()), return_exceptions=True)
        return runs

    async def decide(self, reply: ReplyLine, prompt: Prompt, runs: Runs) -> DecisionLine:
        """What becomes of all that a reply holds.

        Raises:
            HerdwickError: As `judge_reply`.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._turns, judge_reply, reply, prompt, self._gate, self._config, self._model, runs
        )
