"""What is known of one question while it is being answered, and the answer made from it.

    progress = Progress(question, "aminer", "one-shot", "embedded")
    progress.start(lambda: strategy(task))
    while progress.action:
        step = progress.succeeded(progress.action.runnable.invoke(progress.action.input), seconds)
    progress.answer(toolkit.data)

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
from herdwick.tools.sandbox import CallRecord, CheckedProgram, RunResult
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
        self._domain = domain
        self._strategy = strategy
        self._model = model
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
            case CheckedProgram():
                self._plan = result.plan
            case RunResult():
                self._calls = result.calls
            case Trajectory():
                self._calls, self._plan = result.calls, result.plan
            case tuple():
                self._plan = result
        self._spend(action, seconds)
        step = self._step(action, seconds)
        self._advance(lambda: self._steps.send(result))
        return step

    def failed(self, error: HerdwickError, seconds: float) -> Step:
        """Take in the failure of the current action, and go on to the next."""
        action = self._begun()
        self._calls = error.calls
        self._spend(action, seconds)
        step = self._step(action, seconds, error)
        self._advance(lambda: self._steps.throw(error))
        return step

    def answer(self, read_data: Callable[[], dict[str, JsonValue]]) -> Step:
        """The last step, with the whole answer.

        Args:
            read_data: Says what was really read; an answer for which it cannot is an error.
        """
        data: dict[str, JsonValue] = {}
        try:
            data = read_data()
        except HerdwickError as error:
            self._error = self._error or error
        total_s = time.perf_counter() - self._started
        answer = (
            self._unanswered(self._error, data, total_s) if self._error else self._answered(data, total_s)
        )
        return Step(
            step="answer",
            attempt=self._attempt,
            plan=answer.plan,
            program=answer.program,
            seconds=total_s,
            error=answer.error,
            answer=answer,
        )

    def _answered(self, data: dict[str, JsonValue], total_s: float) -> Answer:
        return Answer(
            question=self._question,
            domain=self._domain,
            strategy=self._strategy,
            model=self._model,
            plan=list(self._plan),
            program=self._program,
            answer=self._value,
            text=describe(self._value, self._program),
            status="ok",
            attempts=self._attempt,
            calls=list(self._calls),
            timings=self._timings(total_s),
            data=data,
        )

    def _unanswered(self, error: HerdwickError, data: dict[str, JsonValue], total_s: float) -> Answer:
        return Answer.of_error(
            error,
            question=self._question,
            domain=self._domain,
            strategy=self._strategy,
            model=self._model,
            plan=self._plan,
            program=self._program,
            attempts=self._attempt,
            calls=self._calls,
            timings=self._timings(total_s),
            data=data,
        )

    def _timings(self, total_s: float) -> Timings:
        spent = self._seconds
        return Timings(draft_s=spent["draft"], check_s=spent["check"], run_s=spent["run"], total_s=total_s)

    def _begun(self) -> Action:
        if self.action is None:
            raise RuntimeError("there is no action whose outcome could be taken in")
        if self.action.attempt != self._attempt:
            self._attempt, self._plan, self._program, self._calls = self.action.attempt, (), "", ()
        return self.action

    def _spend(self, action: Action, seconds: float) -> None:
        if not action.drafting:
            self._seconds[action.step] += seconds
            return
        # Calls that a model asked for together overlap, so that their sum can be longer than the step.
        in_calls = min(seconds, sum(call.seconds for call in self._calls))
        self._seconds["run"] += in_calls
        self._seconds["draft"] += seconds - in_calls

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
