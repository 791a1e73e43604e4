"""The embedded engine under vLLM's names: an ASGI application.

    app = create_engine_app(process, key=key)      # uvicorn serves it

`GET /health`, `GET /v1/models`, `POST /v1/completions`, `POST /v1/chat/completions`, streamed if asked for.
Errors have OpenAI's shape, so that its clients raise what they mean.
"""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from pydantic import JsonValue, SecretStr
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from herdwick.agents.errors import ModelError
from herdwick.agents.server.model_child import Greeting
from herdwick.agents.server.model_process import ModelProcess
from herdwick.agents.server.stream import ClientGoneError, unless_gone
from herdwick.agents.serving.config import BASE_MODEL
from herdwick.agents.serving.llamacpp_requests import Body, to_llamacpp

ENGINE = "llamacpp"
"""`owned_by` of the models: clients read there how decoding is constrained."""

START_WAIT_S = 30.0
"""How long a request waits for a model that is being loaded, in seconds."""

REPLY_TIMEOUT_S = 600.0
"""Longest silence of llama.cpp within a reply, its queue included, in seconds."""

MAX_BODY_BYTES = 1024 * 1024
"""A prompt that fills the context, with its grammar, has under 100 KB."""

_STATUS = {
    "key_refused": 401,
    "model_unknown": 404,
    "bad_request": 400,
    "model_restarting": 503,
    "too_large": 413,
    "engine_slow": 504,
}
_CLIENT_GONE = 499


def create_engine_app(process: ModelProcess, *, key: SecretStr | None) -> Starlette:
    """The application.

    Args:
        process: The embedded engine; closed by whoever opened it.
        key: What clients must send; nothing when None.
    """
    # The engine queues; a limit here would only hide that from it.
    unlimited = httpx.Limits(max_connections=None)
    upstream = httpx.AsyncClient(timeout=REPLY_TIMEOUT_S, trust_env=False, limits=unlimited)

    async def health(_: Request) -> Response:
        return Response(status_code=200 if process.is_loaded else 503)

    async def models(request: Request) -> Response:
        _check_key(request, key)
        life = await asyncio.to_thread(process.wait, START_WAIT_S)
        return JSONResponse({"object": "list", "data": [_model(name) for name in _bodies(life.greeting)]})

    async def complete(request: Request) -> Response:
        _check_key(request, key)
        asked = await _body(request)
        life = await asyncio.to_thread(process.wait, START_WAIT_S)
        is_chat = request.url.path.endswith("/chat/completions")
        body = to_llamacpp(asked, _bodies(life.greeting), is_chat=is_chat)
        path = "chat/completions" if is_chat else "completions"
        sent = upstream.build_request(
            "POST",
            f"{life.greeting.base_url}/{path}",
            json=body,
            headers={"Authorization": f"Bearer {life.greeting.api_key}"},
        )
        try:
            reply = await unless_gone(request, upstream.send(sent, stream=True))
        except httpx.TimeoutException as error:
            raise ModelError(
                "engine_slow", f"There was no reply within {REPLY_TIMEOUT_S:g} s.", "Ask less at a time."
            ) from error
        except httpx.TransportError as error:
            raise ModelError(
                "model_restarting", "The engine has died and is being started again.", "Ask again."
            ) from error
        return StreamingResponse(
            reply.aiter_raw(),
            reply.status_code,
            media_type=reply.headers.get("Content-Type"),
            background=BackgroundTask(reply.aclose),
        )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with upstream:
            yield

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/v1/models", models),
            Route("/v1/completions", complete, methods=["POST"]),
            Route("/v1/chat/completions", complete, methods=["POST"]),
        ],
        exception_handlers={ModelError: _refused, ClientGoneError: _gone},
        lifespan=lifespan,
    )


def _bodies(greeting: Greeting) -> dict[str, dict[str, JsonValue]]:
    """By name of a model, what a request carries to get it; the base comes first."""
    return {name or BASE_MODEL: body for name, body in greeting.bodies.items()}


def _model(name: str) -> dict[str, JsonValue]:
    parent = None if name == BASE_MODEL else BASE_MODEL
    return {"id": name, "object": "model", "created": 0, "owned_by": ENGINE, "root": name, "parent": parent}


def _check_key(request: Request, key: SecretStr | None) -> None:
    if key is None:
        return
    presented = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(presented, f"Bearer {key.get_secret_value()}".encode()):
        raise ModelError(
            "key_refused", "The key is missing or wrong.", "Send it as Authorization: Bearer KEY."
        )


async def _body(request: Request) -> Body:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY_BYTES:
            raise ModelError("too_large", f"The body is larger than {MAX_BODY_BYTES:,} bytes.")
    try:
        found = json.loads(bytes(received))
    except (ValueError, RecursionError) as error:
        raise ModelError("bad_request", "The body is not JSON.") from error
    if not isinstance(found, dict):
        raise ModelError("bad_request", "The body is not a JSON object.")
    return found


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, ModelError):
        raise TypeError(f"registered for ModelError, not for {type(error).__name__}") from error
    status = _STATUS.get(error.kind, 500)
    told = {"message": f"{error.message} {error.hint}".strip(), "type": error.kind, "code": status}
    headers = {"Retry-After": "2"} if status == 503 else None
    return JSONResponse({"error": told}, status, headers)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=_CLIENT_GONE)
