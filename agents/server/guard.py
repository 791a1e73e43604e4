"""What every request passes before the routes: keys, rates, sizes, and the server's own state.

    app = Guard(app, gate=Gate(), keys=keys, rate=RateLimit("120/minute"), metrics=metrics,
                max_body_bytes=65_536)

As plain ASGI, since it also has to see how each response ends. A request is logged as one line of JSON
without key, query string or question.
"""

import asyncio
import logging
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from herdwick.agents.server.errors import HttpFailure, body_of
from herdwick.agents.server.keys import ApiKeys
from herdwick.agents.server.metrics import PATHS, Metrics
from herdwick.agents.server.rate import RateLimit
from herdwick.agents.server.request_log import LOGGER
from herdwick.agents.server.settings import BODY_TIMEOUT_S

OPEN_PATHS = frozenset({"/health", "/health/live", "/docs", "/openapi.json"})
"""Asked by machines that have no key, or by people who want to know how to use one; nothing secret there."""

UNCOUNTED_PATHS = frozenset({"/health", "/health/live", "/metrics"})
"""Neither held against a client's rate nor waited for, and answered until the very end."""

CLIENT_GONE = 499
"""As nginx calls a request whose client did not wait; nobody receives it, but it is counted and logged."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Gate:
    """Whether requests are let in, and how many are inside."""

    def __init__(self) -> None:
        self.inside = 0
        self.is_draining = False
        self.drained_at_latest = 0.0

    def drain(self, grace_s: float) -> None:
        """Let in no more, and give those inside some time."""
        self.is_draining = True
        self.drained_at_latest = time.monotonic() + grace_s

    @property
    def is_drained(self) -> bool:
        """Whether the server may end: none is inside, or their time is over."""
        return self.is_draining and (self.inside == 0 or time.monotonic() >= self.drained_at_latest)


@dataclass
class _Visit:
    """One request on its way.

    Attributes:
        path: Without query string.
        headers: Of the request.
        id: Told to the client, and in the log.
        client: Whose rate it counts for.
        status: Of the response; 0 before it begins.
        is_over: Whether all of the response has been sent.
    """

    path: str
    headers: Headers
    id: str
    client: str
    started: float = field(default_factory=time.monotonic)
    status: int = 0
    is_over: bool = False


class Guard:
    """Lets requests through to `app`.

    Args:
        app: The routes.
        gate: The server's state.
        keys: Who may ask.
        rate: How often.
        metrics: Where requests are counted.
        max_body_bytes: Longest body.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        gate: Gate,
        keys: ApiKeys,
        rate: RateLimit,
        metrics: Metrics,
        max_body_bytes: int,
    ) -> None:
        self._app = app
        self._gate = gate
        self._keys = keys
        self._rate = rate
        self._metrics = metrics
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the beginning and end of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _visit(scope)
        counted = visit.path not in UNCOUNTED_PATHS
        self._gate.inside += counted
        try:
            await self._pass(visit, scope, receive, _watched(send, visit))
        finally:
            self._gate.inside -= counted
            self._record(visit, scope["method"])

    async def _pass(self, visit: _Visit, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._admit(visit)
            body = await _read_body(visit.headers, receive, self._max_body_bytes)
            await self._app(scope, _replayed(body, receive), send)
        except HttpFailure as error:
            await _send_failure(error, visit, send)
        except Exception:
            LOGGER.exception("request failed", extra={"told": {"request": visit.id}})
            # Starlette answers with a 500 before it raises, but cannot in the middle of a response: that one
            # must break off, or it would pass for whole.
            if not visit.is_over:
                raise

    def _admit(self, visit: _Visit) -> None:
        if visit.path in OPEN_PATHS:
            return
        if self._keys:
            guesses = f"guesses of {visit.client}"
            # Before the key is looked at: else whoever guesses on would still be let in by the right one.
            self._limit(guesses, counts=False)
            client = self._keys.client_of(_presented_key(visit.headers))
            if client is None:
                self._limit(guesses)
                raise _no_key()
            visit.client = client
        if visit.path in UNCOUNTED_PATHS:
            return
        if self._gate.is_draining:
            raise HttpFailure(503, "stopping", "The server is being stopped.", "Ask again in a moment.")
        self._limit(visit.client)

    def _limit(self, client: str, *, counts: bool = True) -> None:
        wait_s = self._rate.wait_s(client, counts=counts)
        if wait_s is not None:
            raise HttpFailure(
                429,
                "rate_exceeded",
                "You sent more requests than this server takes of one client.",
                f"Ask again in {wait_s} s.",
                retry_after_s=wait_s,
            )

    def _record(self, visit: _Visit, method: str) -> None:
        seconds = time.monotonic() - visit.started
        status = visit.status if visit.is_over else CLIENT_GONE
        self._metrics.request(visit.path, status, seconds)
        told = {
            "request": visit.id,
            "client": visit.client,
            "method": method,
            # Others may be anything, such as a key that went astray.
            "path": visit.path if visit.path in PATHS else "other",
            "status": status,
            "seconds": round(seconds, 3),
        }
        # Probes come every few seconds, and tell nothing.
        level = logging.DEBUG if visit.path in UNCOUNTED_PATHS else logging.INFO
        LOGGER.log(level, "request", extra={"told": told})


def _visit(scope: Scope) -> _Visit:
    headers = Headers(scope=scope)
    named = headers.get("x-request-id", "")
    request_id = named if _REQUEST_ID.fullmatch(named) else uuid.uuid4().hex
    address = scope["client"][0] if scope.get("client") else "unknown"
    return _Visit(scope["path"], headers, request_id, address)


def _presented_key(headers: Headers) -> str:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


def _no_key() -> HttpFailure:
    failure = HttpFailure(
        401,
        "key_not_valid",
        "This server asks for a key, and was given none that is valid.",
        "Send one as `Authorization: Bearer KEY` or `X-API-Key: KEY`.",
    )
    failure.headers["WWW-Authenticate"] = "Bearer"
    return failure


async def _read_body(headers: Headers, receive: Receive, most: int) -> bytes:
    """All of a body, before anything is done with it: no place is held for a client that is slow to ask."""
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)
    body, is_complete = b"", False
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            while not is_complete:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise HttpFailure(400, "body_cut_off", "The body ended early.", "Send all of it.")
                body += message.get("body", b"")
                is_complete = not message.get("more_body", False)
                if len(body) > most:
                    raise _too_large(most)
    except TimeoutError as error:
        raise HttpFailure(
            408, "body_timeout", f"The body did not come within {BODY_TIMEOUT_S:g} s.", "Send it at once."
        ) from error
    return body


def _too_large(most: int) -> HttpFailure:
    return HttpFailure(
        413, "body_too_large", f"The body has more than {most:,} bytes.", "Ask a shorter question."
    )


def _replayed(body: bytes, receive: Receive) -> Receive:
    is_new = True

    async def replay() -> Message:
        nonlocal is_new
        if is_new:
            is_new = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replay


def _watched(send: Send, visit: _Visit) -> Send:
    async def watch(message: Message) -> None:
        if message["type"] == "http.response.start":
            visit.status = message["status"]
            MutableHeaders(scope=message)["X-Request-ID"] = visit.id
        await send(message)
        visit.is_over = message["type"] == "http.response.body" and not message.get("more_body", False)

    return watch


async def _send_failure(error: HttpFailure, visit: _Visit, send: Send) -> None:
    body = (body_of(error, visit.path) + "\n").encode()
    headers: dict[str, Any] = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **error.headers,
    }
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": raw})
    await send({"type": "http.response.body", "body": body, "more_body": False})
