"""The teacher itself: an OpenAI-compatible endpoint, asked over and over without being a nuisance.

    async with Teacher(load_model(config.model).endpoint(""), config) as teacher:
        reply = await teacher.ask(prompt)

What can pass is asked again, a bounded number of times with growing waits: lost connections, timeouts, 429
and 5xx. When the endpoint says `Retry-After`, every request waits so long. What is wrong with one prompt,
such as a word that a content filter minds, is the reply to it. A key that is refused, a model that is not
there, and everything else that cannot get better, ends the run at once.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from herdwick.agents.endpoint import CONNECT_TIMEOUT_S, Endpoint
from herdwick.agents.errors import ModelError
from herdwick.selfinstruct.teacher.config import TeacherConfig
from herdwick.selfinstruct.teacher.journal import ReplyLine
from herdwick.selfinstruct.teacher.prompts import Form, Prompt
from herdwick.selfinstruct.teacher.reply import SCHEMA
from herdwick.tools.http_failures import parse_retry_after

if TYPE_CHECKING:
    from openai import AsyncOpenAI

PASSING = frozenset({"endpoint_down", "endpoint_timeout", "rate_limited", "endpoint_failed"})
"""Kinds of failure that may be gone when the same is asked again."""

OF_THE_REQUEST = frozenset({"bad_reply", "bad_request", "context_too_long"})
"""Kinds that belong to one prompt: the run goes on without it."""

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
LONGEST_RETRY_AFTER_S = 600.0
"""An endpoint that asks for more patience is better asked another day."""


class Teacher:
    """Asks one endpoint, many requests at a time; belongs to one event loop.

    Args:
        endpoint: Where it is.
        config: Of the run.
        form: Of the last reply before the run was stopped; None before the first one.
        first_wait_s: Before the second attempt, in seconds; doubled for each after it.

    Attributes:
        form: In which tasks are asked for; becomes `text` when the endpoint refuses a schema, and answers
            without. One that has answered under a schema means the prompt when it refuses.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        config: TeacherConfig,
        *,
        form: Form | None = None,
        first_wait_s: float = FIRST_WAIT_S,
    ) -> None:
        self._endpoint = replace(endpoint, max_retries=config.attempts - 1, timeout_s=config.timeout_s)
        self._config = config
        self.form: Form = form or ("text" if config.structured == "text" else "json")
        self._may_lack_schemas = config.structured == "auto" and form != "json"
        self._first_wait_s = first_wait_s
        self._pace = _Pace(config.requests_per_minute)
        self._client: AsyncOpenAI | None = None

    async def __aenter__(self) -> Self:
        import httpx2
        import openai

        from herdwick.agents.endpoint_clients import AsyncDeadlineClient

        endpoint, most = self._endpoint, self._config.in_flight
        # A proxy set for the internet must not be asked for this machine.
        use_proxy = urlsplit(endpoint.base_url).hostname not in ("127.0.0.1", "localhost", "::1")
        limits = httpx2.Limits(max_connections=most, max_keepalive_connections=most)
        self._client = openai.AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=endpoint.api_key.get_secret_value(),
            max_retries=0,
            timeout=openai.Timeout(endpoint.timeout_s, connect=min(CONNECT_TIMEOUT_S, endpoint.timeout_s)),
            http_client=AsyncDeadlineClient(endpoint.timeout_s, trust_env=use_proxy, limits=limits),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client:
            await self._client.close()

    async def ask(self, prompt: Prompt) -> ReplyLine:
        """The reply to `prompt`, or the failure that belongs to it alone.

        Raises:
            ModelError: The endpoint cannot be used, or still failed after all attempts.
        """
        waits = Random(prompt.number)  # noqa: S311 - spreads requests, hides nothing
        attempt, form = 0, self.form
        while True:
            await self._pace.turn()
            try:
                reply = await self._once(prompt, form, attempt)
            except ModelError as error:
                if error.kind == "bad_request" and form == "json" and self._may_lack_schemas:
                    form = "text"
                    continue
                attempt += 1
                again = error.kind in PASSING or error.kind == "bad_reply"
                if again and attempt < self._config.attempts:
                    await self._wait(error, attempt, waits)
                elif error.kind in OF_THE_REQUEST:
                    return ReplyLine(
                        number=prompt.number,
                        form=form,
                        text="",
                        failure=error.kind,
                        detail=_whole(error.message),
                        retries=attempt - 1,
                    )
                else:
                    raise
            else:
                self._learn_from(form)
                return reply

    def _learn_from(self, form: Form) -> None:
        """A reply has come in `form`."""
        if form == "json":
            self._may_lack_schemas = False
        elif self._may_lack_schemas:
            self.form = "text"

    async def _once(self, prompt: Prompt, form: Form, attempt: int) -> ReplyLine:
        # It imports the SDK, which takes half a second.
        from herdwick.agents.endpoint_errors import endpoint_errors

        assert self._client is not None
        with endpoint_errors(self._endpoint):
            completion = await self._client.chat.completions.create(
                model=self._endpoint.model,
                messages=[_message(role, text) for role, text in prompt.messages(form)],
                temperature=self._config.temperature,
                top_p=self._config.top_p,
                **self._spoken(prompt),
                extra_body={**self._endpoint.extra_body, **_format(form)} or None,
            )
            return _line(completion, prompt.number, form, attempt)

    def _spoken(self, prompt: Prompt) -> dict[str, Any]:
        """What not every endpoint takes, or takes under one name."""
        if self._endpoint.engine == "openai":
            return {"max_completion_tokens": self._config.max_tokens, "seed": prompt.number}
        seeded = {} if self._endpoint.engine == "unknown" else {"seed": prompt.number}
        return {"max_tokens": self._config.max_tokens, **seeded}

    async def _wait(self, error: ModelError, attempt: int, waits: Random) -> None:
        told = _retry_after(error)
        if told is not None:
            if told > LONGEST_RETRY_AFTER_S:
                raise ModelError(
                    error.kind,
                    f"{self._endpoint.where} asks to wait for {told:.0f} s.",
                    "Run the same command then: it continues where it stopped.",
                ) from error
            self._pace.pause(told)
        # Requests that failed together must not come back together, nor at once where 0 s were told.
        doubled: float = min(LONGEST_WAIT_S, self._first_wait_s * 2 ** (attempt - 1))
        await asyncio.sleep((told or 0) + doubled * waits.uniform(0.5, 1.0))


