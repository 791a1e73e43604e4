r"""One request to a model: what is sent, and how the reply is read.

    ask = Ask(endpoint.completion, "Query: …\nSolution:\n", read_short)
    draft = ask.runnable(endpoint).invoke(ask.prompt)

As a runnable it appears as one `draft` run in traces, with the model's own run below it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from herdwick.agents.endpoint import Endpoint
from herdwick.agents.endpoint_errors import endpoint_errors

Prompt = str | list[tuple[str, str]]
"""Raw text, or messages as (role, content)."""

Read = TypeVar("Read")


@dataclass(frozen=True)
class Ask(Generic[Read]):
    """A request.

    Attributes:
        model: A chat or completion model with its arguments bound.
        prompt: What it is sent.
        read: Turns the reply's text into what was asked for; raises `DraftError` or `Refusal`.
    """

    model: Runnable[Any, Any]
    prompt: Prompt
    read: Callable[[str], Read]

    def runnable(self, endpoint: Endpoint) -> Runnable[Prompt, Read]:
        """The request as a runnable over its prompt; its failures are `ModelError`s."""

        def ask(prompt: Prompt, config: RunnableConfig) -> Read:
            with endpoint_errors(endpoint):
                reply = self.model.invoke(prompt, config)
                text = _text(reply)
            return self.read(text)

        async def ask_async(prompt: Prompt, config: RunnableConfig) -> Read:
            with endpoint_errors(endpoint):
                reply = await self.model.ainvoke(prompt, config)
                text = _text(reply)
            return self.read(text)

        return RunnableLambda(ask, afunc=ask_async, name="draft")


def _text(reply: Any) -> str:
    text = reply.text if isinstance(reply, BaseMessage) else reply
    if not isinstance(text, str):
        raise TypeError(f"a reply of type {type(text).__name__} instead of text")
    return text
