"""One attempt at a request: what is sent, what is read, and every way it can fail."""

import contextlib
import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from herdwick.tools.aminer.http.calls import Call
from herdwick.tools.aminer.http.transport import Limits, Transport
from herdwick.tools.errors import BackendError
from herdwick.tools.http_failures import RetryableError

WORKS = Call("GET", "/works?search=graphs")


@pytest.fixture
def transport(base_url: str, key: SecretStr, limits: Limits) -> Iterator[Transport]:
    opened = Transport(base_url, key, "Bearer", limits)
    yield opened
    opened.close()


Speak = Callable[[Callable[[socket.socket], None]], str]


@pytest.fixture
def speak() -> Iterator[Speak]:
    """Starts a service that answers its one request by hand: `speak(answer)` is its base URL."""
    with contextlib.ExitStack() as running:

        def start(answer: Callable[[socket.socket], None]) -> str:
            server = running.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    answer(connection)

            thread = threading.Thread(target=serve)
            thread.start()
            running.callback(thread.join)
            return f"http://127.0.0.1:{server.getsockname()[1]}"

        yield start


def failure_of(transport: Transport, call: Call = WORKS) -> BackendError:
    with pytest.raises(BackendError) as caught:
        transport.send(call)
    return caught.value


def test_status_and_body_come_as_they_are(httpserver: HTTPServer, transport: Transport) -> None:
    httpserver.expect_request("/works", query_string="search=graphs").respond_with_data("[1]", status=203)
    answer = transport.send(WORKS)
    assert (answer.status, answer.body, answer.retry_after) == (203, b"[1]", "")


def test_the_key_goes_into_the_header(httpserver: HTTPServer, transport: Transport, key: SecretStr) -> None:
    header = {"Authorization": f"Bearer {key.get_secret_value()}"}
    httpserver.expect_request("/works", headers=header).respond_with_data("{}")
    assert transport.send(WORKS).status == 200


def test_a_body_is_sent_as_json(httpserver: HTTPServer, transport: Transport) -> None:
    httpserver.expect_request("/search", method="POST", json={"name": "Zoë"}).respond_with_data("{}")
    assert transport.send(Call("POST", "/search", {"name": "Zoë"})).status == 200


def test_a_base_url_may_have_a_path_and_a_final_slash(
    httpserver: HTTPServer, base_url: str, limits: Limits
) -> None:
    httpserver.expect_request("/gateway/platform/works").respond_with_data("{}")
    transport = Transport(f"{base_url}/gateway/platform/", None, limits=limits)
    assert transport.send(WORKS).status == 200


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "127.0.0.1:80",
        "ftp://127.0.0.1",
        "http://",
        "http://127.0.0.1:port",
        "http://user:secret@127.0.0.1",
        "http://127.0.0.1/?key=secret",
        "http://127.0.0.1/#top",
        f"http://{'a' * 300}.com",
        "http://a..com",
    ],
)
def test_a_base_url_that_is_no_plain_address_is_refused_without_showing_it(base_url: str) -> None:
    with pytest.raises(BackendError) as caught:
        Transport(base_url, None)
    assert caught.value.kind == "bad_base_url"
    assert "secret" not in str(caught.value)


def test_a_key_echoed_by_the_service_is_removed(
    httpserver: HTTPServer, transport: Transport, key: SecretStr
) -> None:
    echo = f'{{"you sent": "Bearer {key.get_secret_value()}"}}'
    httpserver.expect_request("/works").respond_with_data(echo)
    assert transport.send(WORKS).body == b'{"you sent": "Bearer [key removed]"}'


def test_a_compressed_body_is_inflated(httpserver: HTTPServer, transport: Transport) -> None:
    packed = gzip.compress(b"[1, 2]")
    httpserver.expect_request("/works").respond_with_data(packed, headers={"Content-Encoding": "gzip"})
    assert transport.send(WORKS).body == b"[1, 2]"


@pytest.mark.parametrize("packed", [gzip.compress(b"[1, 2]" * 99)[:-9], b"not compressed at all"])
def test_a_damaged_compressed_body_is_a_bad_response(
    packed: bytes, httpserver: HTTPServer, transport: Transport
) -> None:
    httpserver.expect_request("/works").respond_with_data(packed, headers={"Content-Encoding": "gzip"})
    assert failure_of(transport).kind == "bad_response"


def test_a_huge_body_is_not_read_to_its_end(httpserver: HTTPServer, transport: Transport) -> None:
    sent = 0

    def endless(request: Request) -> Response:
        def chunks() -> Iterator[bytes]:
            nonlocal sent
            while sent < 10**9:
                sent += 8192
                yield b"x" * 8192

        return Response(chunks(), mimetype="application/json")

    httpserver.expect_request("/works").respond_with_handler(endless)
    failure = failure_of(transport)
    assert (failure.kind, failure.message.partition("sent ")[2]) == ("too_large", "more than 65,536 bytes.")
    assert sent < 10**8


