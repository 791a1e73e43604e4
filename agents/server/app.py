"""The routes of the HTTP API.

    app = create_app(settings)      # an ASGI application; uvicorn serves it
    app.gate.drain(grace_s=30)      # lets no more in

`GET /openapi.json` describes them, `GET /docs` shows that.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from herdwick.agents.answer import Answer
from herdwick.agents.errors import ModelError
from herdwick.agents.server.errors import HttpFailure, SoayReply, body_of, headers_of, status_of
from herdwick.agents.server.guard import CLIENT_GONE, Gate, Guard
from herdwick.agents.server.metrics import Metrics
from herdwick.agents.server.rate import RateLimit
from herdwick.agents.server.requests import AskRequest, check_length, option_names, read_request
from herdwick.agents.server.served_model import ServedModel, open_model
from herdwick.agents.server.service import Service
from herdwick.agents.server.settings import ServerSettings
from herdwick.agents.server.soayllama import complete_prompt, question_in, soay_domain, write_code
from herdwick.agents.server.stream import AnswerStream, ClientGoneError, first_of, stop, unless_gone
from herdwick.agents.steps import Step
from herdwick.tools.domain import get_domain

WATCH_PAUSE_S = 2.0
"""Between two looks at whether the model is there."""

THREADS_PER_PLACE = 4
"""A program that nobody waits for any more keeps its thread until the sandbox stops it; others go on."""


class CodeRequest(BaseModel):
    """What `getcode` takes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    query: str = Field(description="The whole prompt.")


