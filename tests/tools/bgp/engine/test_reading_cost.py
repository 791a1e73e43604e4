import re
from ipaddress import ip_network
from pathlib import Path

import pytest

from herdwick.tools.bgp.engine.reader import MRTReader
from herdwick.tools.bgp.engine.reading_cost import _as_elems, expanding_s, read, read_with_peer

LAB = Path(__file__).parents[4] / "tools" / "bgp" / "sample" / "data" / "lab00"


@pytest.mark.parametrize("file", sorted(LAB.glob("*.gz")), ids=lambda file: file.name)
def test_the_peer_is_measured_while_it_makes_the_same_values(file: Path) -> None:
    from ftlbgp import BgpParser

    with BgpParser(**_as_elems(BgpParser.bgp)) as parse:
        routes = [record for record in parse(str(file)) if type(record).__name__ == "BgpRouteRecord"]

    assert sorted(map(_as_ours, routes)) == sorted(
        (
            elem.peer_asn,
            elem.peer_address,
            elem.prefix,
            elem.next_hop if "." in elem.prefix else "",
            re.findall(r"\d+", elem.attributes.as_path),
            elem.attributes.communities,
            elem.attributes.large_communities,
            elem.attributes.med or 0,
            elem.attributes.local_pref or 0,
            elem.attributes.origin or "",
            elem.attributes.aggregator[0] if elem.attributes.aggregator else 0,
        )
        for elem in MRTReader(file)
        if elem.type != "S"
    )


def _as_ours(record) -> tuple:
    # Of table entries ftlbgp tells when they were learnt, and no IPv6 next hops of updates.
    return (
        record.peer_as,
        record.peer_ip,
        str(ip_network(record.prefix)),
        (record.nexthop_ip or "") if "." in record.prefix else "",
        re.findall(r"\d+", str(record.aspath or "")),
        record.communities or (),
        record.large_communities or (),
        record.multi_exit_disc or 0,
        record.local_pref or 0,
        (record.origin or "").upper(),
        record.aggregator_as or 0,
    )


def test_both_read_the_same_number_and_take_time() -> None:
    file = next(LAB.glob("updates*.gz"))

    ours, theirs = read(file), read_with_peer(file)

    assert ours.elems == theirs.elems > 0
    assert 0 < expanding_s(file) < min(ours.seconds, theirs.seconds)
    assert ours.memory_mb > 10
