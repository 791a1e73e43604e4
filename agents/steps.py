"""The steps of answering a question: what a strategy asks for, and what a solver streams.

    for step in solver.stream("How many papers has Ada Quill?"):
        print(step.step, step.attempt, step.plan, step.error)

A strategy is a generator: it yields an `Action`, is sent that action's result or has its error thrown in, and
returns the answer's value. It does no input or output of its own, so a solver runs the same strategy
synchronously and asynchronously, times each step, and streams it.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Literal

from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import BaseModel, ConfigDict, JsonValue

from herdwick.agents.answer import Answer, AnswerError
from herdwick.agents.asking import Ask
from herdwick.agents.drafts import Draft
from herdwick.agents.styles import Brief, Style
from herdwick.tools.sandbox import CallRecord, CheckedProgram, ProgramSandbox, RunResult
from herdwick.tools.solutions import Plan
from herdwick.tools.tool import FunctionTool


class Step(BaseModel):
    """One finished step.

    Attributes:
        step: What was done; `answer` comes last, always, and once.
        attempt: 1 for the first draft, 2 after one repair …; 0 where no draft was asked for.
        plan: The plan as known after the step.
        program: The program as known after the step.
        seconds: How long the step took; for `answer`, all of them together.
        error: Why the step failed; a later attempt may still succeed.
        answer: The whole answer, in the last step only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: Literal["draft", "check", "run", "answer"]
    attempt: int
    plan: list[str] = []
    program: str = ""
    seconds: float
    error: AnswerError | None = None
    answer: Answer | None = None


@dataclass(frozen=True)
class Action:
    """A step that a strategy asks for.

    Attributes:
        step: Its kind.
        attempt: Which attempt it belongs to.
        runnable: Does it.
        input: What the runnable is given.
        drafting: Whether the model writes whenever no function is being called, which is then its time.
    """

    step: Literal["draft", "check", "run"]
    attempt: int
    runnable: Runnable[Any, Any]
    input: Any
    drafting: bool = False

    @property
    def tag(self) -> str:
        """Marks the step's run in traces: `draft:2`."""
        return f"{self.step}:{self.attempt}"


@dataclass(frozen=True)
class Trajectory:
    """What an agent did without a program.

    Attributes:
        value: Its answer.
        plan: The functions it called, repeats in a row taken as one hop.
        calls: Every call, in order.
    """

    value: JsonValue
    plan: Plan
    calls: tuple[CallRecord, ...]


Steps = Generator[Action, Any, JsonValue]
"""A strategy at work on one question."""


@dataclass(frozen=True)
class Task:
    """One question, with all that is needed to answer it. Nothing of an earlier question is in it.

    Attributes:
        brief: Question, domain and endpoint.
        style: How the model is prompted.
        tools: The domain's functions, bound to data.
        sandbox: Where programs run.
        max_repairs: Further attempts after the first.
    """

    brief: Brief
    style: Style
    tools: tuple[FunctionTool, ...]
    sandbox: ProgramSandbox
    max_repairs: int

    def ask(self, attempt: int, ask: Ask[Any]) -> Action:
        """Have the model write something."""
        return Action("draft", attempt, ask.runnable(self.brief.endpoint), ask.prompt, drafting=True)

    def check(self, attempt: int, draft: Draft) -> Action:
        """Check a draft; gives a `CheckedProgram`. Fails with `ProgramError`."""

        def check(draft: Draft) -> CheckedProgram:
            return self.sandbox.check(draft.program, self.brief.domain, draft.plan)

        return Action("check", attempt, RunnableLambda(check, name="check"), draft)

    def run(self, attempt: int, checked: CheckedProgram) -> Action:
        """Run what was checked; gives a `RunResult`. Fails with `ProgramError`."""

        def run(checked: CheckedProgram) -> RunResult:
            return self.sandbox.run_checked(checked, self.tools)

        return Action("run", attempt, RunnableLambda(run, name="run"), checked)


Strategy = Callable[[Task], Steps]