class Health(BaseModel):
    """How the server is.

    Attributes:
        live: It runs.
        ready: It takes questions.
        model_loaded: The model can be asked.
        model_restarts: How often the model's process had to be started again.
        answering: Questions that are being answered.
        waiting: Questions in the queue.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    live: bool = True
    ready: bool
    model_loaded: bool
    model_restarts: int
    answering: int
    waiting: int


@dataclass(frozen=True)
class ServerApp:
    """An application, and what its owner needs of it.

    Attributes:
        asgi: The application.
        gate: Stops it.
        model: Who writes the programs.
    """

    asgi: ASGIApp
    gate: Gate
    model: ServedModel


@dataclass(frozen=True)
class _Parts:
    settings: ServerSettings
    model: ServedModel
    metrics: Metrics
    service: Service
    gate: Gate

    @property
    def health(self) -> Health:
        loaded = self.model.is_loaded
        return Health(
            ready=loaded and not self.gate.is_draining,
            model_loaded=loaded,
            model_restarts=self.model.restarts,
            answering=self.service.slots.held,
            waiting=self.service.slots.waiting,
        )


def create_app(settings: ServerSettings) -> ServerApp:
    """The application; data is opened now, the model loaded meanwhile.

    Raises:
        HerdwickError: A setting is wrong, or data or model cannot be opened.
    """
    rate = RateLimit(settings.rate)
    with ExitStack() as stack:
        model = open_model(settings.model, timeout_s=settings.timeout_s)
        stack.callback(model.close)
        metrics = Metrics()
        service = Service(settings, model, metrics)
        stack.callback(service.close)
        parts = _Parts(settings, model, metrics, service, Gate())
        _add_gauges(parts)
        resources = stack.pop_all()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        threads = ThreadPoolExecutor(THREADS_PER_PLACE * (settings.slots + 1), "herdwick")
        asyncio.get_running_loop().set_default_executor(threads)
        watching = asyncio.create_task(_watch(parts))
        with resources:
            yield
            await stop(watching)

    app = FastAPI(
        title="Herdwick",
        version=version("herdwick"),
        description="Questions in plain words; answers with the plan and the program that they come from.",
        lifespan=lifespan,
    )
    _add_ask(app, parts)
    _add_soayllama(app, parts)
    _add_state(app, parts)
    _add_failures(app)
    guard = Guard(
        app,
        gate=parts.gate,
        keys=settings.keys,
        rate=rate,
        metrics=metrics,
        max_body_bytes=settings.max_body_bytes,
    )
    return ServerApp(guard, parts.gate, model)


def _add_ask(app: FastAPI, parts: _Parts) -> None:
    @app.post(
        "/ask",
        response_class=Response,
        responses={200: {"model": Answer, "content": {"text/event-stream": {}}}},
        summary="Answer a question",
        description=_describe_ask(parts.settings),
    )
    async def ask(asked: AskRequest, request: Request) -> Response:
        understood = read_request(asked, parts.settings)
        if "text/event-stream" not in request.headers.get("accept", ""):
            answer = await unless_gone(request, parts.service.answer(understood))
            return _answer_response(answer)
        steps: asyncio.Queue[Step] = asyncio.Queue()
        has_place = asyncio.Event()
        answering = asyncio.create_task(
            parts.service.answer(understood, on_step=steps.put_nowait, on_place=has_place.set)
        )
        starting = asyncio.create_task(has_place.wait())
        try:
            # Until then the response can still be a refusal with a status of its own.
            await first_of(request, answering, starting)
        except BaseException:
            await stop(answering)
            raise
        finally:
            await stop(starting)
        if answering.done() and not has_place.is_set():
            return _answer_response(answering.result())
        return AnswerStream(answering, steps)


def _add_soayllama(app: FastAPI, parts: _Parts) -> None:
    domain = soay_domain(parts.settings)
    if domain is None:
        return

    @app.post("/api/soayllama/getcode", response_model=SoayReply, summary="Plan and program for a prompt")
    async def getcode(asked: CodeRequest, request: Request) -> SoayReply:
        check_length(question_in(asked.query), parts.settings)
        return await unless_gone(request, complete_prompt(parts.service, domain, asked.query))

    @app.get("/api/soayllama/purequery", response_model=SoayReply, summary="Plan and program for a question")
    async def purequery(query: Annotated[str, Query()], request: Request) -> SoayReply:
        check_length(query, parts.settings)
        return await unless_gone(request, write_code(parts.service, domain, query))


def _add_state(app: FastAPI, parts: _Parts) -> None:
    @app.get("/health", response_model=Health, summary="Whether it takes questions", responses={503: {}})
    async def health() -> JSONResponse:
        found = parts.health
        return JSONResponse(found.model_dump(), 200 if found.ready else 503)

    @app.get("/health/live", summary="Whether it runs")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @app.get("/metrics", response_class=Response, summary="Counters for Prometheus")
    async def metrics() -> Response:
        return Response(parts.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _add_failures(app: FastAPI) -> None:
    def respond(request: Request, failure: HttpFailure) -> Response:
        body = body_of(failure, request.url.path) + "\n"
        return Response(body, failure.status, failure.headers, "application/json")

    @app.exception_handler(HttpFailure)
    async def refused(request: Request, failure: HttpFailure) -> Response:
        return respond(request, failure)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        # Not the values: they may be anything, and long.
        found = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        hint = "GET /docs shows what is expected."
        return respond(request, HttpFailure(422, "bad_request", f"The request is malformed: {found}.", hint))

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> Response:
        hint = "GET /docs lists what there is."
        failure = HttpFailure(error.status_code, "bad_request", f"{error.detail}.", hint)
        failure.headers |= error.headers or {}
        return respond(request, failure)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        what = f"{type(error).__name__} in the server."
        hint = "This is a bug; the server's log has more under the X-Request-ID of this response."
        return respond(request, HttpFailure(500, "internal_error", what, hint))

    @app.exception_handler(ClientGoneError)
    async def gone(_: Request, __: ClientGoneError) -> Response:
        return Response(status_code=CLIENT_GONE)


def _add_gauges(parts: _Parts) -> None:
    slots, gate, model, metrics = parts.service.slots, parts.gate, parts.model, parts.metrics
    metrics.gauge("herdwick_answering", "Questions that are being answered.", lambda: slots.held)
    metrics.gauge("herdwick_waiting", "Questions in the queue.", lambda: slots.waiting)
    metrics.gauge("herdwick_inside", "Requests that have no response yet.", lambda: gate.inside)
    metrics.gauge("herdwick_model_loaded", "Whether the model is loaded.", lambda: model.is_loaded)
    metrics.gauge("herdwick_model_restarts", "Restarts of the model's process.", lambda: model.restarts)


async def _watch(parts: _Parts) -> None:
    """Have the model loaded before the first question, and found again once it was lost."""
    first = next(iter(parts.settings.domains))
    while True:
        # Told by GET /health; a question asked now gets the reason.
        with suppress(ModelError):
            await asyncio.to_thread(parts.model.reach, first)
        await asyncio.sleep(WATCH_PAUSE_S)


def _answer_response(answer: Answer) -> Response:
    status = status_of(answer.error)
    return Response(answer.model_dump_json() + "\n", status, headers_of(status), "application/json")


def _describe_ask(settings: ServerSettings) -> str:
    lines = [
        "With `Accept: text/event-stream` the steps come as server-sent events, the last of them `answer`.",
        "Options stand beside the question:",
    ]
    for name in settings.domains:
        options = option_names(get_domain(name), with_files=settings.data_folder is not None)
        lines.append(f"- `{name}`: {', '.join(f'`{option}`' for option in options) or 'none'}")
    return "\n".join(lines)
