"""HTTP clients that give up on a reply when its time is over, however it trickles.

    http = DeadlineClient(60.0, trust_env=False)
    openai.OpenAI(http_client=http, timeout=60.0, …)

A timeout of the HTTP library is the longest silence: a server that sends a byte now and then never reaches
it. The OpenAI SDK would also ask again after a timeout, which multiplies the wait; it repeats what the HTTP
library raises, and passes on the errors that are its own, so a timeout is raised as one of those.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx2
import openai

if TYPE_CHECKING:
    from herdwick.agents.reply_cache import ReplyCache


class DeadlineClient(openai.DefaultHttpxClient):
    """A client for synchronous use.

    Args:
        deadline_s: Longest time for one reply, in seconds.
        cache: Where replies are looked for, and kept.
        **settings: As the SDK's own client takes them.
    """

    def __init__(self, deadline_s: float, *, cache: "ReplyCache | None" = None, **settings: Any) -> None:
        super().__init__(**settings)
        self._deadline_s = deadline_s
        self._cache = cache

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        """Send a request once, unless its reply is known.

        Raises:
            APITimeoutError: The reply is not there in time.
            APIConnectionError: The server does not even accept a connection.
            ReplyCacheError: The cache cannot be used.
        """
        if self._cache and (known := self._cache.find(request)):
            return known
        ends = time.monotonic() + self._deadline_s
        with _never_again(request):
            response = super().send(request, stream=True, **options)
            response.stream = _UntilDeadline(response.stream, ends, request)
            if not stream:
                response.read()
                if self._cache:
                    self._cache.keep(request, response)
        return response


class AsyncDeadlineClient(openai.DefaultAsyncHttpxClient):
    """A client for asyncio.

    Args:
        deadline_s: Longest time for one reply, in seconds.
        **settings: As the SDK's own client takes them.
    """

    def __init__(self, deadline_s: float, **settings: Any) -> None:
        super().__init__(**settings)
        self._deadline_s = deadline_s

    async def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        """Send a request once.

        Raises:
            APITimeoutError: The reply is not there in time.
            APIConnectionError: The server does not even accept a connection.
        """
        ends = time.monotonic() + self._deadline_s
        with _never_again(request):
            async with asyncio.timeout(self._deadline_s):
                response = await super().send(request, stream=stream, **options)
            if stream:
                response.stream = _UntilDeadline(response.stream, ends, request)
        return response


class _UntilDeadline(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that ends with a timeout at the deadline."""

    def __init__(self, body: Any, ends: float, request: httpx2.Request) -> None:
        self._body = body
        self._ends = ends
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._body:
            self._check()
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            self._check()
            yield chunk

    def close(self) -> None:
        self._body.close()

    async def aclose(self) -> None:
        await self._body.aclose()

    def _check(self) -> None:
        if time.monotonic() > self._ends:
            raise httpx2.ReadTimeout("the reply takes too long", request=self._request)


@contextmanager
def _never_again(request: httpx2.Request) -> Iterator[None]:
    try:
        yield
    except httpx2.ConnectTimeout as error:
        raise openai.APIConnectionError(request=request) from error
    except (httpx2.TimeoutException, TimeoutError) as error:
        raise openai.APITimeoutError(request=request) from error
