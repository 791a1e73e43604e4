"""Answers requests: holds a place, keeps the deadline, asks the solvers.

    service = Service(settings, model, metrics)
    answer = await service.answer(asked, on_step=print)
    service.close()

A question whose model died while it was being answered is asked once more of its successor.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import ExitStack, aclosing, asynccontextmanager
from typing import cast

from pydantic import BaseModel

from herdwick.agents.answer import Answer, AnswerError, Timings
from herdwick.agents.build import build_solver
from herdwick.agents.server.errors import HttpFailure
from herdwick.agents.server.metrics import Metrics
from herdwick.agents.server.requests import Asked, Target
from herdwick.agents.server.served_model import ServedModel
from herdwick.agents.server.settings import ServerSettings
from herdwick.agents.server.shown_paths import ShownPaths
from herdwick.agents.server.slots import Slots
from herdwick.agents.solver import Solver
from herdwick.agents.steps import Step
from herdwick.tools.domain import Domain, get_domain
from herdwick.tools.errors import HerdwickError

OnStep = Callable[[Step], None]

TOO_LATE = "deadline_exceeded"


class Service:
    """The solvers of one server; its methods belong to one event loop.

    Args:
        settings: What is served.
        model: Who writes the programs; not closed here.
        metrics: Where answers and steps are counted.

    Attributes:
        slots: Places and queue.
        shown: What every text that may name files passes before it is told.

    Raises:
        HerdwickError: The data of a domain cannot be opened, or a setting is wrong.
    """

    def __init__(self, settings: ServerSettings, model: ServedModel, metrics: Metrics) -> None:
        self.slots = Slots(settings.slots, settings.max_queue)
        self.shown = ShownPaths(settings.data_folder)
        self._settings = settings
        self._model = model
        self._metrics = metrics
        with ExitStack() as stack:
            self._solvers = {
                name: stack.enter_context(self._build(get_domain(name), options))
                for name, options in settings.domains.items()
            }
            self._resources = stack.pop_all()

    def close(self) -> None:
        """Release the data of all domains; closing twice is harmless."""
        self._resources.close()

    async def answer(
        self, asked: Asked, on_step: OnStep | None = None, on_place: Callable[[], None] | None = None
    ) -> Answer:
        """The answer to a request.

        Args:
            asked: What is asked.
            on_step: Told each step but the last, when it is finished.
            on_place: Told once the request has left the queue.

        Raises:
            HttpFailure: 429; the queue is full.
        """
        started = time.monotonic()
        try:
            async with self.place():
                if on_place:
                    on_place()
                answer = await self._in_turn(asked, on_step or _ignore)
        except HttpFailure as error:
            if error.kind != TOO_LATE:
                raise
            seconds = time.monotonic() - started
            answer = self._failed(error, asked.question, asked.targets[0].domain.name, seconds)
        if answer.error:
            self._model.has_failed(answer.error.kind)
        self._metrics.answer(answer)
        return answer

    def told(self, error: AnswerError) -> AnswerError:
        """The error of a question that was asked of a solver directly, as it is told."""
        self._model.has_failed(error.kind)
        return self.shown.error(error)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place to work in until the deadline, which also counts the wait for it.

        Raises:
            HttpFailure: 429, the queue is full; 504, the deadline has passed.
        """
        try:
            async with asyncio.timeout(self._settings.deadline_s) as deadline, self.slots.hold():
                yield
        except TimeoutError as error:
            if not deadline.expired():
                raise
            self._model.has_failed(TOO_LATE)
            raise HttpFailure(
                504,
                TOO_LATE,
                f"There was no answer within {self._settings.deadline_s:g} s.",
                "Ask again, or ask about less data.",
            ) from error

    def solver(self, domain: str) -> Solver:
        """The solver of a domain, on the data that the server was started with."""
        return self._solvers[domain]

    async def _in_turn(self, asked: Asked, on_step: OnStep) -> Answer:
        """As `routing.ask_in_turn`, for asyncio."""
        refused: Answer | None = None
        for target in asked.targets:
            answer = await self._ask(target, asked.question, on_step)
            if answer.error is None or answer.error.kind != "refused":
                return answer
            refused = refused or answer
        if refused is None:
            raise ValueError("there is no domain to ask")
        return refused

    async def _ask(self, target: Target, question: str, on_step: OnStep) -> Answer:
        try:
            async with self._solver(target) as solver:
                deaths = self._model.restarts
                answer = await self._solve(solver, question, on_step)
                lost = answer.error is not None and answer.error.kind == "endpoint_down"
                if lost and await asyncio.to_thread(self._model.has_died, deaths):
                    answer = await self._solve(solver, question, on_step)
                return answer
        except HerdwickError as error:
            return self._failed(error, question, target.domain.name)

    async def _solve(self, solver: Solver, question: str, on_step: OnStep) -> Answer:
        answer: Answer | None = None
        async with steps_of(solver, question) as steps:
            async for found in steps:
                step = self.shown.step(found)
                self._metrics.step(step)
                if step.answer is None:
                    on_step(step)
                answer = step.answer
        if answer is None:
            raise RuntimeError("a solver must end with an answer")
        return answer

    @asynccontextmanager
    async def _solver(self, target: Target) -> AsyncIterator[Solver]:
        if target.options is None:
            yield self._solvers[target.domain.name]
            return
        opening = asyncio.ensure_future(asyncio.to_thread(self._build, target.domain, target.options))
        try:
            # A thread cannot be stopped: what it opens must be closed even if nobody waits for it any more.
            solver = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_opened)
            raise
        try:
            yield solver
        finally:
            await asyncio.shield(asyncio.to_thread(solver.close))

    def _build(self, domain: Domain, options: BaseModel) -> Solver:
        settings = self._settings
        return build_solver(
            domain,
            self._model,
            settings.strategy,
            style=settings.style,
            max_repairs=settings.max_repairs,
            **options.model_dump(by_alias=True, exclude_unset=True),
        )

    def _failed(self, error: HerdwickError, question: str, domain: str, seconds: float = 0.0) -> Answer:
        answer = Answer.of_error(
            error,
            question=question,
            domain=domain,
            strategy=self._settings.strategy,
            model=self._model.name,
            timings=Timings(total_s=seconds),
        )
        return self.shown.answer(answer)


def steps_of(solver: Solver, question: str) -> aclosing[AsyncGenerator[Step, None]]:
    """The steps of a solver, which stops as soon as the block is left."""
    return aclosing(cast("AsyncGenerator[Step, None]", solver.astream(question)))


def _ignore(_: Step) -> None:
    pass


def _close_opened(opening: "asyncio.Future[Solver]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
