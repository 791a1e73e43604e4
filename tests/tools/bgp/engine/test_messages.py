from ipaddress import ip_address
from struct import pack

import pytest

from herdwick.tools.bgp.engine.elem import Aggregator, Attributes, Elem, Source

V6_PEER = "2001:db8::9"


def shown(elems: list[Elem]) -> list[tuple[str, str, str]]:
    return [(elem.type, elem.prefix, elem.next_hop) for elem in elems]


def reach(wire, prefixes: str, next_hop: str = "2001:db8::1", link_local: str = "", path_id=None) -> bytes:
    hop = ip_address(next_hop).packed + (ip_address(link_local).packed if link_local else b"")
    nlri = b"".join(wire.prefix(prefix, path_id) for prefix in prefixes.split())
    return wire.attribute(14, pack(">HBB", 2, 1, len(hop)) + hop + b"\0" + nlri, 0x80)


def unreach(wire, prefixes: str) -> bytes:
    nlri = b"".join(wire.prefix(prefix) for prefix in prefixes.split())
    return wire.attribute(15, pack(">HB", 2, 1) + nlri, 0x80)


def test_withdrawals_come_first_and_ipv4_before_ipv6(wire, read) -> None:
    message = wire.update(
        wire.attributes((64496,), reach(wire, "2001:db8:a::/48"), unreach(wire, "2001:db8:b::/48")),
        wire.prefix("192.0.2.0/24"),
        wire.prefix("203.0.113.0/25"),
    )

    elems, report = read(wire.message(message))

    assert shown(elems) == [
        ("W", "203.0.113.0/25", ""),
        ("W", "2001:db8:b::/48", ""),
        ("A", "192.0.2.0/24", "198.51.100.1"),
        ("A", "2001:db8:a::/48", "2001:db8::1"),
    ]
    assert (report.elems, report.records, dict(report.skipped)) == (4, 1, {})


def test_every_attribute_is_given(wire, read) -> None:
    attributes = wire.attributes(
        (64496, 64500),
        wire.attribute(4, pack(">I", 50)),
        wire.attribute(5, pack(">I", 200)),
        wire.attribute(6, b""),
        wire.attribute(7, pack(">I", 64500) + bytes([192, 0, 2, 1])),
        wire.attribute(8, pack(">HHHH", 65535, 666, 64496, 100), 0xC0),
        wire.attribute(16, bytes.fromhex("0002fbf0000000010203fde80000006403000001deadbeef"), 0xC0),
        wire.attribute(32, pack(">III", 70000, 1, 2), 0xC0),
    )

    (elem,), _ = read(wire.message(wire.update(attributes, wire.prefix("192.0.2.0/24"))))

    assert elem == Elem(
        "A",
        1_767_225_600.0,
        64496,
        "198.51.100.9",
        "192.0.2.0/24",
        "198.51.100.1",
        Attributes(
            as_path="64496 64500",
            communities=("65535:666", "64496:100"),
            large_communities=("70000:1:2",),
            extended_communities=("rt:64496:1", "soo:4259840000:100", "0x03000001deadbeef"),
            origin="IGP",
            med=50,
            local_pref=200,
            aggregator=Aggregator(64500, "192.0.2.1"),
            atomic_aggregate=True,
        ),
        Source("local"),
    )


def test_a_global_next_hop_is_taken_before_a_link_local_one(wire, read) -> None:
    message = wire.update(wire.attributes((64496,), reach(wire, "2001:db8:a::/48", link_local="fe80::1")))

    (elem,), _ = read(wire.message(message, address=V6_PEER))

    assert (elem.next_hop, elem.peer_address) == ("2001:db8::1", V6_PEER)


def test_microseconds_are_part_of_the_time(wire, read) -> None:
    (elem,), _ = read(wire.message(wire.update(withdrawn=wire.prefix("192.0.2.0/24")), kind=17))

    assert elem.time == 1_767_225_600.25


@pytest.mark.parametrize("subtype", [1, 6])
def test_two_byte_sessions_get_their_four_byte_asns_back(wire, read, subtype: int) -> None:
    path4 = wire.attribute(17, bytes([2, 1]) + pack(">I", 70000), 0xC0)
    attributes = wire.attributes((64496, 23456), path4, asn_bytes=2)

    (elem,), _ = read(wire.message(wire.update(attributes, wire.prefix("192.0.2.0/24")), subtype))

    assert elem.attributes.as_path == "64496 70000"


