"""Refusals and failures over HTTP, each with the status and the body it is told by.

    raise HttpFailure(429, "queue_full", "32 questions are waiting.", "Ask again in 3 s.", retry_after_s=3)

Every body is an answer object whose status is `error`, as `herdwick ask --json` prints; those of the
SoAyLLaMA paths have that service's shape.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from herdwick.agents.answer import Answer, AnswerError
from herdwick.tools.errors import HerdwickError

SOAY_PREFIX = "/api/soayllama/"

RETRY_AFTER_S = 5
"""Told with every 503: the embedded model is loaded again in two seconds, a server in a few more."""

_STATUS_OF_KIND: Mapping[str, int] = {
    "question_empty": 422,
    "question_too_long": 413,
    "bad_option": 422,
    "deadline_exceeded": 504,
    "endpoint_timeout": 504,
}
"""Errors of the request, and of time; see `status_of` for all others."""


class HttpFailure(HerdwickError):
    """A request that gets no answer.

    Attributes:
        status: HTTP status.
        headers: Sent with it, such as `Retry-After`.
    """

    def __init__(
        self, status: int, kind: str, message: str, hint: str = "", *, retry_after_s: int | None = None
    ) -> None:
        super().__init__(kind, message, hint)
        self.status = status
        self.headers = headers_of(status)
        if retry_after_s is not None:
            self.headers["Retry-After"] = str(retry_after_s)


class SoayReply(BaseModel):
    """What the SoAyLLaMA service answers.

    Attributes:
        message: `success`, or why there is nothing.
        route: The plan, as `searchPerson -> getCoauthors`.
        code: The program.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: str
    route: str = ""
    code: str = ""


def status_of(error: AnswerError | None) -> int:
    """The HTTP status of an answer.

    A question that was understood and could not be answered is no failure of HTTP: 200. One whose model or
    data cannot be used now may be answered later: 503.
    """
    if error is None:
        return 200
    return _STATUS_OF_KIND.get(error.kind, 503 if error.external else 200)


def headers_of(status: int) -> dict[str, str]:
    """What a response says beside its body: when to ask again, where it cannot be answered now."""
    return {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else {}


def body_of(error: HerdwickError, path: str) -> str:
    """A failure as JSON, in the shape that belongs to `path`."""
    if path.startswith(SOAY_PREFIX):
        return SoayReply(message=f"{error.message} {error.hint}".strip()).model_dump_json()
    return Answer.of_error(error, question="", domain="", strategy="", model="").model_dump_json()
