"""Prefixes as text: their normal form, and which known one covers another.

normal_prefix("192.0.2.1/24")         # "192.0.2.0/24"
table = PrefixTable(["192.0.2.0/24", "2001:db8::/32"])
table.covering("192.0.2.128/25")      # "192.0.2.0/24", the longest that covers it
"""

import socket
from collections.abc import Iterable

_FAMILIES = {4: (socket.AF_INET, 32), 6: (socket.AF_INET6, 128)}


def normal_prefix(text: str) -> str:
    """`text` in the engine's form: shortest, host bits zero; '' if it is no prefix."""
    written, slash, digits = text.partition("/")
    family, bits = _FAMILIES[6 if ":" in written else 4]
    if not slash or not digits.isascii() or not digits.isdigit() or len(digits) > 3 or int(digits) > bits:
        return ""
    try:
        number = int.from_bytes(socket.inet_pton(family, written), "big")
    except (OSError, ValueError):
        return ""
    spare = bits - int(digits)
    octets = (number >> spare << spare).to_bytes(bits // 8, "big")
    return f"{socket.inet_ntop(family, octets)}/{int(digits)}"


class PrefixTable:
    """Prefixes by family and length; a look-up tries each length that occurs."""

    def __init__(self, prefixes: Iterable[str] = ()) -> None:
        self._by_length: dict[int, dict[int, dict[int, str]]] = {4: {}, 6: {}}
        for prefix in prefixes:
            self.add(prefix)

    def add(self, prefix: str) -> None:
        """Add a prefix in normal form; adding it again changes nothing."""
        version, number, length = _parsed(prefix)
        bits = _FAMILIES[version][1]
        lengths = self._by_length[version]
        lengths.setdefault(length, {})[number >> (bits - length)] = prefix
        # The longest first.
        self._by_length[version] = dict(sorted(lengths.items(), reverse=True))

    def remove(self, prefix: str) -> None:
        """Take out a prefix that was added."""
        version, number, length = _parsed(prefix)
        lengths = self._by_length[version]
        del lengths[length][number >> (_FAMILIES[version][1] - length)]
        if not lengths[length]:
            del lengths[length]

    def covering(self, prefix: str) -> str | None:
        """The longest prefix that is, or covers, `prefix`; None if there is none."""
        version, number, length = _parsed(prefix)
        bits = _FAMILIES[version][1]
        for known_length, known in self._by_length[version].items():
            if known_length <= length:
                found = known.get(number >> (bits - known_length))
                if found is not None:
                    return found
        return None


def covers(wide: str, narrow: str) -> bool:
    """Whether `wide` is or covers `narrow`."""
    version, wide_number, wide_length = _parsed(wide)
    other, number, length = _parsed(narrow)
    spare = _FAMILIES[version][1] - wide_length
    return version == other and wide_length <= length and wide_number >> spare == number >> spare


def _parsed(prefix: str) -> tuple[int, int, int]:
    """Version, address and length of a prefix in normal form."""
    written, _, length = prefix.partition("/")
    version = 6 if ":" in written else 4
    return version, int.from_bytes(socket.inet_pton(_FAMILIES[version][0], written), "big"), int(length)
