"""Runs the HTTP API until it is told to stop.

    run_server(settings, host="127.0.0.1", port=8080, on_listening=print)

The first SIGTERM or Ctrl-C lets in no more requests (they get 503) and waits for those inside; the second
ends at once.
"""

import logging
import socket
import sys
from collections.abc import Callable
from types import FrameType

import uvicorn

from herdwick.agents.errors import UsageError
from herdwick.agents.server.app import ServerApp, create_app
from herdwick.agents.server.request_log import LOGGER, JsonLines
from herdwick.agents.server.settings import ServerSettings

CUT_OFF_S = 1
"""How long requests have to end once their grace is over and they have been cancelled."""

BACKLOG = 2048
"""Connections that may wait to be accepted, as many as uvicorn lets wait by itself."""

KEEP_ALIVE_S = 30
"""How long a connection without requests is kept."""


class DrainingServer(uvicorn.Server):
    """A server that goes on answering while it is being stopped.

    Args:
        app: What it serves.
        settings: How long it waits, and for whom.
        proxies: Addresses whose `X-Forwarded-For` is believed, commas in between; '' for none.
    """

    def __init__(self, app: ServerApp, settings: ServerSettings, proxies: str = "") -> None:
        super().__init__(
            uvicorn.Config(
                app.asgi,
                log_config=None,
                log_level="warning",
                # It has the query strings in it, and those have the questions.
                access_log=False,
                server_header=False,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=proxies,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=CUT_OFF_S,
                lifespan="on",
            )
        )
        self._gate = app.gate
        self._grace_s = settings.grace_s

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop, or stop at once the second time."""
        del sig, frame
        if self._gate.is_draining:
            self.should_exit = True
            self.force_exit = True
        else:
            self._gate.drain(self._grace_s)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether it is time to end."""
        return await super().on_tick(counter) or self._gate.is_drained


def run_server(
    settings: ServerSettings,
    *,
    host: str,
    port: int,
    proxies: str = "",
    on_listening: Callable[[str], None] | None = None,
) -> None:
    """Serve until a signal comes.

    Args:
        settings: What is served.
        host: Address to listen on.
        port: 0 lets the system choose.
        proxies: Addresses whose `X-Forwarded-For` is believed.
        on_listening: Told the URL once connections are accepted.

    Raises:
        HerdwickError: Something cannot be opened: address, data or model.
    """
    log_to_stderr()
    with listen(host, port) as listener:
        app = create_app(settings)
        if on_listening:
            on_listening(url_of(listener))
        DrainingServer(app, settings, proxies).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket that accepts connections.

    Raises:
        UsageError: The address cannot be used.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind)
    except OSError as error:
        raise _no_address(host, port, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _no_address(host, port, error) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def log_to_stderr() -> None:
    """One line of JSON for each request and each failure; of uvicorn only what goes wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    LOGGER.setLevel(logging.INFO)
    for logger in (LOGGER, logging.getLogger("uvicorn")):
        logger.handlers = [handler]
        logger.propagate = False


def _no_address(host: str, port: int, error: OSError) -> UsageError:
    return UsageError(
        "address_unusable",
        f"Nothing can listen on {host}:{port}: {error.strerror or error}.",
        "Choose another --host or --port; port 0 takes any that is free.",
    )
