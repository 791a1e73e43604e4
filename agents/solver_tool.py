"""A solver as a tool: other agents ask it whole questions.

with build_solver("aminer", graph="graph.sqlite") as solver:
    agent = create_agent(model, tools=[solver.as_agent_tool()])
"""

from typing import TYPE_CHECKING, Any, Literal, Self

from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool
from pydantic import BaseModel, Field, PrivateAttr

from herdwick.agents.answer import Answer
from herdwick.tools.errors import ToolFailure

if TYPE_CHECKING:
    from herdwick.agents.solver import Solver


class QuestionArgs(BaseModel):
    """One question."""

    question: str = Field(description="A whole question in words, naming everyone and everything in full.")


class SolverTool(BaseTool):
    """Answers questions; the text for the agent is the answer in words, the artifact the `Answer`."""

    args_schema: Any = QuestionArgs
    response_format: Literal["content", "content_and_artifact"] = "content_and_artifact"
    handle_tool_error: Any = str
    handle_validation_error: Any = True
    _solver: "Solver" = PrivateAttr()

    @classmethod
    def of(cls, solver: "Solver", name: str | None = None, description: str | None = None) -> Self:
        """The tool that asks `solver`.

        Args:
            solver: Stays the caller's to close.
            name: `ask_` and the domain's name when None.
            description: Made from the domain's summary when None.
        """
        tool = cls(
            name=name or f"ask_{solver.domain.name}",
            description=description
            or f"Answers a whole question from data, never from memory. It knows: {solver.domain.summary}",
        )
        tool._solver = solver
        return tool

    def _run(self, question: str, config: RunnableConfig) -> tuple[str, Answer]:
        return _for_agent(self._solver.invoke({"question": question}, config))

    async def _arun(self, question: str, config: RunnableConfig) -> tuple[str, Answer]:
        return _for_agent(await self._solver.ainvoke({"question": question}, config))


def _for_agent(answer: Answer) -> tuple[str, Answer]:
    if answer.error:
        raise ToolFailure(answer.error.kind, answer.error.message, answer.error.hint)
    return answer.text, answer
