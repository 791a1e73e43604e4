"""The committed sample: it is read like bgpdump reads it, and every event of the scenario is in it."""

import gzip
import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from herdwick.tools.bgp.engine.elem import Elem
from herdwick.tools.bgp.engine.paths import origins
from herdwick.tools.bgp.engine.reader import MRTReader
from herdwick.tools.bgp.sample import ARCHIVE, DATA
from herdwick.tools.bgp.sample.event import DURATION_S
from herdwick.tools.bgp.sample.mrt_times import between, moved
from herdwick.tools.bgp.sample.topology import relationships_text
from herdwick.tools.bgp.sample.truth import START, truth, utc
from herdwick.tools.bgp.sample.vrps import vrps_json

SCENARIO: dict[str, Any] = json.loads((DATA / "scenario.json").read_text())
RIB_BEFORE, UPDATES, RIB_AFTER = (
    ARCHIVE / SCENARIO["files"][name] for name in ("rib_before", "updates", "rib_after")
)
EVENTS = SCENARIO["events"]


def named(event: dict[str, Any]) -> str:
    return f"{event['kind']}-{event['from_utc'][11:19]}"


def events(*kinds: str, passing: bool = False) -> Any:
    """The events of these kinds; of those `passing`, only the ones that begin and end."""
    chosen = [
        event
        for event in EVENTS
        if event["kind"] in kinds and not (passing and (event["from_start"] or event["until_end"]))
    ]
    assert chosen
    return pytest.mark.parametrize("event", chosen, ids=named)


@pytest.fixture(scope="module")
def before() -> list[Elem]:
    return list(MRTReader(RIB_BEFORE))


@pytest.fixture(scope="module")
def updates() -> list[Elem]:
    return list(MRTReader(UPDATES))


@pytest.fixture(scope="module")
def after() -> list[Elem]:
    return list(MRTReader(RIB_AFTER))


Table = dict[tuple[str, str], Elem]


def with_local_pref(elem: Elem) -> Elem:
    """The elem with the LOCAL_PREF that bird stores by default with routes from other ASes."""
    attributes = elem.attributes
    return elem._replace(attributes=attributes._replace(local_pref=attributes.local_pref or 100))


def table(elems: list[Elem]) -> Table:
    return {(elem.peer_address, elem.prefix): elem for elem in elems}


def played(before: list[Elem], updates: list[Elem], until: int) -> Table:
    """The table once all updates before `until` are applied."""
    routes = table(before)
    for elem in map(with_local_pref, updates):
        if elem.time >= until:
            break
        if elem.type == "A":
            routes[elem.peer_address, elem.prefix] = elem
        elif elem.type == "W":
            del routes[elem.peer_address, elem.prefix]
        elif elem.old_state == "ESTABLISHED":
            routes = {key: route for key, route in routes.items() if key[0] != elem.peer_address}
    return routes


def rows(event: dict[str, Any]) -> dict[tuple[str, str], str | None]:
    return {(row["peer"], row["prefix"]): row["path"] for row in event["paths"]}


@pytest.mark.parametrize("file", [RIB_BEFORE, UPDATES, RIB_AFTER], ids=lambda file: file.name)
def test_a_file_is_read_as_bgpdump_reads_it(bgpdump: Any, file: Path) -> None:
    assert bgpdump.assert_equal(file)


def test_all_files_together_are_under_a_megabyte() -> None:
    assert sum(file.stat().st_size for file in DATA.rglob("*") if file.is_file()) < 1 << 20


def test_what_is_committed_is_what_the_scenario_says() -> None:
    assert json.loads(json.dumps(truth())) == SCENARIO
    assert json.loads(json.dumps(vrps_json(START, utc(0)))) == json.loads((DATA / "vrps.json").read_text())
    assert relationships_text() == (DATA / "relationships.txt").read_text()


def test_the_readme_has_every_event() -> None:
    readme = (DATA / "README.md").read_text()

    for event in EVENTS:
        start, end = event["from_utc"][11:19], event["until_utc"][11:19]
        when = "all the time" if event["from_start"] else start
        when += "" if event["from_start"] else ", for good" if event["until_end"] else f" \N{EN DASH} {end}"
        row = f"| {when} | `{event['kind']}` | {event['summary']} |"
        assert row in readme
        assert readme.partition(row)[2].splitlines()[0].endswith(f"| {len(event['seen_by'])} |")


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


