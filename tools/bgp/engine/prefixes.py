r"""Prefixes as messages carry them: a length in bits, as many bytes as it needs (RFC 4271, section 4.3).

codec = PrefixCodec()
codec.list(b"\x18\x0a\x00\x01", IPV4)            # [("10.0.1.0/24", None)]
"""

import socket

IPV4, IPV6 = 1, 2
"""Address families (IANA's AFI registry)."""

_BITS = {IPV4: 32, IPV6: 128}
_KEPT = (255, 128, 192, 224, 240, 248, 252, 254)
"""What is kept of the last byte, by a prefix's length modulo 8: the bits after it mean nothing (RFC 4271,
section 4.3)."""

MAX_CACHED = 100_000
"""Prefixes of a family kept as text, about 20 MB; a file of updates has fewer."""

PrefixList = list[tuple[str, int | None]]


class MalformedError(Exception):
    """Bytes that are not what the RFC says; the message is the reason that a report counts."""


class PrefixCodec:
    """Turns prefixes into text; remembers what it has seen, for the same few come again and again."""

    def __init__(self) -> None:
        self._texts = {IPV4: _Texts(IPV4), IPV6: _Texts(IPV6)}

    def list(self, data: bytes, family: int, with_path_id: bool = False) -> PrefixList:
        """All prefixes of an NLRI field, each with its path identifier (RFC 7911) or None.

        Raises:
            MalformedError: A length is impossible or the field ends inside a prefix.
        """
        texts = self._texts[family]
        found: PrefixList = []
        at, end = 0, len(data)
        path_id = None
        while at < end:
            if with_path_id:
                path_id = int.from_bytes(data[at : at + 4], "big")
                at += 4
                if at >= end:
                    raise MalformedError("malformed NLRI")
            after = at + 1 + ((data[at] + 7) >> 3)
            found.append((texts[data[at:after]], path_id))
            at = after
        return found

    def one(self, data: bytes, at: int, family: int) -> tuple[str, int]:
        """The prefix at offset `at`, and the offset after it.

        Raises:
            MalformedError: Its length is impossible or the data ends inside it.
        """
        if at >= len(data):
            raise MalformedError("malformed NLRI")
        after = at + 1 + ((data[at] + 7) >> 3)
        return self._texts[family][data[at:after]], after


class _Texts(dict[bytes, str]):
    """The prefixes of a family as text, by how they are encoded; missing ones make themselves."""

    def __init__(self, family: int) -> None:
        super().__init__()
        self._family = family

    def __missing__(self, encoded: bytes) -> str:
        bits, family = encoded[0], self._family
        # Most prefixes by far: written at once, they take half the time.
        if 16 < bits <= 24 and len(encoded) == 4 and family == IPV4:
            text = f"{encoded[1]}.{encoded[2]}.{encoded[3] & _KEPT[bits & 7]}.0/{bits}"
        elif bits > _BITS[family] or len(encoded) != 1 + ((bits + 7) >> 3):
            raise MalformedError("malformed NLRI")
        else:
            octets = encoded[1:-1] + bytes((encoded[-1] & _KEPT[bits & 7],)) if bits else b""
            text = f"{address(octets, family)}/{bits}"
        if len(self) >= MAX_CACHED:
            self.clear()
        self[encoded] = text
        return text


def address(octets: bytes, family: int) -> str:
    """An address of up to 4 or 16 bytes as text, missing bytes being zero."""
    if family == IPV4:
        return socket.inet_ntoa(octets.ljust(4, b"\0"))
    return socket.inet_ntop(socket.AF_INET6, octets.ljust(16, b"\0"))
