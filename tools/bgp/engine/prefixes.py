r"""Prefixes as messages carry them: a length in bits, as many bytes as it needs (RFC 4271, section 4.3).

codec = PrefixCodec()
codec.list(b"\x18\x0a\x00\x01", IPV4)            # [("10.0.1.0/24", None)]
"""

import socket

IPV4, IPV6 = 1, 2
"""Address families (IANA's AFI registry)."""

_BITS = {IPV4: 32, IPV6: 128}
MAX_CACHED = 200_000
"""Prefixes kept as text; about 30 MB. A full IPv4 table has five times as many and gains nothing by more."""

PrefixList = list[tuple[str, int | None]]


class MalformedError(Exception):
    """Bytes that are not what the RFC says; the message is the reason that a report counts."""


class PrefixCodec:
    """Turns prefixes into text; remembers what it has seen, for the same few come again and again."""

    def __init__(self) -> None:
        self._text: dict[int, dict[bytes, str]] = {IPV4: {}, IPV6: {}}

    def list(self, data: bytes, family: int, *, with_path_id: bool = False) -> PrefixList:
        """All prefixes of an NLRI field, each with its path identifier (RFC 7911) or None.

        Raises:
            MalformedError: A length is impossible or the field ends inside a prefix.
        """
        known = self._text[family]
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
            encoded = data[at:after]
            text = known.get(encoded)
            if text is None:
                text = self._new(encoded, family, after <= end)
            found.append((text, path_id))
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
        encoded = data[at:after]
        text = self._text[family].get(encoded)
        return (text or self._new(encoded, family, after <= len(data))), after

    def _new(self, encoded: bytes, family: int, complete: bool) -> str:
        bits = encoded[0]
        if bits > _BITS[family] or not complete:
            raise MalformedError("malformed NLRI")
        octets = encoded[1:] if not bits & 7 else _masked(encoded[1:], bits)
        text = f"{address(octets, family)}/{bits}"
        known = self._text[family]
        if len(known) >= MAX_CACHED:
            known.clear()
        known[encoded] = text
        return text


def _masked(octets: bytes, bits: int) -> bytes:
    """Without the bits after the prefix, whose value is irrelevant (RFC 4271, section 4.3)."""
    spare = -bits % 8
    return octets[:-1] + bytes([octets[-1] >> spare << spare])


def address(octets: bytes, family: int) -> str:
    """An address of up to 4 or 16 bytes as text, missing bytes being zero."""
    if family == IPV4:
        return socket.inet_ntoa(octets.ljust(4, b"\0"))
    return socket.inet_ntop(socket.AF_INET6, octets.ljust(16, b"\0"))
