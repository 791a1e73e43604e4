"""Responses that follow their client: stopped when it leaves, streamed as server-sent events.

    answer = await unless_gone(request, service.answer(asked))
    return AnswerStream(task, queue)

An event is named after its step (`draft`, `check`, `run`) and carries it as JSON; the last is `answer`.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from fastapi import Request
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.types import Receive, Scope, Send

from herdwick.agents.answer import Answer
from herdwick.agents.steps import Step

PING_S = 15.0
"""Proxies cut connections that are silent for a minute; the HTML standard suggests a comment every 15 s."""

Result = TypeVar("Result")


class ClientGoneError(Exception):
    """The client has closed the connection before there was a response."""


async def unless_gone(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, which is cancelled as soon as the client leaves.

    Raises:
        ClientGoneError: It has left.
    """
    task = asyncio.create_task(work)
    try:
        await first_of(request, task)
        return task.result()
    finally:
        await stop(task)


async def first_of(request: Request, *tasks: "asyncio.Task[Any]") -> None:
    """Wait until one of `tasks` is done.

    Raises:
        ClientGoneError: The client has left before.
    """
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({gone, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        if not any(task.done() for task in tasks):
            raise ClientGoneError
    finally:
        await stop(gone)


async def stop(task: "asyncio.Task[Any]") -> None:
    """Cancel a task and wait for its end; harmless when it is done."""
    task.cancel()
    await asyncio.wait({task})


class AnswerStream(EventSourceResponse):
    """Steps while they happen, and then the answer.

    Args:
        answering: Gives the answer; cancelled when the client leaves.
        steps: Where the steps arrive.
    """

    def __init__(self, answering: "asyncio.Task[Answer]", steps: "asyncio.Queue[Step]") -> None:
        # Nginx would otherwise collect the events and deliver them together.
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        super().__init__(_events(answering, steps), headers=headers)
        self._answering = answering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all events; nothing goes on once that has ended, however it has."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await stop(self._answering)


async def _events(answering: "asyncio.Task[Answer]", steps: "asyncio.Queue[Step]") -> AsyncIterator[bytes]:
    while True:
        arriving = asyncio.create_task(steps.get())
        try:
            await asyncio.wait({arriving, answering}, timeout=PING_S, return_when=asyncio.FIRST_COMPLETED)
            is_new = arriving.done()
        finally:
            await stop(arriving)
        if is_new:
            step = arriving.result()
            yield _event(step.step, step.model_dump_json(exclude={"answer"}))
        elif not answering.done():
            yield format_sse_event(comment="ping")
        elif steps.empty():
            yield _event("answer", answering.result().model_dump_json())
            return


def _event(name: str, data: str) -> bytes:
    return format_sse_event(event=name, data_str=data)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
