from ipaddress import ip_network

import pytest

from herdwick.tools.bgp.functions.distinct import Distinct, distinct

KINDS = {"all": "RAWS", "routes": "RA", "announcements": "A", "withdrawals": "W", "updates": "AW"}


def network_order(prefix: str):
    network = ip_network(prefix)
    return (network.version, int(network.network_address), network.prefixlen)


@pytest.mark.parametrize("among", KINDS)
def test_different_prefixes(lab, lines, among: str) -> None:
    expected = {line.prefix for line in lines if line.kind in KINDS[among] and line.prefix}

    answer = distinct(lab, Distinct(what="prefix", among=among))

    assert answer.count == len(expected) > 0
    assert answer.values == sorted(expected, key=network_order)


def test_different_ases_in_paths(lab, lines) -> None:
    paths = [line.path for line in lines if line.is_route]
    expected = {int(asn) for path in paths for hop in path for asn in hop.strip("{}").split(",")}

    assert distinct(lab, Distinct(what="asn")).values == sorted(expected)


def test_different_paths(lab, lines) -> None:
    expected = {" ".join(line.path) for line in lines if line.is_route}

    assert distinct(lab, Distinct(what="as_path")).count == len(expected)


@pytest.mark.parametrize(("what", "of"), [("peer_asn", "peer_asn"), ("peer_address", "peer")])
def test_different_peers(lab, lines, what: str, of: str) -> None:
    assert distinct(lab, Distinct(what=what)).values == sorted({getattr(line, of) for line in lines})


def test_the_collector(lab) -> None:
    assert distinct(lab, Distinct(what="collector")).model_dump() == {"count": 1, "values": ["lab00"]}


def test_who_withdraws_is_who_originated_the_route_before(lab, lines) -> None:
    state: dict[tuple[str, str], list[int]] = {}
    expected: set[int] = set()
    for line in lines:
        if line.is_route:
            state[line.peer, line.prefix] = line.origins
        if line.kind == "W":
            expected |= {*state.get((line.peer, line.prefix), [])}

    assert distinct(lab, Distinct(what="origin_asn", among="withdrawals")).values == sorted(expected)


def test_members_of_a_set_are_told_apart_and_an_empty_path_has_none(invented) -> None:
    data = invented(
        """
        A 10 rrc00 192.0.2.1 64500 10.0.0.0/8 64500 64501 {64502,64503}
        A 11 rrc00 192.0.2.1 64500 10.1.0.0/16
        """
    )

    assert distinct(data, Distinct(what="asn")).values == [64500, 64501, 64502, 64503]
    assert distinct(data, Distinct(what="origin_asn")).values == [64502, 64503]


def test_all_are_counted_and_the_first_are_told(lab) -> None:
    whole = distinct(lab, Distinct())
    few = distinct(lab, Distinct(top=3))

    assert (few.count, few.values) == (whole.count, whole.values[:3])


def test_nothing_of_an_as_that_is_not_there(lab) -> None:
    assert distinct(lab, Distinct(origin_asn=4_200_000_000)).model_dump() == {"count": 0, "values": []}
