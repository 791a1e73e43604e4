"""Every event of the scenario is in the committed files: when it happens, and what its peers hear of it."""

from itertools import pairwise
from typing import Any

import pytest

from herdwick.tools.bgp.engine.elem import Elem
from herdwick.tools.bgp.engine.paths import origins
from herdwick.tools.bgp.sample.topology import relationships_text

from .scenario import EVENTS, SCENARIO, events, named, played, rows, seen_origins, table


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

    prepended = {key for key, elem in routes.items() if f" {run} " in f" {elem.attributes.as_path} "}
    assert prepended == {*rows(event)} != set()


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

    assert event["paths"]
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

    loop = f" {event['asn']} {event['poisoned']} {event['asn']}"
    looping = {key for key, elem in during.items() if elem.attributes.as_path.endswith(loop)}
    assert looping == {*rows(event)} != set()


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
