from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herdwick.tools.bgp.live.prefix_table import PrefixTable, covers, normal_prefix

PREFIXES = st.builds(
    lambda number, length: str(ip_network((number, length), strict=False)),
    st.integers(0x0A000000, 0x0A0000FF),
    st.integers(20, 32),
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("192.0.2.1/24", "192.0.2.0/24"),
        ("2001:DB8:0:0::1/32", "2001:db8::/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("192.0.2.0/024", "192.0.2.0/24"),
        ("192.0.2.0", ""),
        ("192.0.2.0/33", ""),
        ("192.0.2/24", ""),
        ("::1%lo/128", ""),
        ("192.0.2.0/٢", ""),
    ],
)
def test_the_normal_form(text, normal):
    assert normal_prefix(text) == normal


@given(st.lists(PREFIXES, max_size=20), PREFIXES)
def test_the_longest_covering_prefix_is_found(known, prefix):
    network = ip_network(prefix)
    around = [other for other in known if network.subnet_of(ip_network(other))]
    expected = max(around, key=lambda other: ip_network(other).prefixlen, default=None)
    assert PrefixTable(known).covering(prefix) == expected


@given(PREFIXES, PREFIXES)
def test_covering(wide, narrow):
    assert covers(wide, narrow) == ip_network(narrow).subnet_of(ip_network(wide))


def test_families_are_kept_apart():
    table = PrefixTable(["0.0.0.0/0"])
    assert table.covering("::/0") is None
    assert not covers("::/0", "0.0.0.0/0")


def test_what_is_removed_covers_nothing_any_more():
    table = PrefixTable(["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"])
    table.remove("10.1.0.0/16")
    table.remove("2001:db8::/32")
    assert table.covering("10.1.2.0/24") == "10.0.0.0/8"
    assert table.covering("2001:db8::/48") is None
