"""What is known of one question while it is being answered, and the answer made from it.

    progress = Progress(question, "aminer", "one-shot", "embedded")
    progress.start(lambda: strategy(task))
    while progress.action:
        step = progress.succeeded(progress.action.runnable.invoke(progress.action.input), seconds)
    progress.answer(toolkit.data())

One object serves one question; nothing survives it.
"""

import time
from collections.abc import Callable
from typing import Any

from pydantic import JsonValue

from herdwick.agents.answer import Answer, AnswerError, Timings
from herdwick.agents.drafts import Draft
from herdwick.agents.steps import Action, Step, Steps, Trajectory
from herdwick.agents.wording import describe
from herdwick.tools.errors import HerdwickError
from herdwick.tools.sandbox import CallRecord, ProgramFailure, RunResult
from herdwick.tools.solutions import Plan


class Progress:
    """One question on its way from the first draft to the answer.

    Args:
        question: As understood.
        domain: Name of the domain.
        strategy: Name of the strategy.
        model: Name of the model.

    Attributes:
        action: The step to do next; None when there is none left.
    """

    def __init__(self, question: str, domain: str, strategy: str, model: str) -> None:
        self.action: Action | None = None
        self._question = question
        self._names = {"domain": domain, "strategy": strategy, "model": model}
        self._attempt = 0
        self._plan: Plan = ()
        self._program = ""
        self._calls: tuple[CallRecord, ...] = ()
        self._seconds = {"draft": 0.0, "check": 0.0, "run": 0.0}
        self._value: JsonValue = None
        self._error: HerdwickError | None = None
        self._started = time.perf_counter()

    def start(self, strategy: Callable[[], Steps]) -> None:
        """Begin; what `strategy` raises becomes the answer's error."""
        try:
            self._steps = strategy()
        except HerdwickError as error:
            self._error = error
        else:
            self._advance(lambda: next(self._steps))

    def succeeded(self, result: Any, seconds: float) -> Step:
        """Take in the result of the current action, and go on to the next."""
        action = self._begun()
        match result:
            case Draft():
                self._program, self._plan = result.program, result.plan or ()
            case RunResult():
                self._calls = result.calls
            case Trajectory():
                self._calls, self._plan = result.calls, result.plan
            case tuple():
                self._plan = result
        self._spend(action, result, seconds)
        step = self._step(action, seconds)
        self._advance(lambda: self._steps.send(result))
        return step

    def failed(self, error: HerdwickError, seconds: float) -> Step:
        """Take in the failure of the current action, and go on to the next."""
        action = self._begun()
        if isinstance(error, ProgramFailure):
            self._calls = error.calls
        self._spend(action, error, seconds)
        step = self._step(action, seconds, error)
        self._advance(lambda: self._steps.throw(error))
        return step

    def answer(self, data: dict[str, JsonValue]) -> Step:
        """The last step, with the whole answer.

        Args:
            data: What was really read.
        """
        total_s = time.perf_counter() - self._started
        error = AnswerError.of(self._error) if self._error else None
        answer = Answer(
            question=self._question,
            **self._names,
            plan=list(self._plan),
            program=self._program,
            answer=self._value,
            text=f"{error.message} {error.hint}".strip() if error else describe(self._value, self._program),
            status="error" if error else "ok",
            error=error,
            attempts=self._attempt,
            calls=list(self._calls),
            timings=Timings(
                draft_s=self._seconds["draft"],
                check_s=self._seconds["check"],
                run_s=self._seconds["run"],
                total_s=total_s,
            ),
            data=data,
        )
        return Step(
            step="answer",
            attempt=self._attempt,
            plan=answer.plan,
            program=answer.program,
            seconds=total_s,
            error=error,
            answer=answer,
        )

    def _begun(self) -> Action:
        if self.action is None:
            raise RuntimeError("there is no action whose outcome could be taken in")
        if self.action.attempt != self._attempt:
            self._attempt, self._plan, self._program, self._calls = self.action.attempt, (), "", ()
        return self.action

    def _spend(self, action: Action, result: Any, seconds: float) -> None:
        match result:
            case RunResult() | ProgramFailure():
                # The sandbox checks the types before it runs.
                self._seconds[action.step] += seconds - result.check_s
                self._seconds["check"] += result.check_s
            case Trajectory():
                in_tools = sum(call.seconds for call in result.calls)
                self._seconds["run"] += in_tools
                self._seconds["draft"] += max(0.0, seconds - in_tools)
            case _:
                self._seconds[action.step] += seconds

    def _step(self, action: Action, seconds: float, error: HerdwickError | None = None) -> Step:
        return Step(
            step=action.step,
            attempt=action.attempt,
            plan=list(self._plan),
            program=self._program,
            seconds=seconds,
            error=AnswerError.of(error) if error else None,
        )

    def _advance(self, move: Callable[[], Action]) -> None:
        self.action = None
        try:
            self.action = move()
        except StopIteration as finished:
            self._value = finished.value
        except HerdwickError as error:
            self._error = error
