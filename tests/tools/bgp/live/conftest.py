"""A loopback RIS Live server that sends what it is told, and messages to send."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.sync.server import Server, ServerConnection, serve

Script = Callable[["LiveServer", ServerConnection], None]
START = 1_427_846_400.0


def update(
    *announced: str,
    withdrawn: tuple[str, ...] = (),
    path: list[Any] | None = None,
    peer: int = 1,
    time: float = START,
    **keys: Any,
) -> str:
    """An UPDATE as the feed sends it; the peer's ASN is 64496 and its number."""
    data = {
        "timestamp": time,
        "peer": f"198.51.100.{peer}",
        "peer_asn": str(64_496 + peer),
        "host": "rrc00.ripe.net",
        "type": "UPDATE",
        "path": [64_496 + peer, 64_510] if path is None else path,
        "origin": "IGP",
        "announcements": [{"next_hop": f"198.51.100.{peer}", "prefixes": [*announced]}] if announced else [],
        "withdrawals": [*withdrawn],
    }
    return json.dumps({"type": "ris_message", "data": data | keys})


def state(name: str, peer: int = 1, time: float = START) -> str:
    return update(peer=peer, time=time, type="RIS_PEER_STATE", state=name)


class LiveServer:
    """Runs a script for each connection: the first for the first, the last for all later ones.

    Attributes:
        received: What clients sent.
        ended: Set when the test is over; scripts that wait, wait for it.
    """

    def __init__(self, *scripts: Script) -> None:
        self.received: list[dict[str, Any]] = []
        self.ended = threading.Event()
        self.connections = 0
        self._scripts = scripts
        self._server: Server = serve(self._handle, "127.0.0.1", 0, max_size=None)
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/v1/ws/?client=test"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _handle(self, connection: ServerConnection) -> None:
        script = self._scripts[min(self.connections, len(self._scripts) - 1)]
        self.connections += 1
        self.received.append(json.loads(connection.recv(timeout=5)))
        script(self, connection)

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._thread.join(timeout=5)


def sends(*messages: str | bytes, then_waits: bool = True) -> Script:
    """A script that sends messages and then keeps the connection, or ends it."""

    def script(server: LiveServer, connection: ServerConnection) -> None:
        for message in messages:
            connection.send(message)
        if then_waits:
            server.ended.wait(30)

    return script


@pytest.fixture
def live_server() -> Iterator[Callable[..., LiveServer]]:
    started: list[LiveServer] = []

    def start(*scripts: Script) -> LiveServer:
        started.append(LiveServer(*scripts))
        return started[-1]

    yield start
    for server in started:
        server.close()
