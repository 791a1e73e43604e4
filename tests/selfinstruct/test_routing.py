import ast
import json
import re
from collections import Counter
from ipaddress import ip_network
from random import Random

import pytest

from herdwick.selfinstruct.intents import SINGLE_WEIGHT, Intent, Phrasing, Seeds, load_seeds
from herdwick.selfinstruct.routing import ARGUMENTS, RoutingPhraser
from herdwick.selfinstruct.routing_wordings import load_wordings
from herdwick.selfinstruct.routing_world import RoutingWorld
from herdwick.tools.bgp.functions.selection import Selection, Time
from herdwick.tools.domain import get_domain
from herdwick.tools.functions import entities_in
from herdwick.tools.sandbox import check_program

BGP = get_domain("bgp")


@pytest.fixture(scope="module")
def bgp_seeds() -> Seeds:
    return load_seeds("bgp")


def is_named(value: str, question: str) -> bool:
    """Whether a program can have `value` of `question`: its words, or times of day with the day it names."""
    times = next(entities_in(Time))
    return value in question or value in times.texts_in(question)


def filled(world: RoutingWorld, intent: Intent, text: str, seed: int, **pinned: int | str):
    phraser = RoutingPhraser(world.pool, load_wordings(), Random(seed))
    return phraser.fill(intent, Phrasing(text, "en", pinned))


def test_every_intent_has_25_different_phrasings_or_more(bgp_seeds: Seeds) -> None:
    often = bgp_seeds.intents.keys() - bgp_seeds.singles
    counts = {name: len({p.text for p in bgp_seeds.phrasings.get(name, ())}) for name in often}

    assert {name: count for name, count in counts.items() if count < 25} == {}


def test_singles_have_different_phrasings_too_but_weigh_less(bgp_seeds: Seeds) -> None:
    counts = {name: len({p.text for p in bgp_seeds.phrasings[name]}) for name in bgp_seeds.singles}

    assert counts
    assert min(counts.values()) >= 4
    assert {bgp_seeds.intents[name].weight for name in bgp_seeds.singles} == {SINGLE_WEIGHT}


def test_no_phrasing_means_two_things(bgp_seeds: Seeds) -> None:
    counts = Counter(
        (" ".join(phrasing.text.casefold().split()), *sorted(phrasing.pinned.items()))
        for phrasings in bgp_seeds.phrasings.values()
        for phrasing in phrasings
    )

    assert [key for key, count in counts.items() if count > 1] == []


