from ipaddress import IPv4Network, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herdwick.tools.bgp.functions.prefix_map import PrefixMap


def networks(kind: type, bits: int):
    """Prefixes that differ in few bits, so that many of them cover each other."""
    pairs = st.tuples(st.integers(0, 255), st.one_of(st.integers(0, 10), st.just(bits)))
    return pairs.map(lambda pair: kind((pair[0] << (bits - 8), pair[1]), strict=False))


ANY = st.one_of(networks(IPv4Network, 32), networks(IPv6Network, 128))


@given(st.lists(ANY, max_size=30), ANY)
def test_what_covers_a_prefix_is_what_ipaddress_says(known, asked) -> None:
    prefixes: PrefixMap[int] = PrefixMap()
    for network in known:
        prefixes[str(network)] = network.prefixlen

    expected = {n for n in known if n.version == asked.version and asked.subnet_of(n)}
    assert [*prefixes.covering(str(asked))] == [
        (str(n), n.prefixlen) for n in sorted(expected, key=lambda n: -n.prefixlen)
    ]
    assert len(prefixes) == len(set(known))


def test_a_value_is_found_at_its_prefix_alone() -> None:
    prefixes: PrefixMap[str] = PrefixMap()
    prefixes["2001:db8::/32"] = "a"
    prefixes["2001:db8::/32"] = "b"

    assert prefixes.get("2001:db8::/32") == "b"
    assert prefixes.get("2001:db8::/33") is None
    assert prefixes.get("2001:db8::/31") is None
    assert len(prefixes) == 1


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0/8",
        "10.0.0.1/8",
        "::/129",
        "/8",
    ],
)
def test_what_is_no_prefix_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no prefix|bits after"):
        PrefixMap()[text] = 1