def test_a_compressed_bomb_is_not_inflated_to_its_end(httpserver: HTTPServer, transport: Transport) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 64 * 1024
    httpserver.expect_request("/works").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    tracemalloc.start()
    kind = failure_of(transport).kind
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kind == "too_large"
    assert peak_bytes < 25_000_000


def test_silence_is_a_timeout(speak: Speak) -> None:
    limits = Limits(read_timeout_s=0.2)
    failure = failure_of(Transport(speak(lambda connection: time.sleep(0.5)), None, limits=limits))
    assert failure.kind == "timeout"
    assert isinstance(failure, RetryableError)


def test_a_body_that_trickles_past_the_deadline_is_a_timeout(speak: Speak) -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(15):
                time.sleep(0.1)
                connection.sendall(b" ")

    failure = failure_of(Transport(speak(trickle), None, limits=Limits(deadline_s=0.5)))
    assert (failure.kind, failure.message.partition("took ")[2]) == ("timeout", "more than 0.5 s.")


def test_a_port_nobody_listens_on_is_unreachable(limits: Limits) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    failure = failure_of(Transport(f"http://127.0.0.1:{port}", None, limits=limits))
    assert (failure.kind, failure.message) == (
        "unreachable",
        f"GET /works at 127.0.0.1:{port} cannot be reached.",
    )
    assert isinstance(failure, RetryableError)


@pytest.mark.parametrize(
    "spoken", [b"", b"SSH-2.0-nonsense\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"]
)
def test_a_connection_broken_off_is_lost(spoken: bytes, speak: Speak, limits: Limits) -> None:
    failure = failure_of(Transport(speak(lambda connection: connection.sendall(spoken)), None, limits=limits))
    assert failure.kind == "connection_lost"
    assert isinstance(failure, RetryableError)


def test_a_redirect_within_the_service_is_followed(httpserver: HTTPServer, transport: Transport) -> None:
    httpserver.expect_request("/authors/A1").respond_with_data("", 301, headers={"Location": "/authors/A2"})
    httpserver.expect_request("/authors/A2").respond_with_data('{"id": "A2"}')
    assert transport.send(Call("GET", "/authors/A1")).body == b'{"id": "A2"}'


@pytest.mark.parametrize("location", ["http://127.0.0.2:9/works", "https://127.0.0.1/works", "file:///etc/x"])
def test_a_redirect_elsewhere_is_not_followed(
    location: str, httpserver: HTTPServer, transport: Transport
) -> None:
    httpserver.expect_request("/works").respond_with_data("", 302, headers={"Location": location})
    failure = failure_of(transport)
    assert failure.kind == "redirected"
    assert "which was not followed" in failure.message


def test_the_key_does_not_follow_a_redirect_to_another_port(
    httpserver: HTTPServer, transport: Transport
) -> None:
    with HTTPServer(host="127.0.0.1", port=0) as other:
        other.expect_request("/works").respond_with_data("{}")
        moved = {"Location": other.url_for("/works")}
        httpserver.expect_request("/works").respond_with_data("", 307, headers=moved)
        assert failure_of(transport).kind == "redirected"
        assert other.log == []


def test_a_key_in_the_address_of_a_redirect_is_not_quoted(
    httpserver: HTTPServer, transport: Transport, key: SecretStr
) -> None:
    moved = {"Location": f"http://127.0.0.2/?key={key.get_secret_value()}"}
    httpserver.expect_request("/works").respond_with_data("", 302, headers=moved)
    assert key.get_secret_value() not in repr(failure_of(transport))


def test_redirects_in_circles_end(httpserver: HTTPServer, transport: Transport) -> None:
    httpserver.expect_request("/works").respond_with_data("", 302, headers={"Location": "/works"})
    assert failure_of(transport).message.endswith("redirected in circles.")
    assert len(httpserver.log) == Limits().max_redirects + 1


@pytest.mark.parametrize("proxy", ["gopher://me:hunter2@127.0.0.1:9", "http://127.0.0.1:port"])
def test_a_proxy_of_no_known_kind_is_explained_without_showing_it(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(BackendError) as caught:
        Transport("http://service.invalid", None)
    assert caught.value.kind == "bad_proxy"
    assert proxy not in str(caught.value)


def test_a_socks_proxy_is_used(speak: Speak, limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    # 5: its version; 255: none of the ways to log in is good enough.
    proxy = speak(lambda connection: connection.sendall(bytes([5, 255])))
    monkeypatch.setenv("ALL_PROXY", proxy.replace("http:", "socks5:"))
    transport = Transport("http://service.invalid", None, limits=limits)
    assert failure_of(transport).kind == "connection_lost"


def test_closing_twice_is_harmless_and_nothing_is_sent_afterwards(
    httpserver: HTTPServer, transport: Transport
) -> None:
    transport.close()
    transport.close()
    with pytest.raises(RuntimeError, match="closed"):
        transport.send(WORKS)
    assert httpserver.log == []
