"""Prefixes as people write them."""

import re
from ipaddress import IPv6Address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from herdwick.tools.bgp.engine.prefixes import IPV4, IPV6, PrefixCodec
from herdwick.tools.bgp.prefixes import SPELLED, parse_address, parse_prefix, written


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("192.0.2.0/24", "192.0.2.0/24"),
        (" 192.0.2.0 /24 ", "192.0.2.0/24"),
        ("192.0.2.0 / 24", "192.0.2.0/24"),
        ("192.0.2.1/24", "192.0.2.0/24"),
        ("192.0.2.1", "192.0.2.1/32"),
        ("10/8", "10.0.0.0/8"),
        ("0/0", "0.0.0.0/0"),
        ("172.16/12", "172.16.0.0/12"),
        ("192.168/16", "192.168.0.0/16"),
        ("198.51.100/24", "198.51.100.0/24"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("[2001:db8::]/32", "2001:db8::/32"),
        ("[2001:db8::1]", "2001:db8::1/128"),
        ("2001:db8::1 /32", "2001:db8::/32"),
        ("::ffff:a00:0/104", "::ffff:10.0.0.0/104"),
        ("::1.2.3.0/120", "::1.2.3.0/120"),
        ("[FFFF:ffff:ffff:ffff:ffff:ffff:255.255.255.255] / 128", "ffff:" * 7 + "ffff/128"),
    ],
)
def test_what_is_meant(text: str, prefix: str) -> None:
    assert parse_prefix(text) == prefix


@pytest.mark.parametrize(
    "text",
    [
        "10",
        "10/16",
        "192.168/24",
        "172.16/8",
        "10/0",
        "300/8",
        "192.0.2.0/33",
        "192.0.2.0/240",
        "2001:db8::/129",
        "300.1.2.0/24",
        "[2001:db8::/32",
        "[[2001:db8::]]/32",
        "[192.0.2.0/24]/24",
        "",
        "/24",
        "AS64496",
        "a/8",
    ],
)
def test_what_is_none_is_refused_as_it_was_written(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{text!r} is no prefix")):
        parse_prefix(text)


@pytest.mark.parametrize("text", ["10/" + "8" * 5_000, "10.0.0.0" + " " * 65_536 + "x", " " * 65])
def test_what_is_too_long_for_a_prefix_is_refused_without_repeating_all_of_it(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{text[:64]!r}… is no prefix such as")):
        parse_prefix(text)


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("Who originates 192.0.2.0 /24? And 198.51.100.0/24.", ["192.0.2.0 /24", "198.51.100.0/24"]),
        ("Which routes of 10/8, 172.16/12 and 192.168/16?", ["10/8", "172.16/12", "192.168/16"]),
        ("Is 0/0 announced, or ::/0?", ["0/0", "::/0"]),
        ("Who has [2001:db8::]/32, 2001:DB8::/32?", ["[2001:db8::]/32", "2001:DB8::/32"]),
        ("For [2001:db8::1] and [2001:db8::/32]", ["2001:db8::1", "2001:db8::/32"]),
        # Refused when they are used, not cut to something else.
        ("192.0.2.0/240, 192.168/24, 2001:db8::/1288", ["192.0.2.0/240", "192.168/24", "2001:db8::/1288"]),
        ("between 10.0.0.1 / 10.0.0.2", ["10.0.0.1", "10.0.0.2"]),
        ("24/7, 1/2, 9/11, 1/8 of them, 2015/10/8, 10/8/2015, 3.5, v1.2/8, 192.0.2.0 /24s", []),
        ("AS1.10 at 00:05 on 2015-04-01, 64500:120 and 1.2.3", []),
    ],
)
def test_where_a_question_spells_them(question: str, texts: list[str]) -> None:
    assert re.findall(SPELLED, question) == texts


@given(st.ip_addresses(), st.integers(0, 128))
@example(IPv6Address("::ffff:0:0"), 96)
@example(IPv6Address("::1.2.3.0"), 120)
def test_what_the_engine_writes_is_spelled_and_meant_as_it_is(address, length: int) -> None:
    network = ip_network(f"{address}/{min(length, address.max_prefixlen)}", strict=False)
    octets = network.network_address.packed[: (network.prefixlen + 7) // 8]
    family = IPV4 if network.version == 4 else IPV6
    ((prefix, _),) = PrefixCodec().list(bytes([network.prefixlen, *octets]), family)

    assert re.findall(SPELLED, f"Who originates {prefix}?") == [prefix]
    assert parse_prefix(prefix) == prefix


@given(st.text("0123456789abcdef.:/[] ", max_size=30))
def test_whatever_is_written_is_a_prefix_or_refused(text: str) -> None:
    try:
        prefix = parse_prefix(text)
    except ValueError:
        return
    assert written(ip_network(prefix)) == prefix


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("198.51.100.14", "198.51.100.14"),
        (" 2001:DB8:0:0::1 ", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ],
)
def test_addresses_are_written_as_the_engine_does(text: str, address: str) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "192.0.2.0/24", "192.0.2", "300.1.1.1", "2001:db8::/32", "1" * 5_000])
def test_what_is_no_address_is_refused_without_repeating_all_of_it(text: str) -> None:
    with pytest.raises(ValueError, match="is no address such as") as failure:
        parse_address(text)
    assert len(str(failure.value)) < 120
