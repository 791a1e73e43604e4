"""What goes wrong between us and an HTTP service, whichever it is.

with explaining("api.openalex.org", "Check the network and the base URL."):
client.send(request)          # httpx's errors become RetryableError
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from herdwick.tools.errors import BackendError


class RetryableError(BackendError):
    """A failure that may pass.

    Attributes:
        retry_after_s: Seconds the service asked to wait, None when it did not say.
    """

    def __init__(self, kind: str, message: str, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(kind, message, hint)
        self.retry_after_s = retry_after_s


def open_client(headers: Mapping[str, str], timeout: httpx.Timeout) -> httpx.Client:
    """A client that goes through the proxies that the environment names.

    Args:
        headers: Sent with each request.
        timeout: Longest waits, in seconds.

    Raises:
        BackendError: `bad_proxy`; one of them cannot be used.
    """
    try:
        return httpx.Client(headers=dict(headers), timeout=timeout)
    except (ValueError, httpx.InvalidURL) as error:
        # Not quoted: the address of a proxy may hold a password.
        raise BackendError(
            "bad_proxy",
            "The proxy that the environment names cannot be used.",
            "Set HTTP_PROXY, HTTPS_PROXY and ALL_PROXY to http, https or socks5 URLs, or unset them.",
        ) from error


@contextmanager
def explaining(what: str, unreachable_hint: str) -> Iterator[None]:
    """Turn the HTTP library's errors into ours.

    Args:
        what: The service, or the call and the service.
        unreachable_hint: What to do if it cannot be reached.

    Raises:
        RetryableError: `timeout`, `unreachable` or `connection_lost`.
    """
    try:
        yield
    except httpx.TimeoutException as error:
        raise RetryableError("timeout", f"{what} did not answer in time.", "Try again later.") from error
    except httpx.ConnectError as error:
        raise RetryableError("unreachable", f"{what} cannot be reached.", unreachable_hint) from error
    except httpx.TransportError as error:
        message = f"{what} broke off the connection."
        raise RetryableError("connection_lost", message, "Try again later.") from error


def parse_retry_after(value: str, now: datetime | None = None) -> float | None:
    """Seconds to wait according to a `Retry-After` header (RFC 9110, section 10.2.3).

    Args:
        value: The header: seconds or an HTTP date; '' where there is none.
        now: The present, for dates.

    Returns:
        None where the header is absent or malformed; never negative.
    """
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())