@pytest.mark.parametrize("event", [e for e in EVENTS if e["paths"] and e["kind"] != "flap"], ids=named)
def test_an_events_paths_are_heard_from_its_first_second_until_its_last(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    expected = rows(event)

    for until in (event["from"] + 1, event["until"]):
        routes = played(before, updates, until)
        heard = {key: routes[key].attributes.as_path if key in routes else None for key in expected}
        assert heard == expected


@events(
    "moas",
    "hijack",
    "subprefix_hijack",
    "route_leak",
    "outage",
    "prepending",
    "path_loop",
    "private_asn",
    "blackhole",
    "graceful_shutdown",
    "path_change",
    passing=True,
)
def test_what_is_not_for_good_leaves_no_trace(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    earlier, later = played(before, updates, event["from"]), played(before, updates, event["until"] + 1)

    assert {key: earlier[key].attributes for key in rows(event) if key in earlier} == {
        key: later[key].attributes for key in rows(event) if key in later
    }


def seen_origins(routes: Table, prefix: str) -> set[int]:
    return {
        asn
        for (_, each), elem in routes.items()
        if each == prefix
        for asn in origins(elem.attributes.as_path) or (elem.peer_asn,)
    }


@events("moas")
def test_both_origins_are_seen_at_once(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    during = played(before, updates, event["from"] + 1)

    assert seen_origins(during, event["prefix"]) == set(event["origins"])


@events("hijack", "subprefix_hijack")
def test_a_hijack_is_seen_by_its_peers_alone(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    during = played(before, updates, event["from"] + 1)

    seen_by = {
        elem.peer_address
        for elem in during.values()
        if elem.prefix == event["prefix"] and origins(elem.attributes.as_path) == (event["hijacker"],)
    }
    assert seen_by == set(event["seen_by"])
    assert event["victim"] in seen_origins(during, event.get("covering_prefix", event["prefix"]))


@events("route_leak")
def test_the_leaked_paths_are_the_only_ones_with_a_valley(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    lines = (line.split("|") for line in relationships_text().splitlines() if line[0] != "#")
    known = {(int(first), int(second)): kind for first, second, kind in lines}
    sells = {pair for pair, kind in known.items() if kind == "-1"}

    def has_valley(path: str) -> bool:
        hops = [int(hop) for hop in path.split() if hop[0] != "{"]
        steps = [(a, b) for a, b in pairwise(hops) if (a, b) in known or (b, a) in known]
        # Seen from the peer: once a path goes down to a customer or across to a peer, it only goes down.
        turned = False
        for a, b in steps:
            if turned and (a, b) not in sells:
                return True
            turned = turned or (b, a) not in sells
        return False

    announced = [elem for elem in (*before, *updates) if elem.type in "RA"]
    odd = [elem for elem in announced if has_valley(elem.attributes.as_path)]

    assert {(elem.peer_address, elem.prefix) for elem in odd} == set(rows(event))
    assert {elem.time for elem in odd} == {event["from"]}
    assert all(str(event["leaker"]) in elem.attributes.as_path.split() for elem in odd)


@events("flap")
def test_the_flapping_prefix_goes_and_comes_back(event: dict[str, Any], updates: list[Elem]) -> None:
    for peer, cycles in event["cycles"].items():
        about = [elem for elem in updates if (elem.peer_address, elem.prefix) == (peer, event["prefix"])]
        withdrawn, announced = about[::2], about[1::2]
        assert [elem.type for elem in about] == ["W", "A"] * cycles
        assert {a.time - w.time for w, a in zip(withdrawn, announced, strict=True)} == {event["gap_s"]}
        gaps = {b.time - a.time for a, b in pairwise(withdrawn)}
        assert gaps == {event["period_s"]}
    assert min(elem.time for elem in updates if elem.prefix == event["prefix"]) == event["from"]


@events("outage")
def test_an_as_disappears_and_comes_back(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    def visible(until: int) -> set[str]:
        ending = (str(event["asn"]),)
        routes = played(before, updates, until).values()
        return {elem.prefix for elem in routes if tuple(elem.attributes.as_path.split()[-1:]) == ending}

    assert visible(event["from"]) == set(event["prefixes"])
    assert visible(event["from"] + 1) == visible(event["until"]) == set()
    assert visible(event["until"] + 1) == set(event["prefixes"])


@events("prepending")
def test_an_asn_stands_several_times_in_a_row(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    routes = played(before, updates, event["from"] + 1)
    run = " ".join([str(event["asn"])] * event["times"])

    for key in rows(event):
        assert f" {run} " in f" {routes[key].attributes.as_path} "


@events("blackhole")
def test_the_blackhole_route_has_its_communities(event: dict[str, Any], updates: list[Elem]) -> None:
    announced, withdrawn = (elem for elem in updates if elem.prefix == event["prefix"])

    assert (announced.type, announced.time) == ("A", event["from"])
    assert (withdrawn.type, withdrawn.time) == ("W", event["until"])
    assert set(event["communities"]) == {"65535:666", "65535:65281"} <= set(announced.attributes.communities)


@events("graceful_shutdown")
def test_routes_are_marked_before_maintenance(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    marked = [e for e in updates if e.type == "A" and event["community"] in e.attributes.communities]

    assert {(elem.peer_address, elem.prefix) for elem in marked} == set(rows(event))
    assert {elem.time for elem in marked} == {event["from"]}


@events("session_reset")
def test_the_session_goes_down_and_comes_up_with_its_table(
    event: dict[str, Any], updates: list[Elem]
) -> None:
    states = [elem for elem in updates if elem.type == "S"]
    table_again = [
        elem
        for elem in updates
        if (elem.type, elem.peer_address) == ("A", event["peer_address"])
        and states[-1].time <= elem.time <= states[-1].time + 2
    ]

    assert {(elem.peer_address, elem.peer_asn) for elem in states} == {
        (event["peer_address"], event["peer_asn"])
    }
    assert (states[0].time, states[0].old_state) == (event["from"], "ESTABLISHED")
    assert states[-1].new_state == "ESTABLISHED"
    assert event["until"] <= states[-1].time <= event["until"] + event["up_within_s"]
    assert len(table_again) == next(
        peer["routes_after"] for peer in SCENARIO["peers"] if peer["address"] == event["peer_address"]
    )


@events("origin_change")
def test_the_origin_is_another_one_for_good(
    event: dict[str, Any], before: list[Elem], updates: list[Elem], after: list[Elem]
) -> None:
    assert seen_origins(played(before, updates, event["from"]), event["prefix"]) == {event["old_origin"]}
    assert seen_origins(table(after), event["prefix"]) == {event["new_origin"]}


@events("new_prefix", "deaggregation")
def test_new_prefixes_are_in_the_later_table_alone(
    event: dict[str, Any], before: list[Elem], after: list[Elem]
) -> None:
    new = set(event.get("prefixes", [event.get("prefix")]))

    assert not new & {elem.prefix for elem in before}
    assert new <= {elem.prefix for elem in after if origins(elem.attributes.as_path) == (event["origin"],)}


@events("withdrawn_prefix")
def test_the_withdrawn_prefix_is_in_the_earlier_table_alone(
    event: dict[str, Any], before: list[Elem], after: list[Elem]
) -> None:
    assert event["prefix"] in {elem.prefix for elem in before}
    assert event["prefix"] not in {elem.prefix for elem in after}


@events("attribute_change")
def test_the_med_changes_and_nothing_else(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    earlier, later = played(before, updates, event["from"]), played(before, updates, event["until"])

    for key in rows(event):
        had, has = earlier[key].attributes, later[key].attributes
        assert had.med != event["med"] == has.med
        assert has._replace(med=had.med, local_pref=had.local_pref) == had


@events("private_asn")
def test_the_private_asn_ends_the_path(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    during = played(before, updates, event["from"] + 1)

    assert seen_origins(during, event["prefix"]) == {event["private_asn"]}


@events("path_loop")
def test_an_asn_comes_twice_with_another_between(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    during = played(before, updates, event["from"] + 1)

    for key in rows(event):
        hops = during[key].attributes.as_path.split()
        assert hops[-3:] == [str(event["asn"]), str(event["poisoned"]), str(event["asn"])]


@events("path_change")
def test_the_lost_neighbour_is_in_no_path(
    event: dict[str, Any], before: list[Elem], updates: list[Elem]
) -> None:
    link = f" {event['lost_neighbour']} {event['origin']} "

    def through(until: int) -> int:
        routes = played(before, updates, until).values()
        return sum(link in f" {elem.attributes.as_path} " for elem in routes)

    assert through(event["from"]) == through(event["until"] + 1) > 0
    assert through(event["from"] + 1) == through(event["until"]) == 0


@events("aggregate")
def test_the_aggregate_has_a_set_and_an_aggregator(event: dict[str, Any], before: list[Elem]) -> None:
    (elem,) = (elem for elem in before if elem.prefix == event["prefix"])
    aggregator = elem.attributes.aggregator

    assert origins(elem.attributes.as_path) == tuple(event["members"])
    assert aggregator
    assert f"{aggregator.asn} {aggregator.address}" == event["aggregator"]


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


def test_moving_times_and_back_changes_nothing() -> None:
    for file in (RIB_BEFORE, UPDATES):
        data = gzip.decompress(file.read_bytes())
        earlier = moved(data, -86_400)
        assert earlier != data
        assert moved(earlier, 86_400) == data
        assert len(between(data, START, START + DURATION_S)) == len(data)
        assert between(data, 0, START) == b""
