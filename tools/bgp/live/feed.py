"""The RIS Live feed: a websocket that is kept open for a number of seconds.

    feed = LiveFeed([Subscription(prefix="192.0.2.0/24", more_specific=True)])
    for message in feed.messages(60.0, report):
        …

It only listens. When the connection ends it is opened again, with growing waits; how long it was gone is
counted. It stops on time whether messages come or not, and whatever the server does.
"""

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)
from websockets.sync.client import ClientConnection, connect

from herdwick.tools.bgp.live.address import RIS_LIVE_URL, check_address
from herdwick.tools.bgp.live.backlog import Backlog
from herdwick.tools.bgp.live.report import LiveReport
from herdwick.tools.errors import BackendError
from herdwick.tools.shown_url import shown_url


class MessageSource(Protocol):
    """Where messages come from."""

    def messages(self, seconds: float, report: LiveReport) -> Iterator[bytes]:
        """Messages for at most so many seconds; what goes wrong meanwhile is counted in `report`."""
        ...


@dataclass(frozen=True)
class Subscription:
    """What the server is to send (https://ris-live.ripe.net/manual/, `ris_subscribe`).

    Attributes:
        prefix: Only messages about it; '' for any.
        more_specific: Those about prefixes within it, too.
        less_specific: Those about prefixes around it, too.
        host: Only those of one collector, such as `rrc00`; '' for any.
    """

    prefix: str = ""
    more_specific: bool = True
    less_specific: bool = False
    host: str = ""

    def message(self) -> str:
        """As the server wants it."""
        # The bytes of each message are of no use here, and half of the traffic.
        data: dict[str, object] = {"socketOptions": {"includeRaw": False}}
        if self.prefix:
            data |= {"prefix": self.prefix, "moreSpecific": self.more_specific}
            data |= {"lessSpecific": self.less_specific}
        if self.host:
            data["host"] = self.host
        return json.dumps({"type": "ris_subscribe", "data": data})


@dataclass(frozen=True)
class FeedLimits:
    """Bounds of a feed.

    Attributes:
        max_message_bytes: Longest message; a longer one ends the connection.
        max_waiting: Most messages that wait to be used.
        max_waiting_bytes: Most bytes of them.
        open_timeout_s: Longest wait for a connection, in seconds.
        first_attempts: Attempts at the first connection; later ones are made until the time is over.
        first_wait_s: Wait after a connection ended, in seconds; it doubles until messages come again.
        longest_wait_s: Longest wait.
    """

    max_message_bytes: int = 4 << 20
    max_waiting: int = 50_000
    max_waiting_bytes: int = 64 << 20
    open_timeout_s: float = 10.0
    first_attempts: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0


@dataclass(frozen=True)
class LiveFeed:
    """A RIS Live server.

    Attributes:
        subscriptions: What it is to send.
        url: Where it is, `ws` or `wss`.
        limits: Bounds.
    """

    subscriptions: Sequence[Subscription] = (Subscription(),)
    url: str = RIS_LIVE_URL
    limits: FeedLimits = field(default_factory=FeedLimits)

    def __post_init__(self) -> None:
        """Refuse what is no address of a websocket.

        Raises:
            BackendError: `bad_url`.
        """
        check_address(self.url)

    def messages(self, seconds: float, report: LiveReport) -> Iterator[bytes]:
        """Messages as they come, for `seconds` seconds.

        Raises:
            BackendError: `unreachable` or `refused`; the feed could not be connected once.
        """
        deadline = time.monotonic() + seconds
        backlog = Backlog(self.limits.max_waiting, self.limits.max_waiting_bytes)
        reader = _Reader(self, backlog, report)
        thread = threading.Thread(target=reader.run, name="ris-live", daemon=True)
        thread.start()
        try:
            while (left_s := deadline - time.monotonic()) > 0:
                message = backlog.get(left_s)
                report.dropped = backlog.dropped
                if message is not None:
                    yield message
                elif backlog.is_finished:
                    break
        finally:
            reader.stop.set()
            # A handshake with a silent server may last; nobody needs to wait for its end.
            thread.join(timeout=0.5)
            report.dropped = backlog.dropped
        if reader.failure:
            raise reader.failure
        if not report.connections:
            raise _unreachable(self.url, f"no connection within {seconds:g} s")


class _Reader:
    """Keeps a connection open and fills the backlog, in a thread of its own."""

    def __init__(self, feed: LiveFeed, backlog: Backlog, report: LiveReport) -> None:
        self.stop = threading.Event()
        self.failure: BackendError | None = None
        self._feed = feed
        self._backlog = backlog
        self._report = report
        self._failures = 0

    def run(self) -> None:
        limits = self._feed.limits
        try:
            while not self.stop.is_set():
                self._connected()
                if self.failure:
                    return
                ended = time.monotonic()
                wait_s = min(limits.first_wait_s * 2.0**self._failures, limits.longest_wait_s)
                self._failures = min(self._failures + 1, 30)
                # Jitter, so that all readers do not come back at once.
                self.stop.wait(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
                if self._report.connections:
                    self._report.offline_s += time.monotonic() - ended
        finally:
            self._backlog.close()

    def _connected(self) -> None:
        """One connection, from its beginning to its end."""
        try:
            with self._open() as connection:
                self._report.connections += 1
                for subscription in self._feed.subscriptions:
                    connection.send(subscription.message())
                self._receive(connection)
        except (OSError, WebSocketException, EOFError, ValueError) as error:
            # Stopping closes the connection, too.
            if not self.stop.is_set():
                self._failed(error)

    def _open(self) -> ClientConnection:
        limits = self._feed.limits
        return connect(
            self._feed.url,
            open_timeout=limits.open_timeout_s,
            close_timeout=0.3,
            max_size=limits.max_message_bytes,
            user_agent_header="herdwick",
        )

    def _receive(self, connection: ClientConnection) -> None:
        while not self.stop.is_set():
            try:
                message = connection.recv(timeout=0.2, decode=False)
            except TimeoutError:
                continue
            self._failures = 0
            self._backlog.put(message if isinstance(message, bytes) else message.encode())

    def _failed(self, error: Exception) -> None:
        told = _describe(error)
        self._report.problem(
            "connection ended" if self._report.connections else "no connection", told, in_message=False
        )
        if self._report.connections:
            return
        if isinstance(error, InvalidStatus) and 400 <= error.response.status_code < 500:
            self.failure = BackendError(
                "refused", f"{shown_url(self._feed.url)} refused the connection: {told}.", "Check the URL."
            )
        elif self._failures + 1 >= self._feed.limits.first_attempts:
            self.failure = _unreachable(self._feed.url, told)


def _unreachable(url: str, told: str) -> BackendError:
    return BackendError(
        "unreachable",
        f"{shown_url(url)} cannot be reached: {told}.",
        "Check the network, the proxy and the URL.",
    )


def _describe(error: Exception) -> str:
    if isinstance(error, InvalidURI | InvalidProxy):
        # The rest quotes an address, which may carry a password.
        return f"{'proxy' if isinstance(error, InvalidProxy) else 'address'} is not valid: {error.msg}"
    if isinstance(error, ConnectionClosed | InvalidHandshake):
        return str(error).rstrip(".")
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