ROUTER = bytes([192, 0, 2, 1])


@pytest.mark.parametrize(
    ("asn", "asn4", "path", "aggregator"),
    [
        (64500, None, "64496 70000", 64500),
        (64500, 70001, "64496 23456", 64500),
        (23456, 70001, "64496 70000", 70001),
        (23456, None, "64496 70000", 23456),
    ],
)
def test_only_both_aggregators_together_make_the_four_byte_path_stale(
    wire, read, asn: int, asn4: int | None, path: str, aggregator: int
) -> None:
    others = [
        wire.attribute(7, pack(">H", asn) + ROUTER, 0xC0),
        wire.attribute(17, bytes([2, 1]) + pack(">I", 70000), 0xC0),
        *([wire.attribute(18, pack(">I", asn4) + ROUTER, 0xC0)] if asn4 else []),
    ]
    attributes = wire.attributes((64496, 23456), *others, asn_bytes=2)

    (elem,), _ = read(wire.message(wire.update(attributes, wire.prefix("192.0.2.0/24")), 1))

    assert elem.attributes.as_path == path
    assert elem.attributes.aggregator == Aggregator(aggregator, "192.0.2.1")


def test_a_four_byte_session_has_no_use_for_a_second_aggregator(wire, read) -> None:
    others = (wire.attribute(code, pack(">I", asn) + ROUTER) for code, asn in ((7, 23456), (18, 70001)))

    (elem,), _ = read(
        wire.message(wire.update(wire.attributes((64496,), *others), wire.prefix("192.0.2.0/24")))
    )

    assert elem.attributes.aggregator == Aggregator(23456, "192.0.2.1")


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        (lambda wire: wire.attribute(1, b"\0") + wire.attribute(3, ROUTER), "missing AS_PATH"),
        (lambda wire: b"", "announcements without attributes"),
    ],
)
def test_an_announcement_that_lacks_its_path_is_told(wire, read, attributes, reason: str) -> None:
    (elem,), report = read(wire.message(wire.update(attributes(wire), wire.prefix("192.0.2.0/24"))))

    assert (elem.type, elem.attributes.as_path) == ("A", "")
    assert dict(report.skipped) == {reason: 1}


def test_a_message_that_would_unfold_to_gigabytes_is_counted_not_made(wire, read) -> None:
    segment = bytes([2, 255]) + pack(">255I", *range(255))
    long = wire.attribute(1, b"\0") + wire.attribute(2, segment * 30) + wire.attribute(3, ROUTER)
    good = wire.message(wire.update(wire.attributes(), wire.prefix("192.0.2.0/24")))

    elems, report = read(wire.message(wire.update(long, b"\0" * 30_000)) + good)

    assert [elem.prefix for elem in elems] == ["192.0.2.0/24"]
    assert dict(report.skipped) == {"an UPDATE that unfolds to too much": 1}


@pytest.mark.parametrize("subtype", [8, 9, 10, 11])
def test_path_identifiers(wire, read, subtype: int) -> None:
    attributes = wire.attributes((64496,), asn_bytes=4 if subtype in (9, 11) else 2)
    message = wire.update(attributes, wire.prefix("192.0.2.0/24", 7) + wire.prefix("192.0.2.0/24", 8))

    elems, _ = read(wire.message(message, subtype))

    assert [(elem.prefix, elem.path_id) for elem in elems] == [("192.0.2.0/24", 7), ("192.0.2.0/24", 8)]


@pytest.mark.parametrize("subtype", [0, 5])
def test_states(wire, read, subtype: int) -> None:
    (elem,), _ = read(wire.message(pack(">HH", 6, 1), subtype))

    assert (elem.type, elem.old_state, elem.new_state) == ("S", "ESTABLISHED", "IDLE")
    assert (elem.peer_asn, elem.prefix, elem.attributes) == (64496, "", Attributes())


def test_a_number_that_is_no_state_is_unknown(wire, read) -> None:
    (elem,), _ = read(wire.message(pack(">HH", 3, 99), 5))

    assert (elem.old_state, elem.new_state) == ("ACTIVE", "UNKNOWN")


