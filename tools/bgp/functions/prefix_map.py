"""Prefixes of both families, each with a value: which of them cover a prefix.

known: PrefixMap[int] = PrefixMap()
known["192.0.2.0/24"] = 64496
[*known.covering("192.0.2.128/25")]      # [("192.0.2.0/24", 64496)], the longest first
"""

import socket
from collections.abc import Iterator
from typing import Generic, TypeVar

Value = TypeVar("Value")

_FAMILIES = {4: (socket.AF_INET, 32), 6: (socket.AF_INET6, 128)}


class PrefixMap(Generic[Value]):
    """Prefixes by length: to look up which cover another takes a step for each length that occurs.

    Half a million prefixes are a second's work and take some 150 bytes each.
    """

    def __init__(self) -> None:
        self._by_length: dict[int, dict[int, dict[int, tuple[str, Value]]]] = {4: {}, 6: {}}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __setitem__(self, prefix: str, value: Value) -> None:
        """Add a prefix, or give it another value.

        Raises:
            ValueError: It is no prefix, or has bits after its length.
        """
        version, number, length = parsed(prefix)
        lengths = self._by_length[version]
        if length not in lengths:
            # The longest first.
            self._by_length[version] = lengths = dict(sorted([*lengths.items(), (length, {})], reverse=True))
        of_length = lengths[length]
        self._size += number not in of_length
        of_length[number] = (prefix, value)

    def get(self, prefix: str) -> Value | None:
        """The value of exactly this prefix; None if it is not known."""
        version, number, length = parsed(prefix)
        found = self._by_length[version].get(length, {}).get(number)
        return found[1] if found else None

    def covering(self, prefix: str) -> Iterator[tuple[str, Value]]:
        """The prefix, if it is known, and all that contain it; the longest first."""
        version, number, length = parsed(prefix)
        for known_length, of_length in self._by_length[version].items():
            if known_length <= length:
                found = of_length.get(number >> (length - known_length))
                if found is not None:
                    yield found


def parsed(prefix: str) -> tuple[int, int, int]:
    """Version, the bits of the prefix as a number, and how many they are.

    Raises:
        ValueError: It is no prefix, or has bits after its length.
    """
    written, _, digits = prefix.partition("/")
    version = 6 if ":" in written else 4
    family, bits = _FAMILIES[version]
    try:
        number = int.from_bytes(socket.inet_pton(family, written), "big")
        length = int(digits) if digits.isascii() and digits.isdigit() else -1
    except (OSError, ValueError):
        length = -1
    if not 0 <= length <= bits:
        raise ValueError(f"{prefix!r} is no prefix such as 192.0.2.0/24")
    spare = bits - length
    if number & ((1 << spare) - 1):
        raise ValueError(f"{prefix!r} has bits after its length")
    return version, number >> spare, length