def test_every_program_is_legal_and_copies_from_its_question(bgp_seeds: Seeds, routing: RoutingWorld) -> None:
    known = {*BGP.result_fields, *BGP.result_values, *BGP.argument_values}
    phraser = RoutingPhraser(routing.pool, load_wordings(), Random(5))
    for name, phrasings in bgp_seeds.phrasings.items():
        intent = bgp_seeds.intents[name]
        for phrasing in phrasings[::4]:
            example = phraser.fill(intent, phrasing)
            assert check_program(example.program, BGP, intent.hops).plan == intent.hops
            for node in ast.walk(ast.parse(example.program)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in known:
                    assert is_named(node.value, example.question), example


def test_arguments_of_clauses_are_those_of_every_selection_in_its_order() -> None:
    assert tuple(Selection.model_fields) == ARGUMENTS


def test_clauses_narrow_question_and_program_alike(bgp_seeds: Seeds, routing: RoutingWorld) -> None:
    intent = bgp_seeds.intents["moas.count"]
    seen: Counter[str] = Counter()
    for seed in range(300):
        example = filled(routing, intent, "How many MOAS prefixes are there?", seed)
        (call,) = [
            node
            for node in ast.walk(ast.parse(example.program))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "moas"
        ]
        given = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
        seen.update([*given])
        seen["none"] += not given
        assert ("ip_version" in given) == bool(re.search(r"\b(IP)?v[46]\b", example.question, re.IGNORECASE))
        assert ("peer_asn" in given) == (str(given.get("peer_asn")) in example.question)
        assert all(is_named(str(value), example.question) for value in given.values())

    arguments = {"peer_asn", "peer_address", "collector", "ip_version", "from_time", "until_time"}
    assert {*seen} == {"none"} | arguments
    assert 80 < seen["none"] < 200


def test_a_version_as_an_adjective_narrows_and_no_clause_says_another(
    bgp_seeds: Seeds, routing: RoutingWorld
) -> None:
    intent = bgp_seeds.intents["moas.count"]
    for seed in range(100):
        example = filled(routing, intent, "How many {version} MOAS prefixes are there?", seed)
        versions = re.findall(r"v([46])", example.question)
        assert len(versions) == 1
        assert f"ip_version={versions[0]}" in example.program


def test_windows_begin_before_they_end(bgp_seeds: Seeds, routing: RoutingWorld) -> None:
    intent = bgp_seeds.intents["windows.new_prefixes"]
    for seed in range(50):
        program = filled(routing, intent, "new in {time3} to {time4} since {time} to {time2}", seed).program
        times = re.findall(r'_[ab]="([^"]+)"', program)
        assert len(times) == 4, program
        assert times == sorted(times), program


def test_pinned_communities_are_literals(bgp_seeds: Seeds, routing: RoutingWorld) -> None:
    intent = bgp_seeds.intents["communities.prefixes"]
    program = filled(routing, intent, "What was blackholed?", 1, community="BLACKHOLE").program

    assert f"community={json.dumps('BLACKHOLE')}" in program


def test_a_piece_lies_within_the_prefix_of_its_question(routing: RoutingWorld) -> None:
    intent = Intent(id="toy", plan="subprefixes", asks="", program="{{{prefix}: {piece}}}", scopes=())
    pairs = [
        next(iter(ast.literal_eval(filled(routing, intent, "Is {piece} in {prefix}?", seed).program).items()))
        for seed in range(200)
    ]

    networks = [(ip_network(block), ip_network(piece)) for block, piece in pairs]
    assert all(piece != block and piece.subnet_of(block) for block, piece in networks)
    of_the_data = [pair for pair in pairs if {*pair} <= {*routing.pool.prefixes}]
    assert 60 < len(of_the_data) < 140


def test_pools_hold_what_the_capture_has_and_more(routing: RoutingWorld) -> None:
    pool = routing.pool

    assert {"10.200.8.0/24", "2001:db8:f001::/48"} <= {*pool.prefixes}
    assert {64496, 65550, 64503, 64511} <= {*pool.peers}
    assert {"lab00", "rrc00", "route-views2"} <= {*pool.collectors}
    assert len(pool.prefixes) > 900


def test_a_day_that_is_named_once_is_that_of_every_time(bgp_seeds: Seeds, routing: RoutingWorld) -> None:
    intent = bgp_seeds.intents["updates.count"]
    days = Counter[bool]()
    for seed in range(200):
        example = filled(routing, intent, "How many {kind} were there from {time} to {time2}?", seed)
        times = [*re.findall(r'_time="([^"]*)"', example.program)]
        days.update(time not in example.question for time in times)
        assert all(is_named(time, example.question) for time in times), example

    assert 0 < days[True] < days[False]


def test_a_peer_is_named_by_its_address_now_and_then(bgp_seeds: Seeds, routing: RoutingWorld) -> None:
    intent = bgp_seeds.intents["updates.of_peer"]
    found = [filled(routing, intent, "How many {kind} did {peer} send?", seed) for seed in range(200)]

    by_address = [example for example in found if "peer_address=" in example.program]
    assert 10 < len(by_address) < 60
    for example in by_address:
        (address,) = re.findall(r'peer_address="([^"]*)"', example.program)
        assert f"did {address} send" in example.question
        assert "peer_asn" not in example.program


def test_lengths_of_bins_are_seconds(bgp_seeds: Seeds, routing: RoutingWorld) -> None:
    series = bgp_seeds.intents["updates.series"]
    intent = series.model_copy(update={"program": series.program.replace("{seconds}", "{span}")})
    found = {
        re.search(r"in (.*?) bins", example.question)[1]: example.program.rpartition("=")[2]
        for seed in range(300)
        for example in [filled(routing, intent, "Show the updates in {span} bins, please.", seed)]
        if example.question.startswith("Show")
    }

    assert found["30-second"] == found["half-minute"] == "30)"
    assert found["quarter-hour"] == "900)"
