"""Messages of RIS Live as elems (https://ris-live.ripe.net/manual/).

    decoder = LiveDecoder(LiveReport())
    decoder.elems(b'{"type": "ris_message", "data": {"type": "UPDATE", …}}')

Withdrawals come before announcements, as in the engine. The feed shows AS sets as lists within the path and
cannot show confederations. It tells that a session came up or went down, not its states: these become
ESTABLISHED and IDLE, from UNKNOWN. What cannot be read is counted, the rest of the message is used.
"""

import socket
from typing import Annotated

import msgspec

from herdwick.tools.bgp.engine.elem import (
    NO_ATTRIBUTES,
    STATES,
    Aggregator,
    Attributes,
    Elem,
    Source,
)
from herdwick.tools.bgp.live.prefix_table import normal_prefix
from herdwick.tools.bgp.live.report import LiveReport

MAX_CACHED = 200_000
"""Prefixes and addresses kept in normal form; the same come again and again."""

REMEMBERED_IDS = 32_768
"""At least so many messages back, one that comes again is noticed: after a reconnection, or because it
matches two subscriptions."""

_STATES = {"connected": "ESTABLISHED", "up": "ESTABLISHED", "down": "IDLE"}
_ORIGINS = frozenset(("IGP", "EGP", "INCOMPLETE"))
_TYPES = frozenset(
    (
        "UPDATE",
        "KEEPALIVE",
        "OPEN",
        "NOTIFICATION",
        "RIS_PEER_STATE",
        "STATE",
        "ris_error",
        "ris_rrc_list",
        "ris_subscribe_ok",
        "pong",
    )
)

_Asn = Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFFFF)]
_Time = Annotated[float, msgspec.Meta(ge=0, le=0xFFFFFFFF)]


class _Announcement(msgspec.Struct):
    prefixes: list[str] | None = None
    next_hop: str | None = None


class _Data(msgspec.Struct):
    """What is used of a BGP message; msgspec checks types and passes over all other keys."""

    timestamp: _Time
    peer: str
    peer_asn: str | _Asn
    type: str = ""
    host: str = ""
    id: str = ""
    path: list[_Asn | list[_Asn]] | None = None
    community: list[list[_Asn]] | None = None
    large_community: list[list[_Asn]] | None = None
    origin: str | None = None
    med: _Asn | None = None
    aggregator: str | None = None
    announcements: list[_Announcement] | None = None
    withdrawals: list[str] | None = None
    state: str = ""


class _Message(msgspec.Struct, tag_field="type", tag="ris_message"):
    data: _Data


class _Other(msgspec.Struct):
    """Any message, for those that are not `_Message`s."""

    type: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class _ErrorData(msgspec.Struct):
    message: str = ""


