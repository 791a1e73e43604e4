"""The loop: ask, write down, judge, write down, until there is enough.

    report = generate(load_config("bgp_knowledge", overrides={"count": 100}), Path("runs/knowledge.jsonl"))
    report.kept, report.dropped, report.stopped

Replies are judged in the order of their requests, whatever the order in which they come, and a request is
made from what had been judged a fixed number of requests before it. So what is kept depends on the replies
alone: a run that was killed and continued keeps the same as one that was not.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from herdwick.agents.errors import ModelError
from herdwick.agents.models import Model, load_model
from herdwick.selfinstruct.teacher.ahead import Judge
from herdwick.selfinstruct.teacher.budget import Budget, Tokens, YieldWatch, replies_needed
from herdwick.selfinstruct.teacher.client import Teacher
from herdwick.selfinstruct.teacher.config import TeacherConfig
from herdwick.selfinstruct.teacher.execution import open_runner
from herdwick.selfinstruct.teacher.gate import Gate, Runs
from herdwick.selfinstruct.teacher.journal import DecisionLine, Journal, ReplyLine
from herdwick.selfinstruct.teacher.prompts import Prompt, Prompter, ShownTask, read_prompt
from herdwick.selfinstruct.teacher.records import Stop, TeacherReport, journal_file
from herdwick.selfinstruct.teacher.reply import Task
from herdwick.selfinstruct.teacher.results import check_free, report_of, write_results
from herdwick.selfinstruct.teacher.seeds import read_seeds

FAILED_IN_A_ROW = 5
"""Requests with consecutive numbers that came to nothing, until the fault is taken to be the endpoint's.

