from ipaddress import ip_address
from struct import pack

import pytest

TIME = 1_767_225_600
PEERS = ((64496, "198.51.100.9"), (4_200_000_000, "2001:db8::9"))


def routes(elems) -> list[tuple]:
    return [
        (e.peer_asn, e.peer_address, e.prefix, e.next_hop, e.attributes.as_path, e.path_id) for e in elems
    ]


def short_reach(wire, next_hop: str) -> bytes:
    """MP_REACH_NLRI as TABLE_DUMP_V2 has it: the next hop alone (RFC 6396, section 4.3.4)."""
    packed = ip_address(next_hop).packed
    return wire.attribute(14, bytes([len(packed)]) + packed, 0x80)


def whole_reach(wire, next_hop: str, prefix: str) -> bytes:
    packed = ip_address(next_hop).packed
    return wire.attribute(14, pack(">HBB", 2, 1, 16) + packed + b"\0" + wire.prefix(prefix), 0x80)


def test_a_prefix_has_an_elem_for_each_peer(wire, read) -> None:
    rib = wire.rib(
        2,
        wire.prefix("192.0.2.0/24"),
        wire.entry(0, wire.attributes((64496, 64500))),
        wire.entry(1, wire.attributes((4_200_000_000,))),
    )

    elems, report = read(wire.peers(*PEERS) + rib)

    assert routes(elems) == [
        (64496, "198.51.100.9", "192.0.2.0/24", "198.51.100.1", "64496 64500", None),
        (4_200_000_000, "2001:db8::9", "192.0.2.0/24", "198.51.100.1", "4200000000", None),
    ]
    assert {(elem.type, elem.time) for elem in elems} == {("R", float(TIME))}
    assert (report.records, report.elems, dict(report.skipped)) == (2, 2, {})


@pytest.mark.parametrize("reach", [short_reach, lambda wire, hop: whole_reach(wire, hop, "2001:db8:a::/48")])
def test_an_ipv6_route_may_have_its_next_hop_alone_or_the_whole_attribute(wire, read, reach) -> None:
    attributes = wire.attributes((64496,), reach(wire, "2001:db8::1"))

    (elem,), _ = read(
        wire.peers(*PEERS) + wire.rib(4, wire.prefix("2001:db8:a::/48"), wire.entry(0, attributes))
    )

    assert (elem.prefix, elem.next_hop) == ("2001:db8:a::/48", "2001:db8::1")


@pytest.mark.parametrize(("subtype", "prefix"), [(8, "192.0.2.0/24"), (10, "2001:db8:a::/48")])
def test_path_identifiers(wire, read, subtype: int, prefix: str) -> None:
    entries = [wire.entry(0, wire.attributes((64496,)), path_id) for path_id in (1, 2)]

    elems, _ = read(wire.peers(*PEERS) + wire.rib(subtype, wire.prefix(prefix), *entries))

    assert [(elem.prefix, elem.path_id) for elem in elems] == [(prefix, 1), (prefix, 2)]


@pytest.mark.parametrize(("subtype", "path_id"), [(6, None), (12, 5)])
def test_generic_entries_name_their_family(wire, read, subtype: int, path_id: int | None) -> None:
    head = pack(">HB", 2, 1) + wire.prefix("2001:db8:a::/48")

    (elem,), _ = read(
        wire.peers(*PEERS) + wire.rib(subtype, head, wire.entry(0, wire.attributes((64496,)), path_id))
    )

    assert (elem.prefix, elem.path_id) == ("2001:db8:a::/48", path_id)


@pytest.mark.parametrize(
    ("subtype", "prefix", "peer", "extra"),
    [
        (1, "192.0.2.0/24", "198.51.100.9", lambda wire: b""),
        (2, "2001:db8:a::/48", "2001:db8::9", lambda wire: short_reach(wire, "2001:db8::1")),
    ],
)
def test_the_first_version_has_one_route_a_record(wire, read, subtype, prefix, peer, extra) -> None:
    attributes = wire.attributes((64496, 64500), extra(wire), asn_bytes=2)
    address, _, bits = prefix.partition("/")
    body = (
        pack(">HH", 0, 0)
        + ip_address(address).packed
        + bytes([int(bits), 1])
        + pack(">I", TIME - 100)
        + ip_address(peer).packed
        + pack(">HH", 64496, len(attributes))
        + attributes
    )

    elems, _ = read(wire.record(12, subtype, body))

    next_hop = "198.51.100.1" if subtype == 1 else "2001:db8::1"
    assert routes(elems) == [(64496, peer, prefix, next_hop, "64496 64500", None)]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (lambda wire: wire.rib(2, b"\x21\1\2\3\4\5"), "malformed NLRI"),
        (lambda wire: wire.rib(2, wire.prefix("10.0.0.0/8"), wire.entry(9, b"")), "entry of an unknown peer"),
        (lambda wire: wire.rib(2, wire.prefix("10.0.0.0/8"), b"\0\0"), "truncated table entry"),
        (
            lambda wire: wire.rib(2, wire.prefix("10.0.0.0/8"), wire.entry(0, b"\0" * 9)[:-1]),
            "truncated table entry",
        ),
        (lambda wire: wire.rib(3, wire.prefix("10.0.0.0/8")), "multicast routes"),
        (lambda wire: wire.rib(99, b""), "TABLE_DUMP_V2 subtype 99"),
        (lambda wire: wire.rib(6, pack(">HB", 25, 65)), "routes of AFI 25, SAFI 65"),
        (lambda wire: wire.record(13, 6, b"\0"), "record too short"),
        (lambda wire: wire.record(12, 1, b"\0" * 21), "record too short"),
        (lambda wire: wire.record(12, 9, b""), "TABLE_DUMP subtype 9"),
    ],
)
def test_a_damaged_record_is_counted_and_the_next_one_read(wire, read, record, reason: str) -> None:
    good = wire.rib(2, wire.prefix("192.0.2.0/24"), wire.entry(0, wire.attributes()))

    elems, report = read(wire.peers(*PEERS) + good + record(wire) + good)

    assert [elem.prefix for elem in elems] == ["192.0.2.0/24"] * 2
    assert dict(report.skipped) == {reason: 1}


@pytest.mark.parametrize("kept", range(12, 65, 7))
def test_a_peer_index_table_that_is_cut_keeps_the_peers_before(wire, read, kept: int) -> None:
    whole = wire.peers(*PEERS)
    table = wire.record(13, 1, whole[12:kept])
    rib = wire.rib(
        2, wire.prefix("192.0.2.0/24"), wire.entry(0, wire.attributes()), wire.entry(1, wire.attributes())
    )

    elems, report = read(table + rib)

    known = len(elems)
    assert known == (0 if kept < 12 + 11 + 13 else 1 if kept < len(whole) else 2)
    assert report.skipped["malformed peer index table"] == (kept < len(whole))
    assert report.skipped["entry of an unknown peer"] == 2 - known


def test_a_route_with_a_malformed_path_is_counted_not_made(wire, read) -> None:
    bad = wire.attribute(2, b"\2\x09\0\0\0\1")

    elems, report = read(wire.peers(*PEERS) + wire.rib(2, wire.prefix("10.0.0.0/8"), wire.entry(0, bad)))

    assert (elems, dict(report.skipped)) == ([], {"malformed AS_PATH": 1})
