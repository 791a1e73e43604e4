"""The solver: a question in, an answer with its evidence out. A LangChain runnable.

    with build_solver("aminer", graph="graph.sqlite") as solver:
        answer = solver.invoke({"question": "How many papers has Ada Quill?"})
        for step in solver.stream("Who works with Ada Quill?"):
            print(step.step, step.plan)

`invoke`, `batch` and their async forms give `Answer`s. Whatever goes wrong with a question becomes an answer
with status `error`; other exceptions are bugs, and are not hidden.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any, Self, TypedDict

from langchain_core.callbacks import AsyncCallbackManagerForChainRun, CallbackManagerForChainRun
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import merge_configs
from langchain_core.tools import BaseTool

from herdwick.agents.answer import Answer
from herdwick.agents.drive import drive, drive_async
from herdwick.agents.models import Model
from herdwick.agents.progress import Progress
from herdwick.agents.questions import check_question, one_line
from herdwick.agents.steps import Step, Steps, Task
from herdwick.agents.strategies import get_strategy
from herdwick.agents.styles import Brief, default_style, get_style
from herdwick.tools.domain import Domain, Toolkit
from herdwick.tools.question import begin_question
from herdwick.tools.sandbox import ProgramSandbox
from herdwick.tools.tool import functions_of


class Question(TypedDict):
    """What a solver is given; a plain string does as well."""

    question: str


Source = Question | str
"""A question as a solver takes it."""


class Solver(Runnable[Source, Any]):
    """Answers questions about one domain's data; safe to use from several threads and event loops.

    Args:
        domain: What is asked about.
        model: Who writes plans and programs.
        toolkit: The domain's functions, bound to data.
        sandbox: Where programs run.
        strategy: How drafts come about; see `herdwick.agents.strategies`.
        style: How the model is prompted; its own default when None.
        max_repairs: Further attempts after the first.

    Raises:
        UsageError: There is no such strategy or style.
    """

    def __init__(
        self,
        domain: Domain,
        model: Model,
        toolkit: Toolkit,
        sandbox: ProgramSandbox,
        *,
        strategy: str = "one-shot",
        style: str | None = None,
        max_repairs: int = 2,
    ) -> None:
        self.name = f"herdwick-{domain.name}"
        self.domain = domain
        self.strategy = strategy
        self.style = style
        self.max_repairs = max_repairs
        self.model = model
        self._strategy = get_strategy(strategy)
        self._chosen_style = get_style(style) if style else None
        self._toolkit = toolkit
        self._tools = functions_of(toolkit.get_tools())
        self._sandbox = sandbox
        self._resources = ExitStack()

    def __repr__(self) -> str:
        return f"Solver({self.domain.name!r}, model={self.model.name!r}, strategy={self.strategy!r})"

    @property
    def InputType(self) -> Any:  # noqa: N802 - LangChain's name
        """A question."""
        return Source

    @property
    def OutputType(self) -> Any:  # noqa: N802 - LangChain's name
        """An answer."""
        return Answer

    def invoke(
        self,
        input: Source,  # noqa: A002 - LangChain's name, here and below
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Answer:
        """The answer to a question."""
        answer: Answer = self._call_with_config(self._answer, input, self._described(config), **kwargs)
        return answer

    async def ainvoke(
        self,
        input: Source,  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Answer:
        """The answer to a question."""
        answer: Answer = await self._acall_with_config(
            self._answer_async, input, self._described(config), **kwargs
        )
        return answer

    def stream(
        self,
        input: Source,  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Iterator[Step]:
        """The steps of answering, each when it is finished; the last one carries the answer."""
        yield from self._transform_stream_with_config(
            iter([input]), self._stream, self._described(config), **kwargs
        )

    async def astream(
        self,
        input: Source,  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[Step]:
        """The steps of answering, each when it is finished; the last one carries the answer."""

        async def inputs() -> AsyncIterator[Source]:
            yield input

        async for step in self._atransform_stream_with_config(
            inputs(), self._stream_async, self._described(config), **kwargs
        ):
            yield step

    def transform(
        self,
        input: Iterator[Source],  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Iterator[Answer]:
        """As a part of a longer chain: whole answers, since the next part works on those and not on steps."""
        for source in input:
            yield self.invoke(source, config, **kwargs)

    async def atransform(
        self,
        input: AsyncIterator[Source],  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[Answer]:
        """As `transform`."""
        async for source in input:
            yield await self.ainvoke(source, config, **kwargs)

    def as_agent_tool(self, name: str | None = None, description: str | None = None) -> BaseTool:
        """This solver as a tool for other agents.

        Args:
            name: What the agent calls it; `ask_aminer` for the domain `aminer`.
            description: What the agent is told of it.
        """
        from herdwick.agents.solver_tool import SolverTool

        return SolverTool.of(self, name, description)

    def owns(self, resources: ExitStack) -> None:
        """Release `resources` when the solver is closed."""
        self._resources.push(resources)

    def close(self) -> None:
        """Release data, sandbox and connections; closing twice is harmless."""
        self._resources.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _steps(
        self, source: Source, run_manager: CallbackManagerForChainRun, config: RunnableConfig
    ) -> Iterator[Step]:
        question = _text_of(source)
        # LangChain runs every call, and every stream, in a context of its own.
        begin_question()
        progress = self._progress(question)
        yield from drive(progress, lambda: self._begin(question), run_manager, config)
        yield progress.answer(self._toolkit.data)

    async def _steps_async(
        self, source: Source, run_manager: AsyncCallbackManagerForChainRun, config: RunnableConfig
    ) -> AsyncIterator[Step]:
        question = _text_of(source)
        begin_question()
        progress = self._progress(question)
        async for step in drive_async(progress, lambda: self._begin(question), run_manager, config):
            yield step
        yield progress.answer(self._toolkit.data)

    def _progress(self, question: str) -> Progress:
        return Progress(question, self.domain.name, self.strategy, self.model.name)

    def _begin(self, question: str) -> Steps:
        check_question(question)
        endpoint = self.model.endpoint(self.domain.name)
        style = self._chosen_style or get_style(default_style(endpoint))
        task = Task(
            Brief(question, self.domain, endpoint), style, self._tools, self._sandbox, self.max_repairs
        )
        return self._strategy(task)

    def _answer(
        self, source: Source, run_manager: CallbackManagerForChainRun, config: RunnableConfig
    ) -> Answer:
        *_, last = self._steps(source, run_manager, config)
        return _answer_in(last)

    async def _answer_async(
        self, source: Source, run_manager: AsyncCallbackManagerForChainRun, config: RunnableConfig
    ) -> Answer:
        steps = [step async for step in self._steps_async(source, run_manager, config)]
        return _answer_in(steps[-1])

    def _stream(
        self, sources: Iterator[Source], run_manager: CallbackManagerForChainRun, config: RunnableConfig
    ) -> Iterator[Step]:
        for source in sources:
            yield from self._steps(source, run_manager, config)

    async def _stream_async(
        self,
        sources: AsyncIterator[Source],
        run_manager: AsyncCallbackManagerForChainRun,
        config: RunnableConfig,
    ) -> AsyncIterator[Step]:
        async for source in sources:
            async for step in self._steps_async(source, run_manager, config):
                yield step

    def _described(self, config: RunnableConfig | None) -> RunnableConfig:
        metadata = {
            "herdwick_domain": self.domain.name,
            "herdwick_strategy": self.strategy,
            "herdwick_model": self.model.name,
        }
        return merge_configs({"metadata": metadata}, config)


def _text_of(source: Source) -> str:
    text = source if isinstance(source, str) else source["question"]
    if not isinstance(text, str):
        raise TypeError(f"a question must be text, not {type(text).__name__}")
    return one_line(text)


def _answer_in(step: Step) -> Answer:
    if step.answer is None:
        raise RuntimeError(f"a solver must end with an answer, not with the step {step.step!r}")
    return step.answer
