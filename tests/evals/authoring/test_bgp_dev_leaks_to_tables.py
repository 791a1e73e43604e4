"""Answers of the suite's families 10 to 15 against the scenario and bgpdump."""

import re
from collections import Counter
from itertools import groupby

import pytest

# Lists as sets where their order is the functions' affair.
EXPECTED = {
    "10.1": lambda lab: {prefix for prefix in lab.event("route_leak")["prefixes"] if ":" in prefix},
    "10.2": lambda lab: lab.event("route_leak")["from_utc"],
    "10.3": lambda lab: lab.event("route_leak")["until_utc"],
    "10.4": lambda lab: lab.seen_by(lab.event("route_leak")),
    "10.5": lambda lab: int(lab.event("route_leak")["summary"][-3]),
    "10.6": lambda lab: lab.event("route_leak")["from_provider"],
    "10.7": lambda lab: lab.event("route_leak")["to_provider"],
    "10.8": lambda lab: lab.event("route_leak")["leaker"] == 64504,
    "10.9": lambda lab: lab.event("route_leak")["origin"],
    "10.10": lambda lab: bool(lab.valleys(120)),
    "10.11": lambda lab: "10.19.24.0/21" in lab.event("route_leak")["prefixes"],
    "10.12": lambda lab: "10.18.0.0/21" in lab.event("route_leak")["prefixes"],
    "10.13": lambda lab: lab.single(
        {path["path"] for path in lab.event("route_leak")["paths"] if path["prefix"] == "10.19.16.0/24"}
    ),
    "10.14": lambda lab: len({line.prefix for line in lab.valleys(peer_asn=65550)}),
    "10.15": lambda lab: len({line.peer for line in lab.valleys()}),
    "11.1": lambda lab: lab.before(65545, at_end=True),
    "11.2": lambda lab: len(lab.before(64499, at_end=True)),
    "11.3": lambda lab: lab.beside(65536),
    "11.4": lambda lab: lab.after(64498),
    "11.5": lambda lab: 64506 in lab.beside(64500),
    "11.6": lambda lab: lab.single(lab.before(65547, at_end=True)),
    "11.7": lambda lab: len(lab.beside(65550)),
    "11.8": lambda lab: lab.before(64508, at_end=True, peer_asn=65550),
    "11.9": lambda lab: lab.before(65543, at_end=True, version=6),
    "11.10": lambda lab: lab.beside(64999),
    "11.11": lambda lab: 65550 in lab.beside(64509),
    "11.13": lambda lab: len({pair for line in lab.seen() for pair in line.pairs}),
    "11.14": lambda lab: len(lab.before(65546, at_end=True)) > 1,
    "11.15": lambda lab: lab.after(65536),
    "11.16": lambda lab: len(lab.prefixes(lambda line: (64502, 65549) in line.pairs)),
    "11.17": lambda lab: {
        one for line in lab.told("A", 200, 215, origin=64499) for one, other in line.pairs if other == 64499
    },
    "11.18": lambda lab: len(lab.after(64501)),
    "11.19": lambda lab: lab.before(64497),
    "11.20": lambda lab: (
        len(
            {one for line in lab.last if 65548 in line.origins for one, other in line.pairs if other == 65548}
        )
        > 1
    ),
    "11.21": lambda lab: lab.before(64509, at_end=True),
    "11.22": lambda lab: {int(hop) for line in lab.seen(prefix="2001:db8:1f01::/48") for hop in line.path},
    "12.1": lambda lab: {asn for _, asn in lab.runs()},
    "12.2": lambda lab: lab.runs()[-1][0],
    "12.3": lambda lab: lab.runs()[-1][1],
    "12.4": lambda lab: {*lab.event("prepending", asn=64498)["prefixes"]},
    "12.5": lambda lab: lab.event("prepending", asn=64508)["times"],
    "12.6": lambda lab: any(asn == 64504 for _, asn in lab.runs()),
    "12.7": lambda lab: len(lab.event("prepending", asn=65540)["prefixes"]),
    "12.8": lambda lab: {asn for _, asn in lab.runs(version=6)},
    "12.9": lambda lab: {asn for _, asn in lab.runs(4)},
    "12.10": lambda lab: bool(lab.looped()),
    "12.11": lambda lab: lab.event("path_loop")["prefix"],
    "12.12": lambda lab: lab.single(lab.looped(peer_asn=65550)),
    "12.13": lambda lab: {
        event["private_asn"] for event in lab.scenario["events"] if event["kind"] == "private_asn"
    },
    "12.14": lambda lab: {
        event["prefix"] for event in lab.scenario["events"] if event["kind"] == "private_asn"
    },
    "12.15": lambda lab: lab.event("private_asn", private_asn=64512)["from_utc"],
    "12.16": lambda lab: bool(lab.prefixes(lambda line: "23456" in line.path)),
    "12.17": lambda lab: len(
        {int(asn) for line in lab.seen() for asn in re.findall(r"\d+", line.text)} - {64512, 4200000001}
    ),
    "12.18": lambda lab: lab.event("path_loop")["asn"],
    "12.19": lambda lab: {
        int(hop) for line in lab.told("A", 120, 130) for hop, same in groupby(line.path) if len([*same]) > 1
    },
    "12.20": lambda lab: len({line.prefix for line in lab.last if len(line.hops) < len(line.path)}),
    "13.1": lambda lab: len({prefix for prefix, *_ in lab.rpki("invalid_asn", "invalid_length")}),
    "13.2": lambda lab: {prefix for prefix, *_ in lab.rpki("invalid_asn")},
    "13.3": lambda lab: {prefix for prefix, *_ in lab.rpki("invalid_asn", "invalid_length")},
    "13.4": lambda lab: lab.single(
        entry["state"] for entry in lab.scenario["rpki"] if entry["prefix"] == "10.200.16.0/22"
    ),
    "13.5": lambda lab: len(lab.rpki("valid")),
    "13.6": lambda lab: ("10.10.0.0/21", 64496) in lab.rpki("valid"),
    "13.7": lambda lab: ("10.11.0.0/21", 64497) not in lab.rpki("not_found"),
    "13.8": lambda lab: {prefix for prefix, *_ in lab.rpki("invalid_asn", "invalid_length", version=6)},
    "13.9": lambda lab: len({prefix for prefix, *_ in lab.rpki("not_found", version=6)}),
    "13.10": lambda lab: {asn for _, *asns in lab.rpki("invalid_asn", "invalid_length") for asn in asns},
    "13.11": lambda lab: ("192.0.2.0/24", 65551) in lab.rpki("valid"),
    "13.12": lambda lab: lab.at(0),
    "13.13": lambda lab: len(lab.vrps),
    "13.14": lambda lab: {prefix for prefix, *_ in lab.rpki("invalid_length", origin=64498)},
    "13.15": lambda lab: bool(lab.rpki("not_found", origin=64510)),
    "13.16": lambda lab: len(
        {prefix for prefix, *_ in lab.rpki("invalid_asn", "invalid_length")} & lab.prefixes(peer_asn=64503)
    ),
    "13.18": lambda lab: len(lab.rpki("invalid_length", origin=64504)),
    "13.19": lambda lab: {prefix for prefix, *_ in lab.rpki("valid", inside="10.200.0.0/16")},
    "13.20": lambda lab: lab.event("private_asn", prefix="10.200.21.0/24")["private_asn"],
    "14.1": lambda lab: lab.event("session_reset")["peer_asn"],
    "14.2": lambda lab: lab.event("session_reset")["from_utc"],
    "14.3": lambda lab: lab.event("session_reset")["until"] - lab.event("session_reset")["from"],
    "14.4": lambda lab: lab.event("session_reset")["peer_address"],
    "14.5": lambda lab: any(line.kind == "STATE" and line.peer_asn == 64511 for line in lab.messages),
    "14.6": lambda lab: sum(line.kind == "STATE" for line in lab.messages),
    "14.7": lambda lab: sum(line.state == "1" for line in lab.messages),
    "14.8": lambda lab: lab.event("outage")["asn"],
    "14.9": lambda lab: len(lab.event("outage")["prefixes"]),
    "14.10": lambda lab: lab.event("outage")["until"] - lab.event("outage")["from"],
    "14.11": lambda lab: any(not lab.held(second, origin=64502) for second in range(240)),
    "14.12": lambda lab: sum(":" in prefix for prefix in lab.event("outage")["prefixes"]),
    "14.13": lambda lab: lab.event("outage")["from_utc"] < lab.at(90),
    "14.14": lambda lab: any(line.kind == "STATE" and line.time < 120 for line in lab.messages),
    "14.15": lambda lab: lab.event("session_reset")["peer_address"],
    "14.17": lambda lab: not lab.held(120, origin=65545),
    "14.19": lambda lab: lab.prefixes(origin=65545) - {line.prefix for line in lab.held(120)},
    "14.20": lambda lab: any(not lab.held(second, origin=64505) for second in range(240)),
    "14.21": lambda lab: lab.at(min(line.time for line in lab.told("A", 110, origin=65545))),
    "14.22": lambda lab: sum(line.state == "1" and line.peer_asn == 64496 for line in lab.messages),
    "15.1": lambda lab: len({line.prefix for line in lab.held(120)}),
    "15.2": lambda lab: len(lab.last),
    "15.3": lambda lab: len({line.prefix for line in lab.last}),
    "15.4": lambda lab: len(lab.held(175, peer_asn=65550)),
    "15.5": lambda lab: lab.single(lab.origins_at(50, prefix="192.0.2.0/24", peer_asn=64496)),
    "15.6": lambda lab: bool(lab.held(120, prefix="10.35.0.0/21")),
    "15.7": lambda lab: any(line.prefix == "10.200.24.0/24" for line in lab.last),
    "15.8": lambda lab: lab.single(
        line.text for line in lab.held(210, prefix="10.13.0.0/21", peer_asn=64496)
    ),
    "15.10": lambda lab: len({asn for line in lab.last for asn in line.origins}),
    "15.11": lambda lab: (
        {line.prefix for line in lab.during(180, 240)} - {line.prefix for line in lab.during(0, 60)}
    ),
    "15.12": lambda lab: (
        {line.prefix for line in lab.during(0, 90)} - {line.prefix for line in lab.during(210, 240)}
    ),
    "15.13": lambda lab: {
        prefix
        for prefix in lab.prefixes()
        if len(
            {frozenset(lab.origins(*window, prefix=prefix)) for window in ((0, 60), (180, 240))}
            - {frozenset()}
        )
        > 1
    },
    "15.14": lambda lab: {line.prefix for line in lab.held(60, origin=65547)},
    "15.15": lambda lab: len(lab.held(120, prefix="10.200.20.0/24")),
    "15.16": lambda lab: min(Counter(line.peer_asn for line in lab.last).items(), key=lambda item: item[1])[
        0
    ],
    "15.17": lambda lab: lab.single(
        lab.leading(asn for _, asn in {(line.prefix, asn) for line in lab.last for asn in line.origins})
    ),
    "15.18": lambda lab: lab.origins_at(45, prefix="10.200.1.0/24"),
    "15.19": lambda lab: len(lab.scenario["peers"]),
    "15.20": lambda lab: {*lab.peer_asns.values()},
    "15.21": lambda lab: len({line.prefix for line in lab.first if line.version == 4}),
    "15.22": lambda lab: any(line.prefix == "10.200.23.0/24" and line.peer_asn == 64503 for line in lab.last),
    "15.23": lambda lab: len(lab.held(72, prefix="10.200.8.0/24")),
    "15.24": lambda lab: len(lab.held(176)),
    "15.25": lambda lab: len({line.prefix for line in lab.held(90) if line.prefix.endswith("/24")}),
    "15.26": lambda lab: len({line.prefix for line in lab.last}) - len({line.prefix for line in lab.first}),
    "15.27": lambda lab: lab.at(
        min(spell.start for spell in lab.spells if spell.line.fits(prefix="10.200.23.0/24", peer_asn=65550))
    ),
    "15.28": lambda lab: (
        {line.prefix for line in lab.last if line.peer_asn == 64503}
        - {line.prefix for line in lab.last if line.peer_asn != 64503}
    ),
    "11.23": lambda lab: lab.after(64503, peer_asn=65550),
    "15.29": lambda lab: lab.single(
        line.text for line in lab.held(30, prefix="2001:db8:d01::/48", peer_asn=65550)
    ),
    "15.30": lambda lab: len(lab.held(80, origin=64506)),
    "15.31": lambda lab: len({line.peer_asn for line in lab.last if line.version == 6}),
    "15.32": lambda lab: lab.at(max(line.time for line in lab.told("W", prefix="2001:db8:f001::/48"))),
}


@pytest.mark.parametrize("number", EXPECTED)
def test_answers_are_what_the_scenario_and_bgpdump_say(lab, agrees, number):
    assert agrees(number, EXPECTED[number](lab))