class LiveDecoder:
    """Decodes messages of one stream.

    Args:
        report: Where they are counted.
    """

    def __init__(self, report: LiveReport) -> None:
        self._report = report
        self._decode = msgspec.json.Decoder(_Message).decode
        self._decode_other = msgspec.json.Decoder(_Other).decode
        self._prefixes: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        self._sources: dict[str, Source] = {}
        self._recent: set[str] = set()
        self._older: set[str] = set()

    def elems(self, message: bytes | str) -> list[Elem]:
        """The elems of one message; none where it has none or cannot be read."""
        report = self._report
        report.messages += 1
        try:
            data = self._decode(message).data
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            self._other(message, error)
            return []
        if data.id and self._is_repeated(data.id):
            report.repeated += 1
            return []
        report.types[data.type if data.type in _TYPES else "other"] += 1
        if data.type == "UPDATE":
            elems = self._update(data)
        elif data.type in ("RIS_PEER_STATE", "STATE"):
            elems = self._state(data)
        else:
            return []
        report.elems += len(elems)
        return elems

    def _is_repeated(self, identifier: str) -> bool:
        if identifier in self._recent or identifier in self._older:
            return True
        if len(self._recent) >= REMEMBERED_IDS:
            self._older, self._recent = self._recent, set()
        self._recent.add(identifier)
        return False

    def _other(self, message: bytes | str, error: Exception) -> None:
        """Count a message that is not about BGP, or is broken."""
        report = self._report
        try:
            other = self._decode_other(message)
        except msgspec.ValidationError:
            report.problem("not a RIS Live message", str(error))
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            report.problem("not JSON", str(error))
        else:
            report.types[other.type if other.type in _TYPES else "other"] += 1
            if other.type == "ris_message":
                report.problem("malformed message", str(error))
            elif other.type == "ris_error":
                report.problem("error told by the server", _error_text(other.data))

    def _update(self, data: _Data) -> list[Elem]:
        peer_asn, peer = self._peer(data)
        if peer_asn is None:
            return []
        time, source = data.timestamp, self._source(data.host)
        elems = [
            Elem("W", time, peer_asn, peer, prefix, "", NO_ATTRIBUTES, source)
            for prefix in self._normal(data.withdrawals)
        ]
        if data.announcements:
            attributes = self._attributes(data)
            for announcement in data.announcements:
                # A link-local address may follow the global one (RFC 2545, section 3).
                next_hop = (announcement.next_hop or "").partition(",")[0]
                elems += [
                    Elem("A", time, peer_asn, peer, prefix, next_hop, attributes, source)
                    for prefix in self._normal(announcement.prefixes)
                ]
        return elems

    def _state(self, data: _Data) -> list[Elem]:
        peer_asn, peer = self._peer(data)
        if peer_asn is None:
            return []
        told = data.state.upper()
        state = _STATES.get(data.state.lower(), told if told in STATES else STATES[0])
        source = self._source(data.host)
        return [Elem("S", data.timestamp, peer_asn, peer, "", "", NO_ATTRIBUTES, source, STATES[0], state)]

    def _peer(self, data: _Data) -> tuple[int | None, str]:
        """ASN and address; the ASN is None if one of them is none."""
        asn, peer = data.peer_asn, self._addresses.get(data.peer)
        if peer is None:
            peer = self._remembered(self._addresses, data.peer, _address(data.peer))
        if isinstance(asn, str):
            asn = int(asn) if asn.isascii() and asn.isdigit() and len(asn) <= 10 else -1
        if not peer or not 0 <= asn <= 0xFFFFFFFF:
            self._report.problem("malformed peer", f"{data.peer} AS{data.peer_asn}")
            return None, ""
        return asn, peer

    def _source(self, host: str) -> Source:
        source = self._sources.get(host)
        if source is None:
            if len(self._sources) > 1_000:
                self._sources.clear()
            source = self._sources[host] = Source(host.partition(".")[0][:64], "ris")
        return source

    def _normal(self, prefixes: list[str] | None) -> list[str]:
        """Prefixes in normal form; those that are none are counted and left out."""
        normal = []
        for text in prefixes or ():
            prefix = self._prefixes.get(text)
            if prefix is None:
                prefix = self._remembered(self._prefixes, text, normal_prefix(text))
            if prefix:
                normal.append(prefix)
            else:
                self._report.problem("malformed prefix", text)
        return normal

    @staticmethod
    def _remembered(known: dict[str, str], text: str, normal: str) -> str:
        if len(known) >= MAX_CACHED:
            known.clear()
        # Nothing long can be right, and it need not be kept.
        if len(text) < 64:
            known[text] = normal
        return normal

    def _attributes(self, data: _Data) -> Attributes:
        origin = (data.origin or "").upper()
        return Attributes(
            as_path=_path_text(data.path or []),
            communities=_joined(data.community),
            large_communities=_joined(data.large_community),
            origin=origin if origin in _ORIGINS else None,
            med=data.med,
            aggregator=self._aggregator(data.aggregator) if data.aggregator else None,
            atomic_aggregate=False,
        )

    def _aggregator(self, text: str) -> Aggregator | None:
        asn, _, router = text.replace(" ", ":", 1).partition(":")
        known = _address(router)
        if not known or not asn.isascii() or not asn.isdigit() or len(asn) > 10:
            self._report.problem("malformed aggregator", text)
            return None
        return Aggregator(int(asn), known)


def _path_text(path: list[int | list[int]]) -> str:
    if list in map(type, path):
        return " ".join(
            f"{{{','.join(map(str, hop))}}}" if isinstance(hop, list) else str(hop) for hop in path
        )
    return " ".join(map(str, path))


def _joined(communities: list[list[int]] | None) -> tuple[str, ...]:
    return tuple([":".join(map(str, community)) for community in communities]) if communities else ()


def _address(text: str) -> str:
    """`text` in the shortest form; '' if it is no address."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        return socket.inet_ntop(family, socket.inet_pton(family, text))
    except (OSError, ValueError):
        return ""


def _error_text(data: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(data, type=_ErrorData).message
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""
