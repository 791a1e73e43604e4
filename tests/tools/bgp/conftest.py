"""A loopback RIS Live server for tests of other folders than `live`: the one that they have there."""

from collections.abc import Callable, Iterator

import pytest

from .live import conftest as live


@pytest.fixture
def feed() -> Iterator[Callable[..., live.LiveServer]]:
    """Starts a server that sends the messages given and then keeps the connection."""
    started: list[live.LiveServer] = []

    def start(*messages: str) -> live.LiveServer:
        started.append(live.LiveServer(live.sends(*messages)))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def update() -> Callable[..., str]:
    """Writes an UPDATE as the feed sends it."""
    return live.update
