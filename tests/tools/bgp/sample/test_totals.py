"""The tables and the updates as a whole: counts, times, origins and RPKI states are those of the scenario."""

from collections import Counter, defaultdict
from typing import Any

from herdwick.tools.bgp.engine.elem import Elem
from herdwick.tools.bgp.engine.paths import origins
from herdwick.tools.bgp.sample.event import DURATION_S
from herdwick.tools.bgp.sample.truth import START

from .scenario import SCENARIO, Table, played, table


def test_peers_have_as_many_routes_as_the_scenario_says(before: list[Elem], after: list[Elem]) -> None:
    for when, elems in (("routes_before", before), ("routes_after", after)):
        counts = Counter((elem.peer_address, elem.peer_asn) for elem in elems)
        assert counts == {(peer["address"], peer["asn"]): peer[when] for peer in SCENARIO["peers"]}


def test_peers_announce_and_withdraw_as_often_as_the_scenario_says(updates: list[Elem]) -> None:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for elem in updates:
        counts[elem.peer_address][elem.type] += 1

    assert {peer: (count["A"], count["W"]) for peer, count in counts.items()} == {
        peer: (count["announcements"], count["withdrawals"]) for peer, count in SCENARIO["updates"].items()
    }


def test_times_are_within_the_scenario(before: list[Elem], updates: list[Elem], after: list[Elem]) -> None:
    assert {elem.time for elem in before} == {SCENARIO["start"]}
    assert {elem.time for elem in after} == {SCENARIO["until"]} == {START + DURATION_S}
    times = [elem.time for elem in updates]
    assert times == sorted(times)
    assert times[0] >= SCENARIO["start"]
    assert times[-1] < SCENARIO["until"]


def test_the_table_and_the_updates_lead_to_the_later_table(
    before: list[Elem], updates: list[Elem], after: list[Elem]
) -> None:
    def shown(routes: Table) -> dict[tuple[str, str], tuple[Any, ...]]:
        return {key: (elem.next_hop, elem.attributes) for key, elem in routes.items()}

    assert shown(played(before, updates, SCENARIO["until"])) == shown(table(after))


def test_prefixes_with_several_origins_are_those_of_the_scenario(
    before: list[Elem], updates: list[Elem]
) -> None:
    routes = table(before)
    found: dict[tuple[str, tuple[int, ...]], list[float]] = {}
    times = sorted({elem.time for elem in updates if elem.type != "S"})
    for time in [float(START), *times]:
        routes = played(before, updates, int(time) + 1)
        holders: dict[str, set[int]] = defaultdict(set)
        for (_, prefix), elem in routes.items():
            if "{" not in elem.attributes.as_path:
                holders[prefix] |= set(origins(elem.attributes.as_path) or (elem.peer_asn,))
        for prefix, asns in holders.items():
            if len(asns) > 1:
                found.setdefault((prefix, tuple(sorted(asns))), []).append(time)

    assert set(found) == {(row["prefix"], tuple(row["origins"])) for row in SCENARIO["multiple_origins"]}
    for row in SCENARIO["multiple_origins"]:
        seen = found[row["prefix"], tuple(row["origins"])]
        assert seen[0] == row["from"]
        assert seen[-1] == max(time for time in [float(START), *times] if time < row["until"])


def test_every_route_has_an_rpki_state(before: list[Elem], updates: list[Elem]) -> None:
    seen = {
        (elem.prefix, origins(elem.attributes.as_path) or (elem.peer_asn,))
        for elem in (*before, *updates)
        if elem.type in "RA"
    }

    assert {(row["prefix"], tuple(row["origins"])) for row in SCENARIO["rpki"]} == seen
    assert {row["state"] for row in SCENARIO["rpki"]} == {
        "valid",
        "invalid_asn",
        "invalid_length",
        "not_found",
    }


def test_only_an_internal_session_sends_local_pref(updates: list[Elem]) -> None:
    kinds = {peer["address"]: peer["session"] for peer in SCENARIO["peers"]}

    for elem in updates:
        if elem.type == "A":
            assert (elem.attributes.local_pref is not None) == (kinds[elem.peer_address] == "internal")
