import pytest

from herdwick.tools.bgp.sample.vrps import State, state


@pytest.mark.parametrize(
    ("prefix", "origins", "expected"),
    [
        ("192.0.2.0/24", (64499,), "valid"),
        ("192.0.2.0/24", (65551,), "invalid_asn"),
        ("203.0.113.0/24", (64507,), "valid"),
        ("10.200.16.0/22", (65543,), "valid"),
        ("10.200.16.0/24", (65543,), "invalid_length"),
        ("10.200.6.0/24", (65547,), "invalid_asn"),
        ("10.200.21.0/24", (4_200_000_001,), "invalid_asn"),
        ("10.200.8.0/24", (65546,), "not_found"),
        ("2001:db8:f000::/44", (65549,), "valid"),
        ("2001:db8:f001::/48", (65549,), "invalid_length"),
        ("2001:db8:f001::/48", (65547,), "invalid_asn"),
        # A set of several has no origin, so that nothing covering it can match.
        ("192.0.2.0/24", (64499, 64500), "invalid_asn"),
    ],
)
def test_states_are_those_of_rfc_6811(prefix: str, origins: tuple[int, ...], expected: State) -> None:
    assert state(prefix, origins) == expected
