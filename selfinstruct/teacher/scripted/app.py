"""The scripted teacher's endpoint: OpenAI's chat completions, an ASGI application.

    app = create_teacher_app(writer, ledger=Path("planted.jsonl"))      # uvicorn serves it

`GET /health`, `GET /v1/models`, `POST /v1/chat/completions`. What a reply has planted in it is in the ledger,
on disk, before the reply is sent.
"""

import time
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from herdwick.agents.errors import ModelError
from herdwick.selfinstruct.teacher.prompts import Form
from herdwick.selfinstruct.teacher.scripted.ledger import LedgerLine, append
from herdwick.selfinstruct.teacher.scripted.writer import ScriptedReply, ScriptedWriter
from herdwick.tools.tool import explain

MODEL = "scripted"
"""Name that the teacher is served under."""


class _Message(BaseModel):
    role: Literal["system", "user"]
    content: str


class _Body(BaseModel):
    """Of a request; sampling settings mean nothing to this teacher."""

    model_config = ConfigDict(extra="ignore")

    messages: tuple[_Message, _Message]
    response_format: dict[str, Any] | None = None

    @property
    def form(self) -> Form:
        return "json" if self.response_format else "text"


def create_teacher_app(writer: ScriptedWriter, *, ledger: Path | None) -> Starlette:
    """The application.

    Args:
        writer: Writes the replies.
        ledger: JSONL file that tells what each reply has planted in it; none is written when None.
    """

    async def health(_: Request) -> Response:
        return Response()

    async def models(_: Request) -> Response:
        listed = {"id": MODEL, "object": "model", "created": 0, "owned_by": "herdwick"}
        return JSONResponse({"object": "list", "data": [listed]})

    async def chat(request: Request) -> Response:
        try:
            body = _Body.model_validate_json(await request.body())
        except ValidationError as error:
            raise ModelError("bad_request", f"The request cannot be read: {explain(error)}.") from error
        system, user = body.messages
        reply = writer.reply(system.content, user.content, body.form)
        if ledger is not None:
            append(ledger, LedgerLine(reply_id=reply.id, faults=reply.faults))
        return JSONResponse(_completion(reply))

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/v1/models", models),
            Route("/v1/chat/completions", chat, methods=["POST"]),
        ],
        exception_handlers={ModelError: _refused},
    )


def _completion(reply: ScriptedReply) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.text}
    return {
        "id": reply.id,
        "object": "chat.completion",
        "created": int(time.time()),
        "model": MODEL,
        "choices": [{"index": 0, "finish_reason": reply.finish, "message": message}],
    }


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, ModelError):
        raise TypeError(f"registered for ModelError, not for {type(error).__name__}") from error
    told = {"message": f"{error.message} {error.hint}".strip(), "type": error.kind, "code": 400}
    return JSONResponse({"error": told}, 400)
