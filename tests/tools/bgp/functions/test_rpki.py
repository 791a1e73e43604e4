import json
from collections import Counter
from ipaddress import ip_network
from pathlib import Path

import pytest

import herdwick.tools.bgp.sample
from herdwick.tools.bgp.functions.rpki import Rpki, rpki
from herdwick.tools.bgp.functions.vrps import Vrp, Vrps, read_vrps
from herdwick.tools.errors import ToolFailure

from .playing import lasting, seen

SAMPLE = Path(herdwick.tools.bgp.sample.__file__).parent / "data"


@pytest.fixture(scope="module")
def vrps() -> Vrps:
    return read_vrps(SAMPLE / "vrps.json")


def judged(prefix: str, origins: list[int], as_set: bool) -> str:
    """RFC 6811 on the file's own words."""
    route = ip_network(prefix)
    covering = [
        roa
        for roa in json.loads((SAMPLE / "vrps.json").read_text())["roas"]
        if ip_network(roa["prefix"]).version == route.version and route.subnet_of(ip_network(roa["prefix"]))
    ]
    own = [] if as_set else [roa for roa in covering if roa["asn"] == f"AS{origins[0]}"]
    if any(route.prefixlen <= roa["maxLength"] for roa in own):
        return "valid"
    return "invalid_length" if own else "invalid_asn" if covering else "not_found"


def test_every_route_of_the_capture(lab, lines, vrps) -> None:
    routes = {
        (line.prefix, tuple(sorted(line.origins)) or (line.peer_asn,), "{" in "".join(line.path[-1:]))
        for line in lines
        if line.is_route
    }
    expected = {route: judged(*route) for route in routes}

    answer = rpki(lab, Rpki(top=1000), vrps)

    assert {(r.prefix, tuple(r.origin_asns), r.as_set): r.state for r in answer.routes} == expected
    assert {c.state: c.routes for c in answer.counts} == Counter(expected.values())
    assert (answer.source, answer.snapshot, answer.vrps) == ("vrps.json", "2026-01-01T00:00:00Z", len(vrps))


def test_states_are_the_scenarios(lab, vrps) -> None:
    """The scenario names a route that only its own AS shows by that AS, as RFC 6811 does."""
    truth = json.loads((SAMPLE / "scenario.json").read_text())["rpki"]

    answer = rpki(lab, Rpki(top=1000), vrps)

    assert {(r.prefix, tuple(r.origin_asns)): r.state for r in answer.routes} == {
        (row["prefix"], tuple(row["origins"])): row["state"] for row in truth
    }


def test_the_hijacked_prefix_has_one_valid_and_one_invalid_origin(lab, vrps) -> None:
    invalid, valid = rpki(lab, Rpki(prefix="192.0.2.0/24"), vrps).routes

    assert (invalid.origin_asns, invalid.state, invalid.peers) == ([65551], "invalid_asn", 2)
    assert (valid.origin_asns, valid.state) == ([64499], "valid")
    assert [vrp.model_dump() for vrp in invalid.covering_vrps] == [
        {"prefix": "192.0.2.0/24", "max_length": 24, "asn": 64499, "trust_anchor": "lab"}
    ]
    assert invalid.first_seen == "2026-01-01T00:00:30Z"


def test_one_state_and_no_more_rows_than_asked_while_all_are_counted(lab, vrps) -> None:
    answer = rpki(lab, Rpki(state="invalid_length", top=2), vrps)

    assert [row.state for row in answer.routes] == ["invalid_length"] * 2
    assert {count.state: count.routes for count in answer.counts}["invalid_length"] > 2


def test_sets_confederations_and_empty_paths_have_the_origin_that_rfc_6811_says(invented) -> None:
    vrps = Vrps("test")
    vrps.add(Vrp("10.0.0.0/8", 24, 64500, ""))
    data = invented("""
        A 0 c 192.0.2.1 64500 10.0.0.0/24
        A 0 c 192.0.2.1 64500 10.0.1.0/24 (65001 65002)
        A 0 c 192.0.2.1 64500 10.0.2.0/24 64501 {64500}
        A 0 c 192.0.2.1 64500 10.0.3.0/24 (65001) 64501
        A 0 c 192.0.2.1 64500 192.0.2.0/24 64501 {64500,64502}
        A 0 c 192.0.2.1 64500 10.0.4.0/25 64500
    """)

    rows = rpki(data, Rpki(), vrps).routes

    assert {row.prefix: (row.origin_asns, row.as_set, row.state) for row in rows} == {
        "10.0.0.0/24": ([64500], False, "valid"),
        "10.0.1.0/24": ([64500], False, "valid"),
        "10.0.2.0/24": ([64500], True, "invalid_asn"),
        "10.0.3.0/24": ([64501], False, "invalid_asn"),
        "192.0.2.0/24": ([64500, 64502], True, "not_found"),
        "10.0.4.0/25": ([64500], False, "invalid_length"),
    }


def test_invalid_means_both_kinds(lab, vrps) -> None:
    both = rpki(lab, Rpki(state="invalid", top=1000), vrps)
    whole = rpki(lab, Rpki(top=1000), vrps)

    assert {row.state for row in both.routes} == {"invalid_asn", "invalid_length"}
    assert both.routes == [row for row in whole.routes if row.state.startswith("invalid")]
    assert both.counts == [count for count in whole.counts if count.state.startswith("invalid")]


def test_without_vrps_the_answer_says_why_there_is_none(lab) -> None:
    with pytest.raises(ToolFailure, match="nothing can be validated"):
        rpki(lab, Rpki(), None)


def test_a_route_is_seen_until_the_last_peer_lost_it(lab, lines, vrps) -> None:
    expected = seen(
        ((line.prefix, tuple(sorted(line.origins)) or (line.peer_asn,)), line, end)
        for line, end in lasting(lines)
    )

    rows = rpki(lab, Rpki(top=1000), vrps).routes

    assert {(r.prefix, tuple(r.origin_asns)): (r.first_seen, r.last_seen) for r in rows} == expected != {}
