"""Messages that wait to be used: as many as there is room for, and a count of the rest.

backlog = Backlog(max_messages=2, max_bytes=1 << 20)
backlog.put(b"one"), backlog.put(b"two"), backlog.put(b"three")      # True, True, False
backlog.get(timeout_s=1.0)                                           # b"one"

The feed drops readers that are slow, so the thread that reads from it never waits.
"""

import threading
from collections import deque


class Backlog:
    """A queue between two threads.

    Args:
        max_messages: Most messages that wait.
        max_bytes: Most bytes of them.
    """

    def __init__(self, max_messages: int = 50_000, max_bytes: int = 64 << 20) -> None:
        self.dropped = 0
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._messages: deque[bytes] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, message: bytes) -> bool:
        """Add a message, or count it as dropped where there is no room.

        Returns:
            Whether there was room.
        """
        with self._changed:
            if len(self._messages) >= self._max_messages or self._bytes + len(message) > self._max_bytes:
                self.dropped += 1
                return False
            self._messages.append(message)
            self._bytes += len(message)
            if len(self._messages) == 1:
                self._changed.notify()
            return True

    def close(self) -> None:
        """Nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def get(self, timeout_s: float) -> bytes | None:
        """The oldest message; None after `timeout_s` seconds without one, or when nothing more will come."""
        with self._changed:
            if not self._messages:
                self._changed.wait_for(lambda: self._messages or self._closed, max(0.0, timeout_s))
            if not self._messages:
                return None
            message = self._messages.popleft()
            self._bytes -= len(message)
            return message

    @property
    def is_finished(self) -> bool:
        """Whether nothing waits and nothing more will come."""
        return self._closed and not self._messages
