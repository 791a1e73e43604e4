"""GET requests to brokers and archives, whose addresses are not to be trusted.

    with HttpReader() as http, http.open(url, {"Range": "bytes=1024-"}) as response:
        for chunk in response.iter_raw():
            …

Only http and https are spoken, redirects are few and never lead from https to http, and whatever fails is a
`BackendError` that says what to do.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from herdwick.tools.closing import Closing
from herdwick.tools.errors import BackendError
from herdwick.tools.http_failures import RetryableError, explaining, open_client, parse_retry_after
from herdwick.tools.shown_url import shown_url

# Compressed files must arrive as they are, and listings are small.
HEADERS = {"Accept-Encoding": "identity", "User-Agent": "herdwick"}
MAX_URL_CHARS = 2_048


@dataclass(frozen=True)
class HttpLimits:
    """Bounds of a request.

    Attributes:
        connect_timeout_s: Longest wait for a connection, in seconds.
        read_timeout_s: Longest silence of the server, in seconds.
        max_redirects: Most redirects followed.
    """

    connect_timeout_s: float = 10.0
    read_timeout_s: float = 30.0
    max_redirects: int = 5


class HttpReader(Closing):
    """Reads from servers; safe to share between threads.

    Raises:
        BackendError: `bad_proxy`; the environment names a proxy that cannot be used.
    """

    def __init__(self, limits: HttpLimits | None = None) -> None:
        self._limits = limits or HttpLimits()
        timeout = httpx.Timeout(self._limits.read_timeout_s, connect=self._limits.connect_timeout_s)
        self._client = open_client(HEADERS, timeout)

    def close(self) -> None:
        """Close the connections; closing twice is harmless."""
        self._client.close()

    @contextmanager
    def open(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[httpx.Response]:
        """The answer to a GET request, whatever its status, with a body that is read as it comes.

        Failures while the body is read become `BackendError`s too.

        Raises:
            RetryableError: `timeout`, `unreachable` or `connection_lost`.
            BackendError: `bad_url` or `redirected`.
        """
        request = self._client.build_request("GET", checked_url(url), headers=headers)
        with explaining(request.url.host, "Check the network and --broker-url."):
            response = self._arrive(request)
            try:
                yield response
            finally:
                response.close()

    def _arrive(self, request: httpx.Request) -> httpx.Response:
        asked = request.url.host
        for _ in range(self._limits.max_redirects + 1):
            response = self._client.send(request, stream=True)
            if response.next_request is None:
                return response
            response.close()
            secure = request.url.scheme == "https"
            request = response.next_request
            if checked_url(str(request.url)).scheme == "http" and secure:
                raise BackendError(
                    "redirected",
                    f"{asked} redirected from https to http, which was not followed.",
                    "Tell the operator, or use another broker (--broker-url).",
                )
        raise BackendError(
            "redirected", f"{asked} redirected in circles.", "Use another broker: --broker-url."
        )


def checked_url(url: str) -> httpx.URL:
    """`url`, if it is a plain http or https address.

    Raises:
        BackendError: `bad_url`.
    """
    try:
        parsed = httpx.URL(url) if len(url) <= MAX_URL_CHARS else httpx.URL("")
        # What the socket module does with a name; it fails where a label is empty or too long.
        parsed.host.encode("idna")
    except (httpx.InvalidURL, UnicodeError):
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        raise BackendError(
            "bad_url",
            f"{shown_url(url)!r} is no plain http or https address.",
            "Write it as https://host/path, without user and password; check --broker-url.",
        )
    return parsed


def status_failure(what: str, response: httpx.Response) -> BackendError:
    """The error for an answer that is no success.

    Args:
        what: What was asked for, and where.
        response: The answer.
    """
    status = response.status_code
    retry_after_s = parse_retry_after(response.headers.get("Retry-After", ""))
    if status == 429:
        return RetryableError(
            "rate_limited", f"{what} was refused for too many requests.", "Try again later.", retry_after_s
        )
    if status == 408 or status >= 500:
        return RetryableError(
            "server_error", f"{what} failed with HTTP {status}.", "Try again later.", retry_after_s
        )
    if status in (404, 410):
        return BackendError("not_found", f"{what} is not there (HTTP {status}).", "Check the broker's URL.")
    return BackendError("refused", f"{what} was refused (HTTP {status}).", "Check the broker's URL.")
