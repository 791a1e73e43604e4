"""One attempt at a request: sent with the key, read within bounds, explained when it fails.

transport = Transport("https://api.openalex.org", key=None)
transport.send(Call("GET", "/works?search=graph"))     # RawAnswer(status=200, retry_after="", body=b"…")

Redirects are followed only within the same origin, so that a key never leaves for another host. The key is
also removed from whatever comes back: a service that echoes it would otherwise put it into errors and caches.
"""

import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from herdwick.tools.aminer.http.calls import Call
from herdwick.tools.aminer.http.failures import bad_response
from herdwick.tools.errors import BackendError
from herdwick.tools.http_failures import RetryableError, explaining, open_client

KEY_REMOVED = b"[key removed]"
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "herdwick"}
GZIP_OR_ZLIB = 47
"""`wbits` that makes zlib recognise either header (32 + 15, Python's `zlib` documentation)."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one attempt.

    Attributes:
        connect_timeout_s: Longest wait for a connection, in seconds.
        read_timeout_s: Longest silence of the service, in seconds.
        deadline_s: Longest time for the whole attempt, in seconds, however it trickles.
        max_body_bytes: Longest answer read, in bytes after decompression.
        max_redirects: Most redirects followed.
    """

    connect_timeout_s: float = 5.0
    read_timeout_s: float = 15.0
    deadline_s: float = 45.0
    max_body_bytes: int = 16 * 1024 * 1024
    max_redirects: int = 3


@dataclass(frozen=True)
class RawAnswer:
    """An answer as it came.

    Attributes:
        status: HTTP status.
        retry_after: The `Retry-After` header, '' where absent.
        body: The decompressed body, without the key.
    """

    status: int
    retry_after: str
    body: bytes


class Transport:
    """Sends requests to one service; safe to share between threads.

    Args:
        base_url: `http` or `https` address, to which the paths of calls are appended.
        key: API key, sent in the `Authorization` header.
        key_scheme: What stands before the key there, such as `Bearer`.
        limits: Bounds of one attempt.

    Raises:
        BackendError: `bad_base_url` or `bad_proxy`.
    """

    def __init__(
        self, base_url: str, key: SecretStr | None, key_scheme: str = "", limits: Limits | None = None
    ) -> None:
        url = _plain_url(base_url)
        self.base_url = base_url.rstrip("/")
        self.host = url.netloc.decode()
        self._limits = limits or Limits()
        self._key = key
        authorization = {"Authorization": f"{key_scheme} {key.get_secret_value()}".strip()} if key else {}
        self._http = open_client(
            HEADERS | authorization,
            httpx.Timeout(self._limits.read_timeout_s, connect=self._limits.connect_timeout_s),
        )

    def describe(self, call: Call) -> str:
        """The call and the host, for messages: `GET /works at api.openalex.org`."""
        return f"{call.name} at {self.host}"

    def send(self, call: Call) -> RawAnswer:
        """Send a request once.

        Raises:
            RetryableError: `timeout`, `unreachable` or `connection_lost`.
            BackendError: `redirected`, `too_large` or `bad_response`.
        """
        what = self.describe(call)
        deadline = time.monotonic() + self._limits.deadline_s
        headers = {} if call.content is None else {"Content-Type": "application/json"}
        request = self._http.build_request(
            call.method, self.base_url + call.path, content=call.content, headers=headers
        )
        origin = _origin(request.url)
        for _ in range(self._limits.max_redirects + 1):
            with _explaining(what):
                answer = self._follow(request, deadline, what)
            if isinstance(answer, RawAnswer):
                return answer
            request = answer
            if _origin(request.url) != origin:
                raise BackendError(
                    "redirected",
                    f"{what} redirected to another address, {request.url.host}, which was not followed.",
                    "If the service has moved, set the new base URL.",
                )
        raise BackendError("redirected", f"{what} redirected in circles.", "Check the base URL.")

    def close(self) -> None:
        """Close the connections; closing twice is harmless."""
        self._http.close()

    def _follow(self, request: httpx.Request, deadline: float, what: str) -> RawAnswer | httpx.Request:
        """The answer to a request, or the request it redirects to."""
        response = self._http.send(request, stream=True)
        try:
            if response.next_request is not None:
                return response.next_request
            body = self._read(response, deadline, what)
        finally:
            response.close()
        if self._key:
            body = body.replace(self._key.get_secret_value().encode(), KEY_REMOVED)
        return RawAnswer(response.status_code, response.headers.get("Retry-After", ""), body)

    def _read(self, response: httpx.Response, deadline: float, what: str) -> bytes:
        limit = self._limits.max_body_bytes
        # httpx would inflate a whole chunk at once, a hostile one into gigabytes; zlib stops at the limit.
        encoded = response.headers.get("Content-Encoding", "identity") != "identity"
        inflate = zlib.decompressobj(GZIP_OR_ZLIB) if encoded else None
        body = bytearray()
        for chunk in response.iter_raw():
            body += inflate.decompress(chunk, limit + 1 - len(body)) if inflate else chunk
            if len(body) > limit:
                hint = "Check the base URL; no answer of this service is that long."
                raise BackendError("too_large", f"{what} sent more than {limit:,} bytes.", hint)
            if time.monotonic() > deadline:
                message = f"{what} took more than {self._limits.deadline_s:g} s."
                raise RetryableError("timeout", message, "Try again later.")
        if inflate and not inflate.eof:
            raise bad_response(what, "the compressed data ends early")
        return bytes(body)


@contextmanager
def _explaining(what: str) -> Iterator[None]:
    """Turn the errors of the HTTP library and of zlib into ours."""
    try:
        with explaining(what, "Check the network and the base URL, or answer from a cache with replay."):
            yield
    except zlib.error as error:
        raise bad_response(what, "the compressed data is damaged") from error


def _plain_url(base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url)
        # What the socket module does with a name; it fails where a label is empty or too long.
        url.host.encode("idna")
    except (httpx.InvalidURL, UnicodeError):
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query or url.fragment:
        raise BackendError(
            "bad_base_url",
            "The base URL is not a plain http or https address.",
            "Write it as https://host/path, without user, password or query.",
        )
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
