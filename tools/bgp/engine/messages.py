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

MAX_UNFOLDED_BYTES = 32 << 20
"""Bytes of attributes in an UPDATE times its prefixes, each of which becomes an elem with all of them. The
longest message of RFC 4271 has 4,096 bytes and cannot come near; nor can one of RFC 8654, unless its paths
are longer than any ever seen."""

_LAYOUTS = MESSAGES | {STATE_CHANGE: (2, False), STATE_CHANGE_AS4: (4, False)}
_STATES = Struct(">HH")
_ADDRESS_BYTES = {IPV4: 4, IPV6: 16}
_MAX_PEERS = 10_000
_UPDATE = 2
_HEADER_BYTES = 19
_UNICAST = 1


class MessageDecoder:
    """Decodes BGP4MP records of one source; keeps prefixes and attributes that recur."""

    def __init__(self, source: Source, prefixes: PrefixCodec, attributes: AttributeDecoder) -> None:
        self._source = source
        self._prefixes = prefixes
        self._attributes = attributes
        self._peers: dict[bytes, tuple[int, str]] = {}

    def elems(self, record: Record, report: ReadReport) -> list[Elem]:
        """The elems of `record`; what cannot be read goes into `report`."""
        subtype, body = record.subtype, record.body
        if subtype not in _LAYOUTS:
            report.skip(f"BGP4MP subtype {subtype}", record.offset)
            return []
        asn_bytes, with_path_id = _LAYOUTS[subtype]
        fixed = 2 * asn_bytes + 4
        if len(body) < fixed:
            report.skip("record too short", record.offset)
            return []
        family = body[fixed - 2] << 8 | body[fixed - 1]
        at = fixed + 2 * _ADDRESS_BYTES.get(family, len(body))
        if len(body) < at:
            report.skip("malformed peer address", record.offset)
            return []
        head = body[:at]
        peer_asn, peer_address = self._peers.get(head) or self._new_peer(head, asn_bytes, family)
        peer = (record.time, peer_asn, peer_address)
        if subtype in MESSAGES:
            return self._message(peer, body[at:], asn_bytes, with_path_id, record, report)
        return self._state(peer, body[at:], record, report)

    def _new_peer(self, head: bytes, asn_bytes: int, family: int) -> tuple[int, str]:
        """ASN and address of the peer that a record begins with; the collector's own follow each."""
        if len(self._peers) >= _MAX_PEERS:
            self._peers.clear()
        start = 2 * asn_bytes + 4
        octets = head[start : start + _ADDRESS_BYTES[family]]
        peer = self._peers[head] = (int.from_bytes(head[:asn_bytes], "big"), address(octets, family))
        return peer

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

        elems: list[Elem] = []
        if withdrawn_end > _HEADER_BYTES + 2:
            nlri = message[_HEADER_BYTES + 2 : withdrawn_end]
            withdrawn = self._listed(nlri, IPV4, with_path_id, record, report)
            self._add(elems, "W", withdrawn, peer, "", NO_ATTRIBUTES)
        if decoded.unreach:
            withdrawn = self._reached(decoded.unreach, with_path_id, record, report)
            self._add(elems, "W", withdrawn, peer, "", NO_ATTRIBUTES)
        announced: PrefixList = []
        if end < length:
            announced = self._listed(message[end:length], IPV4, with_path_id, record, report)
        if decoded.withdraws:
            # What the peer announced before is not taken back: whether the collector did so is not known.
            if announced or decoded.reach:
                report.skip("announcements with malformed attributes", record.offset)
            return elems
        nlri_bytes = len(decoded.reach.nlri) if decoded.reach else 0
        if (end - start - nlri_bytes) * (len(announced) + nlri_bytes) > MAX_UNFOLDED_BYTES:
            report.skip("an UPDATE that unfolds to too much", record.offset)
            return elems
        if announced and start == end:
            report.skip("announcements without attributes", record.offset)
        if announced:
            self._add(elems, "A", announced, peer, decoded.next_hop, decoded.attributes)
        if decoded.reach:
            announced = self._reached(decoded.reach, with_path_id, record, report)
            self._add(elems, "A", announced, peer, decoded.reach.next_hop, decoded.attributes)
        return elems

    def _listed(
        self, nlri: bytes, family: int, with_path_id: bool, record: Record, report: ReadReport
    ) -> PrefixList:
        try:
            return self._prefixes.list(nlri, family, with_path_id)
        except MalformedError as error:
            report.skip(str(error), record.offset)
            return []

    def _reached(self, reach: Reach, with_path_id: bool, record: Record, report: ReadReport) -> PrefixList:
        """The prefixes of a multiprotocol attribute; of its end-of-RIB marker none (RFC 4724)."""
        if not reach.nlri:
            return []
        if reach.family not in _ADDRESS_BYTES or reach.safi != _UNICAST:
            report.skip(f"routes of AFI {reach.family}, SAFI {reach.safi}", record.offset)
            return []
        return self._listed(reach.nlri, reach.family, with_path_id, record, report)

    def _add(
        self,
        elems: list[Elem],
        kind: ElemType,
        prefixes: PrefixList,
        peer: tuple[float, int, str],
        next_hop: str,
        attributes: Attributes,
    ) -> None:
        """Append an elem for each of `prefixes`."""
        time, asn, peer_address = peer
        new, source = tuple.__new__, self._source
        for prefix, path_id in prefixes:
            # A named tuple made without its own constructor takes half the time.
            route = (kind, time, asn, peer_address, prefix, next_hop, attributes, source, "", "", path_id)
            elems.append(new(Elem, route))
