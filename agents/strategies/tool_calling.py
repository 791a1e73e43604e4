"""Tool calling: an agent calls the functions step by step, and no program is written.

This is the ReAct baseline (arXiv:2210.03629) on the same tools, through LangChain's `create_agent`.
"""

import itertools
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    InputAgentState,
    ModelCallLimitMiddleware,
    ModelRequest,
    ModelResponse,
    ToolCallRequest,
)
from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langchain_core.runnables.config import patch_config
from langgraph.types import Command
from pydantic import JsonValue
from pydantic_core import from_json

from herdwick.agents.drafts import raise_refusal
from herdwick.agents.endpoint import Endpoint
from herdwick.agents.endpoint_errors import endpoint_errors
from herdwick.agents.errors import DraftError, ModelError
from herdwick.agents.prompt_files import prompt
from herdwick.agents.steps import Action, Steps, Task, Trajectory
from herdwick.agents.surrogates import replace_surrogates
from herdwick.tools.call_record import CallRecord
from herdwick.tools.errors import HerdwickError

MAX_MODEL_CALLS = 12
"""Three hops, a few wrong turns, and the answer."""

_ANSWER = re.compile(r"^[ \t*]*answer[ \t*]*:[ \t*]*", re.IGNORECASE | re.MULTILINE)
_SECONDS = "herdwick_seconds"

ModelHandler = Callable[[ModelRequest], ModelResponse]
AsyncModelHandler = Callable[[ModelRequest], Awaitable[ModelResponse]]
ToolResult = ToolMessage | Command[Any]


def tool_calling(task: Task) -> Steps:
    """Answer by letting an agent call the functions."""
    question: InputAgentState = {"messages": [HumanMessage(task.brief.question)]}
    trajectory: Trajectory = yield Action("run", 1, _agent(task), question, drafting=True)
    return trajectory.value


def _agent(task: Task) -> Runnable[Any, Trajectory]:
    endpoint = task.brief.endpoint
    # OpenAI's reasoning models take no temperature.
    model = (
        endpoint.chat if endpoint.engine == "openai" else endpoint.chat.model_copy(update={"temperature": 0})
    )
    agent = create_agent(
        model,
        tools=list(task.tools),
        system_prompt=prompt(
            "tool_calling", summary=task.brief.domain.summary, refusals=prompt("chat/refusals").strip()
        ),
        middleware=[
            ModelCallLimitMiddleware(run_limit=MAX_MODEL_CALLS, exit_behavior="error"),
            Evidence(endpoint),
        ],
        name="agent",
    )

    def run(question: InputAgentState, config: RunnableConfig) -> Trajectory:
        with _keeping_calls() as messages:
            for state in agent.stream(question, _unbounded(config), stream_mode="values"):
                messages[:] = state["messages"]
            return read_trajectory(messages)

    async def run_async(question: InputAgentState, config: RunnableConfig) -> Trajectory:
        with _keeping_calls() as messages:
            async for state in agent.astream(question, _unbounded(config), stream_mode="values"):
                messages[:] = state["messages"]
            return read_trajectory(messages)

    return RunnableLambda(run, afunc=run_async, name="run")


@contextmanager
def _keeping_calls() -> Iterator[list[AnyMessage]]:
    """Gives a list for the messages so far; whatever error ends the agent takes the calls in them along."""
    messages: list[AnyMessage] = []
    try:
        try:
            yield messages
        except ModelCallLimitExceededError as error:
            raise _too_many_steps() from error
    except HerdwickError as error:
        error.calls = tuple(_calls(messages))
        raise


class Evidence(AgentMiddleware[Any, Any, Any]):
    """Times each tool call, and explains failures of the endpoint.

    Args:
        endpoint: The model that is asked.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._endpoint = endpoint

    def wrap_model_call(self, request: ModelRequest, handler: ModelHandler) -> ModelResponse:
        """Explain what goes wrong at the endpoint."""
        with endpoint_errors(self._endpoint):
            return handler(request)

    async def awrap_model_call(self, request: ModelRequest, handler: AsyncModelHandler) -> ModelResponse:
        """Explain what goes wrong at the endpoint."""
        with endpoint_errors(self._endpoint):
            return await handler(request)

    def wrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], ToolResult]
    ) -> ToolResult:
        """Note how long the call took."""
        started = time.perf_counter()
        return _timed(handler(request), started)

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[ToolResult]]
    ) -> ToolResult:
        """Note how long the call took."""
        started = time.perf_counter()
        return _timed(await handler(request), started)


def read_trajectory(messages: Sequence[AnyMessage]) -> Trajectory:
    """An agent's messages as answer, plan and calls.

    Raises:
        Refusal: The agent refuses.
        DraftError: It ends without an answer, or with one that no call of a tool stands behind.
    """
    calls = tuple(_calls(messages))
    # A call for each person of a list is one hop; a call that failed is none.
    plan = tuple(name for name, _ in itertools.groupby(call.tool for call in calls if call.ok))
    answer = read_answer(str(messages[-1].text))
    if not plan:
        raise DraftError(
            "no_tool_called",
            "The model answered without the data: no call of a tool succeeded.",
            "Use a model that calls tools, or another strategy, such as one-shot.",
        )
    return Trajectory(answer, plan, calls)


def _calls(messages: Sequence[AnyMessage]) -> Iterator[CallRecord]:
    # Some servers number the calls of every reply from 0, so an id means something until the next reply only.
    asked: dict[str | None, dict[str, Any]] = {}
    for message in messages:
        if isinstance(message, AIMessage):
            asked = {call["id"]: call["args"] for call in message.tool_calls}
        elif isinstance(message, ToolMessage):
            yield CallRecord(
                tool=message.name or "",
                args=asked.get(message.tool_call_id, {}),
                ok=message.status == "success",
                seconds=message.additional_kwargs.get(_SECONDS, 0.0),
            )


def read_answer(text: str) -> JsonValue:
    """The value behind the last `Answer:` of a reply: JSON where it is JSON, else the words.

    Raises:
        Refusal: The reply refuses.
        DraftError: The reply is empty.
    """
    raise_refusal(text)
    words = _ANSWER.split(str(replace_surrogates(text)))[-1].strip().removeprefix("```json").strip("`\n ")
    if not words:
        raise DraftError(
            "no_answer", "The agent ended without an answer.", "Ask again, or use another model."
        )
    try:
        # Unlike the standard library, it refuses what is nested too deeply for an answer to hold.
        value: JsonValue = from_json(words, allow_inf_nan=False)
    except ValueError:
        return words
    return value


def _unbounded(config: RunnableConfig) -> RunnableConfig:
    """LangGraph's own limit counts nodes, several to a reply; ours counts replies and is reached first."""
    return patch_config(config, recursion_limit=10 * MAX_MODEL_CALLS)


def _timed(result: ToolResult, started: float) -> ToolResult:
    if isinstance(result, ToolMessage):
        result.additional_kwargs[_SECONDS] = time.perf_counter() - started
    return result


def _too_many_steps() -> ModelError:
    return ModelError(
        "too_many_steps",
        f"The agent had not finished after {MAX_MODEL_CALLS} replies.",
        "Ask a simpler question, or use the strategy one-shot.",
    )
