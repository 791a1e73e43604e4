"""Answers of the suite's families 5 to 9 against the scenario and bgpdump."""

from statistics import fmean

import pytest

# Lists as sets where their order is the functions' affair.
EXPECTED = {
    "5.1": lambda lab: max(line.med for line in lab.seen()),
    "5.2": lambda lab: max(line.local_pref for line in lab.seen()),
    "5.3": lambda lab: lab.single(
        lab.leading(community for line in lab.seen() for community in line.communities)
    ),
    "5.4": lambda lab: {lab.event("blackhole")["prefix"]},
    "5.5": lambda lab: {line.prefix for line in lab.carriers("no-export")},
    "5.6": lambda lab: lab.event("blackhole")["origin"],
    "5.7": lambda lab: len(lab.event("graceful_shutdown")["prefixes"]),
    "5.8": lambda lab: bool(lab.carriers("no-advertise")),
    "5.10": lambda lab: {
        community for line in lab.seen(prefix="10.200.24.0/24") for community in line.communities
    },
    "5.11": lambda lab: len(lab.carriers("64496:1009")),
    "5.12": lambda lab: lab.event("blackhole")["from_utc"],
    "5.13": lambda lab: {line.peer for line in lab.carriers("64503:100")},
    "5.14": lambda lab: lab.event("attribute_change")["med"],
    "5.15": lambda lab: any(line.med == 40 for line in lab.seen()),
    "5.16": lambda lab: sum(line.local_pref == 300 for line in lab.seen()),
    "5.17": lambda lab: lab.event("graceful_shutdown")["origin"],
    "5.18": lambda lab: fmean(line.med for line in lab.told("A", 200, 210, peer_asn=64496)),
    "5.19": lambda lab: {line.prefix for line in lab.carriers("65535:0", version=6)},
    "5.20": lambda lab: len({community for line in lab.seen() for community in line.communities}),
    "5.21": lambda lab: any("65535:0" in line.communities for line in lab.during(180)),
    "6.1": lambda lab: {lab.event("flap")["prefix"]},
    "6.2": lambda lab: lab.event("flap")["cycles"]["198.51.100.14"],
    "6.3": lambda lab: lab.single(
        lab.leading(spell.line.peer_asn for spell in lab.flaps(prefix="10.200.8.0/24"))
    ),
    "6.4": lambda lab: max(
        spell.end - spell.start for spell in lab.flaps(prefix="10.35.72.0/21", peer_asn=65550)
    ),
    "6.5": lambda lab: {spell.line.prefix for spell in lab.flaps(version=6)},
    "6.6": lambda lab: len({spell.line.prefix for spell in lab.flaps()}),
    "6.7": lambda lab: lab.at(min(spell.start for spell in lab.flaps(prefix="10.200.8.0/24"))),
    "6.8": lambda lab: max(lab.penalties(prefix="10.200.8.0/24").values()) > 6000,
    "6.9": lambda lab: max(lab.penalties(prefix="10.200.8.0/24").values()) > 2000,
    "6.10": lambda lab: {prefix for (_, prefix), penalty in lab.penalties().items() if penalty > 3000},
    "6.11": lambda lab: {spell.line.peer_asn for spell in lab.flaps(prefix="2001:db8:2300::/48")},
    "6.12": lambda lab: bool(lab.flaps(0, 60)),
    "6.13": lambda lab: sum(lab.event("flap")["cycles"].values()),
    "6.14": lambda lab: lab.event("flap")["gap_s"],
    "6.15": lambda lab: len({spell.line.prefix for spell in lab.flaps(origin=65545, peer_asn=64496)}),
    "6.16": lambda lab: {spell.line.prefix for spell in lab.flaps(65, 105)},
    "6.17": lambda lab: bool(lab.flaps(origin=64504)),
    "7.1": lambda lab: lab.seen_by(lab.event("hijack")),
    "7.2": lambda lab: lab.event("subprefix_hijack", victim=64502)["from_utc"],
    "7.3": lambda lab: lab.event("hijack")["until_utc"],
    "7.4": lambda lab: any(
        event["kind"].endswith("hijack") and event["victim"] == 64502 for event in lab.scenario["events"]
    ),
    "7.5": lambda lab: {lab.event("subprefix_hijack", victim=65549)["prefix"]},
    "7.6": lambda lab: lab.event("subprefix_hijack", victim=65549)["hijacker"],
    "7.7": lambda lab: bool(lab.foreign(64500)),
    "7.8": lambda lab: bool(lab.foreign(64508)),
    "7.9": lambda lab: lab.origins(inside="10.200.16.0/22") - {65543},
    "7.10": lambda lab: len(lab.event("subprefix_hijack", victim=65549)["seen_by"]),
    "7.11": lambda lab: (
        max(spell.end for spell in lab.spells if spell.line.fits(prefix="192.0.2.0/24", origin=65551))
        - min(spell.start for spell in lab.spells if spell.line.fits(prefix="192.0.2.0/24", origin=65551))
    ),
    "7.12": lambda lab: {asn for _, asn in lab.foreign(64505)},
    "7.13": lambda lab: bool({asn for _, asn in lab.foreign(64505)} - {65538}),
    "7.14": lambda lab: {*lab.event("moas", prefix="203.0.113.0/24")["origins"]} - {64506},
    "7.15": lambda lab: lab.origins(120, prefix="192.0.2.0/24") != {64499},
    "7.16": lambda lab: 65547 in lab.origins(inside="10.200.4.0/22"),
    "7.17": lambda lab: any(":" not in prefix for prefix, _ in lab.foreign(65549)),
    "7.18": lambda lab: {prefix for prefix, _ in lab.foreign(64499)},
    "7.19": lambda lab: lab.origins(prefix="192.0.2.0/24", peer_asn=65550) != {64499},
    "7.20": lambda lab: lab.event("subprefix_hijack", prefix="10.200.6.0/24")["victim"],
    "7.21": lambda lab: lab.seen_by(lab.event("subprefix_hijack", victim=64502)),
    "7.22": lambda lab: bool(lab.foreign(64502, 30, 39)),
    "8.1": lambda lab: {*lab.moas()},
    "8.2": lambda lab: len(lab.moas()),
    "8.3": lambda lab: lab.moas()["10.200.1.0/24"],
    "8.4": lambda lab: any(len(lab.origins_at(second, prefix="10.200.12.0/24")) > 1 for second in range(240)),
    "8.5": lambda lab: lab.event("moas", prefix="10.200.1.0/24")["from_utc"],
    "8.6": lambda lab: lab.event("hijack")["until_utc"],
    "8.7": lambda lab: {prefix for prefix, asns in lab.moas().items() if asns != {64505, 65538}},
    "8.8": lambda lab: len(lab.moas(75, 120)),
    "8.10": lambda lab: any(":" in prefix for prefix in lab.moas()),
    "8.11": lambda lab: lab.event("aggregate")["prefix"],
    "8.12": lambda lab: len(lab.event("moas", prefix="203.0.113.0/24")["seen_by"]),
    "8.13": lambda lab: {*lab.moas(120)},
    "8.14": lambda lab: lab.single(lab.moas()["192.0.2.0/24"] - {64499}),
    "8.15": lambda lab: "198.18.0.0/15" in lab.moas(),
    "8.16": lambda lab: {prefix for prefix in lab.moas() if prefix.startswith("10.200.")},
    "8.17": lambda lab: {*lab.moas(0, 25)},
    "8.18": lambda lab: {lab.event("hijack")["victim"], lab.event("hijack")["hijacker"]},
    "8.19": lambda lab: len(lab.moas(35, 36)),
    "9.1": lambda lab: {*lab.event("deaggregation")["prefixes"]},
    "9.2": lambda lab: lab.event("subprefix_hijack", victim=64502)["covering_prefix"],
    "9.3": lambda lab: lab.longest(lab.around("10.200.17.9", 240)),
    "9.4": lambda lab: lab.longest(lab.around("10.200.18.77", 0, 95)),
    "9.5": lambda lab: {lab.event("deaggregation")["origin"]},
    "9.6": lambda lab: bool(lab.event("deaggregation", origin=65543)),
    "9.7": lambda lab: {
        event["prefix"] for event in lab.scenario["events"] if event["kind"] == "subprefix_hijack"
    },
    "9.8": lambda lab: lab.event("deaggregation")["from_utc"],
    "9.9": lambda lab: lab.event("subprefix_hijack", victim=65549)["hijacker"],
    "9.10": lambda lab: bool(lab.prefixes(inside="10.22.0.0/21") - {"10.22.0.0/21"}),
    "9.11": lambda lab: lab.longest(lab.around("10.200.11.1", 130, 150)),
    "9.12": lambda lab: len({line.prefix for line in lab.last if line.prefix.endswith("/22")}),
    "9.13": lambda lab: lab.around("10.44.0.1"),
    "9.14": lambda lab: lab.prefixes(inside="2001:db8:2300::/40"),
    "9.15": lambda lab: len(lab.event("deaggregation")["prefixes"]),
    "9.16": lambda lab: len(lab.around("10.41.8.0/22")) > 1,
    "9.17": lambda lab: lab.prefixes(inside="10.32.0.0/16"),
}


@pytest.mark.parametrize("number", EXPECTED)
def test_answers_are_what_the_scenario_and_bgpdump_say(lab, agrees, number):
    assert agrees(number, EXPECTED[number](lab))