Not in the order in which they came back: a refusal comes at once, beside replies that take long."""


@dataclass(frozen=True)
class RunProgress:
    """How far a run is.

    Attributes:
        kept: Items, of those wanted.
        replies: Judged.
        in_flight: Requests under way.
        tokens: Of all replies so far.
    """

    kept: int
    replies: int
    in_flight: int
    tokens: int


def generate(
    config: TeacherConfig,
    out: Path,
    *,
    model: Model | None = None,
    progress: Callable[[RunProgress], None] | None = None,
) -> TeacherReport:
    """Write what a teacher makes to `out`, with rejects, report and journal beside it.

    The same arguments continue a run that was stopped, and change nothing after one that reached its end; a
    higher count or budget takes it further.

    Args:
        config: Of the run.
        out: JSONL file, replaced when the run ends, also when an error ends it after a reply.
        model: The teacher; by default the one that the configuration names.
        progress: Called after each change.

    Raises:
        DataError: Seeds, prompt or evaluation cannot be read; `out` is somebody else's file; the journal is
            of another configuration, damaged or in use; the disk is full.
        ModelError: The endpoint cannot be used, or still failed after all attempts.
        ProgramError: There is no sandbox.
    """
    seeds = read_seeds(config.seeds)
    system = read_prompt(config.prompt)
    check_free(out, config)
    with ExitStack() as stack:
        journal = stack.enter_context(Journal.open(journal_file(out), config.fingerprint()))
        runner = stack.enter_context(open_runner(config))
        gate = Gate(config, seeds.tasks, runner)
        for item in (item for decision in journal.decisions for item in decision.items):
            gate.keep(Task(item.instruction, item.input, item.output))
        prompter = Prompter(config, seeds.tasks, system, runner.entities)
        teacher_model = model or load_model(config.model, timeout_s=config.timeout_s)
        if model is None:
            stack.callback(teacher_model.close)
        judge = stack.enter_context(Judge(gate, runner, config, teacher_model.name))
        run = _Run(config, journal, prompter, teacher_model, judge, progress)
        stopped: Stop = "interrupted"
        try:
            stopped = asyncio.run(run.go())
        finally:
            report = report_of(config, seeds, journal, run.budget, stopped=stopped, model=teacher_model.name)
            if journal.replies:
                write_results(out, config, journal, report)
    return report


class _Run:
    """One process's part of a run."""

    def __init__(
        self,
        config: TeacherConfig,
        journal: Journal,
        prompter: Prompter,
        model: Model,
        judge: Judge,
        progress: Callable[[RunProgress], None] | None,
    ) -> None:
        self.config, self.journal = config, journal
        self.budget = Budget(config)
        self._prompter, self._model, self._judge, self._progress = prompter, model, judge, progress
        self._yield = YieldWatch(config)
        self._shown: list[ShownTask] = []
        self._kept_after: list[int] = []
        self._asked: dict[int, asyncio.Task[ReplyLine]] = {}
        self._running: dict[int, asyncio.Task[Runs]] = {}
        self._answered = self._failed_in_a_row = 0
        for reply in journal.replies.values():
            self._count(reply)
        for decision in journal.decisions:
            self._take(decision)

    async def go(self) -> Stop:
        """Ask and judge until there is a reason to stop.

        Raises:
            HerdwickError: As `generate`.
        """
        # Nothing is asked of anybody when there is enough already.
        if stop := self._enough():
            return stop
        endpoint = await asyncio.to_thread(self._model.endpoint, "")
        replies = reversed(self.journal.replies.values())
        form = next((reply.form for reply in replies if not reply.failure), None)
        for number in sorted(self.journal.replies):
            if number >= len(self.journal.decisions):
                self._run_code(self.journal.replies[number])
        try:
            async with Teacher(endpoint, self.config, form=form) as teacher:
                return await self._drive(teacher)
        finally:
            left = (*self._asked.values(), *self._running.values())
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _drive(self, teacher: Teacher) -> Stop:
        judging: asyncio.Task[DecisionLine] | None = None
        failure: ModelError | None = None
        while True:
            due = len(self.journal.decisions)
            if judging is None and due in self._running:
                judging = asyncio.create_task(self._decide(due, self._running.pop(due)))
            if failure is None:
                self._ask_more(teacher)
            waited = {*self._asked.values(), *([judging] if judging else [])}
            if not waited:
                if failure:
                    raise failure
                return "budget"
            done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            failure = self._receive_all(done) or failure
            if judging in done and judging is not None:
                decision = judging.result()
                judging = None
                self.journal.append(decision)
                self._take(decision)
                if stop := self._enough():
                    return stop
                failure = failure or self._came_to_nothing(self.journal.replies[decision.number])
                if failure:
                    self._stop_asking()
            self._tell()

    def _ask_more(self, teacher: Teacher) -> None:
        """Start what requests may be started."""
        config, judged = self.config, len(self.journal.decisions)
        last = judged + min(config.requests_ahead, replies_needed(config, self._kept_after))
        if config.budget_requests is not None:
            last = min(last, config.budget_requests)
        for number in range(judged, last):
            if number in self.journal.replies or number in self._asked:
                continue
            if len(self._asked) >= config.in_flight:
                return
            if self.budget.exhausted(len(self._asked), self._answered):
                return
            self._asked[number] = asyncio.create_task(teacher.ask(self._prompt(number)))

    def _receive_all(self, done: Collection[asyncio.Task[Any]]) -> ModelError | None:
        """Take the replies that came; after a failure nothing more is waited for, and what came is judged."""
        failure: ModelError | None = None
        for number in [number for number, task in self._asked.items() if task in done]:
            try:
                self._receive(self._asked.pop(number).result())
            except ModelError as error:
                failure = error
        if failure:
            self._stop_asking()
        return failure

    def _stop_asking(self) -> None:
        for task in self._asked.values():
            task.cancel()
        self._asked.clear()

    def _receive(self, reply: ReplyLine) -> None:
        self.journal.append(reply)
        self._count(reply)
        self._run_code(reply)

    def _count(self, reply: ReplyLine) -> None:
        self.budget.add(_tokens(reply))
        self._answered += not reply.failure

    def _came_to_nothing(self, reply: ReplyLine) -> ModelError | None:
        """What ends the run when `reply` is one failure too many."""
        self._failed_in_a_row = self._failed_in_a_row + 1 if reply.failure else 0
        if self._failed_in_a_row < FAILED_IN_A_ROW:
            return None
        return ModelError(
            reply.failure,
            f"{FAILED_IN_A_ROW} requests in a row came to nothing, the last one so: {reply.detail}",
            "Check the endpoint; shorter prompts (--human-seeds) or replies (--max-tokens) may help.",
        )

    def _run_code(self, reply: ReplyLine) -> None:
        """Begin to run what a reply holds: it takes seconds, in which other replies come."""
        self._running[reply.number] = asyncio.create_task(self._judge.run_code(reply))

    async def _decide(self, number: int, running: asyncio.Task[Runs]) -> DecisionLine:
        return await self._judge.decide(self.journal.replies[number], self._prompt(number), await running)

    def _prompt(self, number: int) -> Prompt:
        """Request `number`, from what was kept when its turn in the window came."""
        seen = number - self.config.requests_ahead
        return self._prompter.draw(number, self._shown[: self._kept_after[seen]] if seen >= 0 else [])

    def _take(self, decision: DecisionLine) -> None:
        self._shown += [
            ShownTask(item.id, item.instruction, item.input, item.output, by_hand=False)
            for item in decision.items
        ]
        self._kept_after.append(len(self._shown))
        self._yield.add(len(decision.items), len(decision.drops))

    def _enough(self) -> Stop | None:
        if len(self._shown) >= self.config.count:
            return "count"
        return "yield" if self._yield.low else None

    def _tell(self) -> None:
        if self._progress:
            self._progress(
                RunProgress(
                    kept=min(len(self._shown), self.config.count),
                    replies=len(self.journal.decisions),
                    in_flight=len(self._asked),
                    tokens=self.budget.spent.total,
                )
            )


def _tokens(reply: ReplyLine) -> Tokens:
    return Tokens(reply.prompt_tokens, reply.reply_tokens)
