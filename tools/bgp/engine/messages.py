"""BGP4MP records: UPDATE messages and state changes as elems (RFC 6396, section 4.4; RFC 8050).

    decoder = MessageDecoder(source)
    for elem in decoder.elems(record, report):
        …

Withdrawals come before announcements, IPv4 fields before multiprotocol ones, as in libbgpstream.
"""

from struct import Struct

from herdwick.tools.bgp.engine.attributes import AttributeDecoder, Reach
from herdwick.tools.bgp.engine.elem import NO_ATTRIBUTES, STATES, Attributes, Elem, ElemType, Source
from herdwick.tools.bgp.engine.prefixes import IPV4, IPV6, MalformedError, PrefixCodec, PrefixList, address
from herdwick.tools.bgp.engine.records import Record
from herdwick.tools.bgp.engine.report import ReadReport

STATE_CHANGE, STATE_CHANGE_AS4 = 0, 5
"""Subtypes of session states."""

_MESSAGES = {1: (2, False), 4: (4, False), 6: (2, False), 7: (4, False)}
_MESSAGES_ADD_PATH = {8: (2, True), 9: (4, True), 10: (2, True), 11: (4, True)}
MESSAGES = _MESSAGES | _MESSAGES_ADD_PATH
"""Subtype: bytes of an ASN, and whether prefixes have path identifiers (RFC 8050, section 4)."""

_PEERS = {2: Struct(">HHHH"), 4: Struct(">IIHH")}
_STATES = Struct(">HH")
_ADDRESS_BYTES = {IPV4: 4, IPV6: 16}
_UPDATE = 2
_HEADER_BYTES = 19
_UNICAST = 1


class MessageDecoder:
    """Decodes BGP4MP records of one source; keeps prefixes and attributes that recur."""

    def __init__(self, source: Source, prefixes: PrefixCodec, attributes: AttributeDecoder) -> None:
        self._source = source
        self._prefixes = prefixes
        self._attributes = attributes
        self._addresses: dict[bytes, str] = {}

    def elems(self, record: Record, report: ReadReport) -> list[Elem]:
        """The elems of `record`; what cannot be read goes into `report`."""
        subtype = record.subtype
        if subtype in MESSAGES:
            asn_bytes, with_path_id = MESSAGES[subtype]
        elif subtype in (STATE_CHANGE, STATE_CHANGE_AS4):
            asn_bytes, with_path_id = (4 if subtype == STATE_CHANGE_AS4 else 2), False
        else:
            report.skip(f"BGP4MP subtype {subtype}", record.offset)
            return []
        body = record.body
        peers = _PEERS[asn_bytes]
        if len(body) < peers.size:
            report.skip("record too short", record.offset)
            return []
        peer_asn, _, _, family = peers.unpack_from(body)
        width = _ADDRESS_BYTES.get(family)
        at = peers.size + 2 * (width or 0)
        if width is None or len(body) < at:
            report.skip("malformed peer address", record.offset)
            return []
        peer = (record.time, peer_asn, self._address(body[peers.size : peers.size + width], family))
        if subtype in (STATE_CHANGE, STATE_CHANGE_AS4):
            return self._state(peer, body[at:], record, report)
        return self._message(peer, body[at:], asn_bytes, with_path_id, record, report)

    def _address(self, octets: bytes, family: int) -> str:
        known = self._addresses.get(octets)
        if known is None:
            if len(self._addresses) > 10_000:
                self._addresses.clear()
            known = self._addresses[octets] = address(octets, family)
        return known

    def _state(
        self, peer: tuple[float, int, str], states: bytes, record: Record, report: ReadReport
    ) -> list[Elem]:
        if len(states) < _STATES.size:
            report.skip("record too short", record.offset)
            return []
        old, new = (
            STATES[number] if number < len(STATES) else STATES[0] for number in _STATES.unpack_from(states)
        )
        return [Elem("S", *peer, "", "", NO_ATTRIBUTES, self._source, old, new)]

    def _message(
        self,
        peer: tuple[float, int, str],
        message: bytes,
        asn_bytes: int,
        with_path_id: bool,
        record: Record,
        report: ReadReport,
    ) -> list[Elem]:
        if len(message) < _HEADER_BYTES:
            report.skip("truncated BGP message", record.offset)
            return []
        if message[18] != _UPDATE:
            return []
        length = message[16] << 8 | message[17]
        if len(message) < length or length < _HEADER_BYTES + 4:
            report.skip("truncated BGP message", record.offset)
            return []
        withdrawn_end = _HEADER_BYTES + 2 + (message[19] << 8 | message[20])
        start = withdrawn_end + 2
        if start > length:
            report.skip("malformed UPDATE", record.offset)
            return []
        end = start + (message[withdrawn_end] << 8 | message[withdrawn_end + 1])
        if end > length:
            report.skip("malformed UPDATE", record.offset)
            return []
        decoded = self._attributes.decode(message[start:end], asn_bytes)
        for problem in decoded.problems:
            report.skip(problem, record.offset)

        def listed(nlri: bytes, family: int) -> PrefixList:
            try:
                return self._prefixes.list(nlri, family, with_path_id=with_path_id)
            except MalformedError as error:
                report.skip(str(error), record.offset)
                return []

        def of(reach: Reach | None) -> PrefixList:
            if reach is None or not reach.nlri:
                return []
            if reach.family not in _ADDRESS_BYTES or reach.safi != _UNICAST:
                report.skip(f"routes of AFI {reach.family}, SAFI {reach.safi}", record.offset)
                return []
            return listed(reach.nlri, reach.family)

        withdrawn = listed(message[_HEADER_BYTES + 2 : withdrawn_end], IPV4) if withdrawn_end > 21 else []
        elems = self._elems("W", [*withdrawn, *of(decoded.unreach)], peer, "", NO_ATTRIBUTES)
        announced = listed(message[end:length], IPV4) if end < length else []
        if decoded.withdraws:
            if announced or decoded.reach:
                report.skip("announcements with malformed attributes", record.offset)
            return elems
        elems += self._elems("A", announced, peer, decoded.next_hop, decoded.attributes)
        if decoded.reach:
            elems += self._elems("A", of(decoded.reach), peer, decoded.reach.next_hop, decoded.attributes)
        return elems

    def _elems(
        self,
        kind: ElemType,
        prefixes: PrefixList,
        peer: tuple[float, int, str],
        next_hop: str,
        attributes: Attributes,
    ) -> list[Elem]:
        new, source = tuple.__new__, self._source
        # A named tuple made without its own constructor takes half the time.
        return [
            new(Elem, (kind, *peer, prefix, next_hop, attributes, source, "", "", path_id))
            for prefix, path_id in prefixes
        ]
