"""What was decoded before, found again by its bytes; bounded by their number.

    texts = Remembered[bytes, str]()
    text = texts.get(data)
    if text is None:
        text = decode(data)
        texts.keep(data, len(data), text)

Entries are not what is counted: one may have thousands of communities.
"""

from typing import TypeVar

MAX_BYTES = 1 << 20
"""Of encoded values in one cache; communities take 17 times as many when they are decoded."""

MAX_ENTRIES = 20_000
"""An entry takes some hundred bytes, however short its value is."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(dict[Key, Value]):
    """Values by their key; when there are too many, all are forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes = 0

    def keep(self, key: Key, size: int, value: Value) -> None:
        """Remember `value`, which has `size` bytes when it is encoded."""
        self._bytes += size
        if self._bytes > MAX_BYTES or len(self) >= MAX_ENTRIES:
            self.clear()
            self._bytes = size
        self[key] = value
