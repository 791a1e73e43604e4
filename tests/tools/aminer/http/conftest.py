"""A loopback service for the HTTP backends, and clients that give up on it quickly."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from herdwick.tools.aminer.backend import AMinerBackend
from herdwick.tools.aminer.domain import AMinerOptions
from herdwick.tools.aminer.http import open_http_backend
from herdwick.tools.aminer.http.transport import Limits
from herdwick.tools.retries import RetryPolicy

KEY = "sk-loopback-0123456789"


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AMINER_API_KEY", raising=False)
    monkeypatch.delenv("OPENALEX_API_KEY", raising=False)


@pytest.fixture
def base_url(httpserver: HTTPServer) -> str:
    return httpserver.url_for("")


@pytest.fixture
def key() -> SecretStr:
    return SecretStr(KEY)


@pytest.fixture
def limits() -> Limits:
    """Small answers only; the patience is that of a busy machine, tests of timeouts bring their own."""
    return Limits(max_body_bytes=64 * 1024)


@pytest.fixture
def waits_s() -> list[float]:
    """The seconds waited between attempts; no test really waits."""
    return []


@pytest.fixture
def retries(waits_s: list[float]) -> RetryPolicy:
    return RetryPolicy(attempts=3, first_wait_s=0.5, longest_wait_s=20.0, sleep=waits_s.append)


OpenBackend = Callable[..., AMinerBackend]


@pytest.fixture
def open_backend(base_url: str, limits: Limits, retries: RetryPolicy) -> Iterator[OpenBackend]:
    """Opens backends on the loopback service: `open_backend("archive", cache=folder)`."""
    opened: list[AMinerBackend] = []

    def open_one(backend: str, **options: str | Path | float | None) -> AMinerBackend:
        chosen = AMinerOptions.model_validate({"backend": backend, "base_url": base_url} | options)
        opened.append(open_http_backend(chosen, limits=limits, retries=retries))
        return opened[-1]

    yield open_one
    for backend in opened:
        backend.close()