class _Pace:
    """Spreads the starts of requests over time."""

    def __init__(self, per_minute: int | None) -> None:
        self._between_s = 60 / per_minute if per_minute else 0.0
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next request may start."""
        # Who else waited may have gone first, and a pause may have begun meanwhile.
        while (left := self._next - time.monotonic()) > 0:
            await asyncio.sleep(left)
        self._next = time.monotonic() + self._between_s

    def pause(self, seconds: float) -> None:
        """Let no request start for some time."""
        self._next = max(self._next, time.monotonic() + seconds)


def _message(role: str, text: str) -> Any:
    return {"role": role, "content": text}


def _format(form: Form) -> Mapping[str, Any]:
    if form == "text":
        return {}
    schema = {"name": "tasks", "strict": True, "schema": SCHEMA}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _line(completion: Any, number: int, form: Form, attempt: int) -> ReplyLine:
    """What the SDK read, which it does not check."""
    choice = completion.choices[0]
    usage = completion.usage
    content, refusal = choice.message.content, getattr(choice.message, "refusal", None)
    if content is not None and not isinstance(content, str):
        raise TypeError("the reply's content is no text")
    # A count is for the budget only: a server that leaves it out has still replied.
    return ReplyLine(
        number=number,
        form=form,
        text=_whole(content or ""),
        finish=_whole(str(choice.finish_reason or "")),
        refusal=_whole(str(refusal or "")),
        model=_whole(str(completion.model or "")),
        id=_whole(str(completion.id or "")),
        prompt_tokens=_count(usage, "prompt_tokens"),
        reply_tokens=_count(usage, "completion_tokens"),
        retries=attempt,
    )


def _whole(text: str) -> str:
    from herdwick.agents.surrogates import replace_surrogates

    return str(replace_surrogates(text))


def _count(usage: object, name: str) -> int:
    found = getattr(usage, name, 0)
    return found if isinstance(found, int) and found > 0 else 0


def _retry_after(error: ModelError) -> float | None:
    """Seconds that the endpoint asks to wait."""
    response = getattr(error.__cause__, "response", None)
    return parse_retry_after(response.headers.get("retry-after", "")) if response is not None else None