def test_other_messages_make_no_elem(wire, read) -> None:
    keepalive = b"\xff" * 16 + pack(">HB", 19, 4)

    elems, report = read(wire.message(keepalive))

    assert (elems, report.records, dict(report.skipped)) == ([], 1, {})


def test_extended_messages_are_longer_than_4096_bytes(wire, read) -> None:
    prefixes = b"".join(wire.prefix(f"10.{high}.{low}.0/24") for high in range(10) for low in range(200))
    message = wire.update(wire.attributes(), prefixes)

    elems, _ = read(wire.message(message))

    assert len(message) > 4096
    assert len(elems) == 2000


def test_host_bits_are_no_part_of_a_prefix(wire, read) -> None:
    (elem,), _ = read(wire.message(wire.update(wire.attributes(), bytes([20, 10, 1, 0xFF]))))

    assert elem.prefix == "10.1.240.0/20"


BAD_PATH = b"\x40\x02\x04\x02\x09\xfb\xf0"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda wire: wire.update(BAD_PATH, wire.prefix("192.0.2.0/24")), "malformed AS_PATH"),
        (lambda wire: wire.update(b"\x40\x02\xff\x02", wire.prefix("192.0.2.0/24")), "malformed attributes"),
        (
            lambda wire: wire.update(
                wire.attribute(2, b"") + wire.attribute(3, b"\1\2\3"), wire.prefix("192.0.2.0/24")
            ),
            "malformed NEXT_HOP",
        ),
    ],
)
def test_announcements_without_believable_attributes_are_counted_not_made(wire, read, change, reason) -> None:
    elems, report = read(wire.message(change(wire)))

    assert elems == []
    assert dict(report.skipped) == {reason: 1, "announcements with malformed attributes": 1}


@pytest.mark.parametrize(
    ("code", "reason"), [(4, "MED"), (5, "LOCAL_PREF"), (8, "COMMUNITIES"), (7, "AGGREGATOR")]
)
def test_a_lesser_attribute_that_is_malformed_is_left_out_alone(wire, read, code: int, reason: str) -> None:
    attributes = wire.attributes((64496,), wire.attribute(code, b"\1\2\3"))

    (elem,), report = read(wire.message(wire.update(attributes, wire.prefix("192.0.2.0/24"))))

    assert elem.attributes == Attributes("64496", origin="IGP")
    assert dict(report.skipped) == {f"malformed {reason}": 1}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (lambda wire: wire.record(16, 4, b"\0\0"), "record too short"),
        (lambda wire: wire.record(16, 99, b""), "BGP4MP subtype 99"),
        (lambda wire: wire.message(b"\xff" * 10), "truncated BGP message"),
        (lambda wire: wire.message(wire.update()[:-1]), "truncated BGP message"),
        (lambda wire: wire.message(b"\xff" * 16 + b"\0\x17\2\0\x09\0\0"), "malformed UPDATE"),
        (lambda wire: wire.message(wire.update(withdrawn=b"\x21\1\2\3\4\5")), "malformed NLRI"),
        (lambda wire: wire.message(b"\0", 5), "record too short"),
        (lambda wire: wire.record(48, 0, b""), "MRT type 48"),
        (lambda wire: wire.record(16, 4, pack(">IIHH", 1, 2, 0, 25)), "malformed peer address"),
    ],
)
def test_a_damaged_record_is_counted_and_the_next_one_read(wire, read, record, reason: str) -> None:
    good = wire.message(wire.update(withdrawn=wire.prefix("192.0.2.0/24")))

    elems, report = read(good + record(wire) + good)

    assert [elem.prefix for elem in elems] == ["192.0.2.0/24"] * 2
    assert dict(report.skipped) == {reason: 1}
    assert (report.problems[0].offset, report.ended_early) == (len(good), "")


def test_routes_of_other_families_are_counted(wire, read) -> None:
    vpn = wire.attribute(14, pack(">HBB", 1, 128, 0) + b"\0" + b"\x10\x0a\x01", 0x80)

    elems, report = read(wire.message(wire.update(wire.attributes((64496,), vpn))))

    assert elems == []
    assert dict(report.skipped) == {"routes of AFI 1, SAFI 128": 1}
