"""From what went wrong on the wire to one clear error per kind.

    raise status_failure("GET /works at api.openalex.org", 429, retry_after_s=2.0)   # RetryableError

Kinds: `timeout`, `unreachable`, `connection_lost`, `rate_limited`, `server_error`, `unauthorized`,
`not_found`, `refused`, `redirected`, `bad_response`, `too_large`, `budget_exceeded`, `not_recorded`.
"""

from herdwick.tools.errors import BackendError
from herdwick.tools.http_failures import RetryableError

MAX_DETAIL_CHARS = 200
"""Longest part of a service's own message that is quoted."""


def status_failure(
    what: str, status: int, detail: str = "", retry_after_s: float | None = None
) -> BackendError:
    """The error for an HTTP status that is no success.

    Args:
        what: The call and the host, as `GET /works at api.openalex.org`.
        status: HTTP status, or the equivalent of an error inside a 200 answer.
        detail: The service's own message.
        retry_after_s: Seconds the service asked to wait.
    """
    said = _quoted(detail)
    if status == 429:
        wait = "a while" if retry_after_s is None else f"{retry_after_s:.0f} s"
        return RetryableError(
            "rate_limited",
            f"{what} refused for too many requests{said}.",
            f"Try again in {wait}, or answer from a cache with replay.",
            retry_after_s,
        )
    if status == 408:
        return RetryableError("timeout", f"{what} timed out{said}.", "Try again later.", retry_after_s)
    if status >= 500:
        return RetryableError(
            "server_error", f"{what} failed with HTTP {status}{said}.", "Try again later.", retry_after_s
        )
    if status in (401, 403):
        hint = "Check that the API key is set, valid and allowed to make this call."
        return BackendError("unauthorized", f"{what} refused access (HTTP {status}){said}.", hint)
    if status == 404:
        return BackendError("not_found", f"{what} found nothing{said}.", "Check the base URL.")
    hint = "Check the base URL; the service may have changed its interface."
    return BackendError("refused", f"{what} refused the request (HTTP {status}){said}.", hint)


def bad_response(what: str, problem: str) -> BackendError:
    """The error for an answer that is not what the service should send."""
    hint = "Try again later; if it stays, check the base URL."
    return BackendError("bad_response", f"{what} sent an answer that cannot be read: {problem}.", hint)


def _quoted(detail: str) -> str:
    text = "".join(char if char.isprintable() else " " for char in detail).strip()
    if not text:
        return ""
    return f": {text[:MAX_DETAIL_CHARS]}{'…' if len(text) > MAX_DETAIL_CHARS else ''}"
