"""Table dumps as elems: TABLE_DUMP and TABLE_DUMP_V2 (RFC 6396, sections 4.2 and 4.3; RFC 8050).

    decoder = TableDecoder(source, PrefixCodec(), AttributeDecoder())
    for elem in decoder.elems(record, report):
        …

TABLE_DUMP_V2 names its peers once, at the start of the file: the decoder must see all records in their order.
"""

from struct import Struct
from struct import error as StructError  # noqa: N812 - its own name says nothing

from herdwick.tools.bgp.engine.attributes import AttributeDecoder
from herdwick.tools.bgp.engine.elem import Elem, Source
from herdwick.tools.bgp.engine.prefixes import IPV4, IPV6, MalformedError, PrefixCodec, address
from herdwick.tools.bgp.engine.records import TABLE_DUMP, Record
from herdwick.tools.bgp.engine.report import ReadReport

PEER_INDEX_TABLE, RIB_GENERIC, GEO_PEER_TABLE, RIB_GENERIC_ADD_PATH = 1, 6, 7, 12
_UNICAST = {2: (IPV4, False), 4: (IPV6, False), 8: (IPV4, True), 10: (IPV6, True)}
_MULTICAST = (3, 5, 9, 11)

_ENTRY = Struct(">HIH")
_ENTRY_ADD_PATH = Struct(">HIIH")
_PEER_COUNT = Struct(">H")
_V1_TAIL = {4: Struct(">BBI4sHH"), 16: Struct(">BBI16sHH")}
_V1_FAMILY = {1: (IPV4, 4), 2: (IPV6, 16)}


class TableDecoder:
    """Decodes the table dump of one source."""

    def __init__(self, source: Source, prefixes: PrefixCodec, attributes: AttributeDecoder) -> None:
        self._source = source
        self._prefixes = prefixes
        self._attributes = attributes
        self._peers: list[tuple[int, str]] = []

    def elems(self, record: Record, report: ReadReport) -> list[Elem]:
        """The elems of `record`; what cannot be read goes into `report`."""
        if record.type == TABLE_DUMP:
            return self._version_1(record, report)
        if record.subtype == PEER_INDEX_TABLE:
            self._read_peers(record, report)
            return []
        if record.subtype in _UNICAST:
            family, with_path_id = _UNICAST[record.subtype]
            return self._routes(record, 4, family, with_path_id, report)
        if record.subtype in (RIB_GENERIC, RIB_GENERIC_ADD_PATH):
            return self._generic(record, report)
        if record.subtype in _MULTICAST:
            report.skip("multicast routes", record.offset)
        elif record.subtype != GEO_PEER_TABLE:
            report.skip(f"TABLE_DUMP_V2 subtype {record.subtype}", record.offset)
        return []

    def _read_peers(self, record: Record, report: ReadReport) -> None:
        body, self._peers = record.body, []
        try:
            at = 6 + (body[4] << 8 | body[5])
            (count,) = _PEER_COUNT.unpack_from(body, at)
            at += 2
            for _ in range(count):
                kind = body[at]
                width, asn_bytes = 16 if kind & 1 else 4, 4 if kind & 2 else 2
                start, after = at + 5, at + 5 + width + asn_bytes
                if after > len(body):
                    report.skip("malformed peer index table", record.offset)
                    return
                peer_address = address(body[start : start + width], IPV6 if kind & 1 else IPV4)
                self._peers.append((int.from_bytes(body[start + width : after], "big"), peer_address))
                at = after
        except (IndexError, StructError):
            report.skip("malformed peer index table", record.offset)

    def _generic(self, record: Record, report: ReadReport) -> list[Elem]:
        body = record.body
        if len(body) < 7:
            report.skip("record too short", record.offset)
            return []
        family, safi = body[4] << 8 | body[5], body[6]
        if family not in (IPV4, IPV6) or safi != 1:
            report.skip(f"routes of AFI {family}, SAFI {safi}", record.offset)
            return []
        return self._routes(record, 7, family, record.subtype == RIB_GENERIC_ADD_PATH, report)

    def _routes(
        self, record: Record, at: int, family: int, with_path_id: bool, report: ReadReport
    ) -> list[Elem]:
        """The entries of one prefix, which stands at offset `at`."""
        body, time, source, peers = record.body, record.time, self._source, self._peers
        try:
            prefix, at = self._prefixes.one(body, at, family)
        except MalformedError as error:
            report.skip(str(error), record.offset)
            return []
        elems: list[Elem] = []
        entry = _ENTRY_ADD_PATH if with_path_id else _ENTRY
        head, end = entry.size, len(body)
        count = body[at] << 8 | body[at + 1] if at + 2 <= end else 0
        at += 2
        path_id: int | None = None
        decode = self._attributes.decode
        for _ in range(count):
            if at + head > end:
                report.skip("truncated table entry", record.offset)
                return elems
            if with_path_id:
                number, _, path_id, length = _ENTRY_ADD_PATH.unpack_from(body, at)
            else:
                number, _, length = _ENTRY.unpack_from(body, at)
            start, at = at + head, at + head + length
            if at > end:
                report.skip("truncated table entry", record.offset)
                return elems
            if number >= len(peers):
                report.skip("entry of an unknown peer", record.offset)
                continue
            decoded = decode(body[start:at], 4, table=True)
            if decoded.problems:
                for problem in decoded.problems:
                    report.skip(problem, record.offset)
                if decoded.withdraws:
                    continue
            reach = decoded.reach
            peer_asn, peer_address = peers[number]
            next_hop = reach.next_hop if reach else decoded.next_hop
            route = (
                "R",
                time,
                peer_asn,
                peer_address,
                prefix,
                next_hop,
                decoded.attributes,
                source,
                "",
                "",
                path_id,
            )
            # A named tuple made without its own constructor takes half the time.
            elems.append(tuple.__new__(Elem, route))
        return elems

    def _version_1(self, record: Record, report: ReadReport) -> list[Elem]:
        body = record.body
        if record.subtype not in _V1_FAMILY:
            report.skip(f"TABLE_DUMP subtype {record.subtype}", record.offset)
            return []
        family, width = _V1_FAMILY[record.subtype]
        tail = _V1_TAIL[width]
        start = 4 + width + tail.size
        if len(body) < start:
            report.skip("record too short", record.offset)
            return []
        bits, _, _, peer, peer_asn, length = tail.unpack_from(body, 4 + width)
        if start + length > len(body):
            report.skip("truncated table entry", record.offset)
            return []
        decoded = self._attributes.decode(body[start : start + length], 2, table=True)
        for problem in decoded.problems:
            report.skip(problem, record.offset)
        octets = body[4 : 4 + ((min(bits, 8 * width) + 7) >> 3)]
        try:
            prefix, _ = self._prefixes.one(bytes([bits]) + octets, 0, family)
        except MalformedError as error:
            report.skip(str(error), record.offset)
            return []
        if decoded.withdraws:
            return []
        next_hop = decoded.reach.next_hop if decoded.reach else decoded.next_hop
        peer_address = address(peer, family)
        return [
            Elem("R", record.time, peer_asn, peer_address, prefix, next_hop, decoded.attributes, self._source)
        ]
