"""What went wrong at a model endpoint, as one `ModelError` per failure kind.

    with endpoint_errors(endpoint):
        reply = endpoint.chat.invoke(messages)

A message never carries what a server said about a key, since some repeat part of it; and the key is removed
from whatever else is quoted.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import openai

from herdwick.agents.endpoint import NO_KEY, Endpoint
from herdwick.agents.errors import ModelError
from herdwick.agents.reply_cache import ReplyCacheError

MAX_DETAIL_CHARS = 200
"""Longest quotation of a server's own words."""

KEY_REMOVED = "[key removed]"

_NOT_A_REPLY = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
"""What langchain-openai raises for a reply that has not the shape of the API, or is nested too deeply."""


@contextmanager
def endpoint_errors(endpoint: Endpoint) -> Iterator[None]:
    """Turn the exceptions of one request to `endpoint` into `ModelError`s.

    Raises:
        ModelError: The request failed; `kind` is one of `endpoint_down`, `endpoint_timeout`,
            `endpoint_refused`, `endpoint_failed`, `rate_limited`, `model_unknown`, `context_too_long`,
            `bad_request`, `bad_reply`, `cache_unusable`.
    """
    try:
        yield
    except ReplyCacheError as error:
        raise ModelError(
            "cache_unusable", str(error), "Remove it, make room, or name another folder."
        ) from error
    except openai.APIError as error:
        raise _explain(error, endpoint) from error
    except httpx2.TimeoutException as error:
        raise _too_late(endpoint) from error
    except httpx2.HTTPError as error:
        # The SDK leaves a connection lost in the middle of a stream as its HTTP library reports it.
        raise _down(endpoint) from error
    except (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError) as error:
        raise ModelError("bad_reply", f"{endpoint.where} broke off its reply.", "Ask again.") from error
    except _NOT_A_REPLY as error:
        raise ModelError(
            "bad_reply",
            f"{endpoint.where} answered with something that is not a completion.",
            "Check that the URL is an OpenAI-compatible /v1 endpoint.",
        ) from error


def _explain(error: openai.APIError, endpoint: Endpoint) -> ModelError:
    where = endpoint.where
    match error:
        case openai.APITimeoutError():
            return _too_late(endpoint)
        case openai.APIConnectionError():
            return _down(endpoint)
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return ModelError(
                "endpoint_refused",
                f"{where} does not accept the key.",
                f"Set {endpoint.key_variable} to a key that is valid there.",
            )
        case openai.RateLimitError():
            return ModelError(
                "rate_limited",
                f"{where} still refuses after {endpoint.max_retries} retries: too many requests.",
                "Wait a while, or ask for a higher limit there.",
            )
        case openai.NotFoundError():
            return ModelError(
                "model_unknown",
                f"{where} knows no model {endpoint.model!r}.",
                "Name one it serves as NAME@URL; its /v1/models lists them.",
            )
        case openai.BadRequestError() if _is_too_long(error):
            return ModelError(
                "context_too_long",
                f"{where} takes no prompt this long for {endpoint.model!r}.",
                "Ask a shorter question, or serve the model with a longer context.",
            )
        case openai.APIStatusError(status_code=status) if status < 500:
            return ModelError(
                "bad_request",
                f"{where} refused the request: {_quoted(error.message, endpoint)}",
                "The server may lack a feature this prompt style needs; try another style or server.",
            )
        case _:
            return ModelError(
                "endpoint_failed",
                f"{where} failed: {_quoted(error.message, endpoint)}",
                "Look at the server's log.",
            )


def without_key(text: str, endpoint: Endpoint) -> str:
    """`text` without the key of `endpoint`: some servers repeat what they were sent."""
    if endpoint.api_key == NO_KEY:
        return text
    key = endpoint.api_key.get_secret_value()
    # As it is, and as it stands inside a quotation.
    for spelling in (repr(key)[1:-1], json.dumps(key)[1:-1], key):
        text = text.replace(spelling, KEY_REMOVED)
    return text


def _too_late(endpoint: Endpoint) -> ModelError:
    return ModelError(
        "endpoint_timeout",
        f"{endpoint.where} did not answer within {endpoint.timeout_s:g} s.",
        "Try again, choose a smaller model, or allow more time.",
    )


def _down(endpoint: Endpoint) -> ModelError:
    return ModelError(
        "endpoint_down",
        f"{endpoint.where} cannot be reached, or closed the connection in the middle of its reply.",
        "Check that the server runs and the URL is right; `--model embedded` needs no server.",
    )


def _is_too_long(error: openai.BadRequestError) -> bool:
    said = f"{error.code} {error.type} {error.message}".lower()
    return "context" in said and any(word in said for word in ("length", "size", "exceed", "maximum"))


def _quoted(text: str, endpoint: Endpoint) -> str:
    line = " ".join(without_key(text, endpoint).split())
    return line if len(line) <= MAX_DETAIL_CHARS else f"{line[:MAX_DETAIL_CHARS]}…"
