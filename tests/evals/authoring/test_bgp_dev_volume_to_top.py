"""Answers of the suite's families 1 to 4 against the scenario and bgpdump."""

from collections import Counter
from statistics import fmean, median

import pytest

# Lists as sets where their order is the functions' affair.
EXPECTED = {
    "1.1": lambda lab: lab.count(),
    "1.2": lambda lab: sum(peer["withdrawals"] for peer in lab.scenario["updates"].values()),
    "1.3": lambda lab: lab.count("A", prefix="10.200.8.0/24"),
    "1.4": lambda lab: lab.count("W", prefix="10.35.40.0/24"),
    "1.5": lambda lab: lab.count("A", 170, 185, peer_asn=65550),
    "1.6": lambda lab: lab.count("A", 60, 100),
    "1.7": lambda lab: lab.count("W", origin=65545),
    "1.8": lambda lab: lab.count("A", origin=65542),
    "1.9": lambda lab: [{"key": asn, **lab.volume(peer_asn=asn)} for asn in lab.most("peer_asn", top=4)],
    "1.10": lambda lab: [
        {"time": lab.at(start), **lab.volume(start, start + 60)} for start in range(0, 240, 60)
    ],
    "1.11": lambda lab: max(lab.bins("A", 10)),
    "1.12": lambda lab: lab.at(60 * max(range(4), key=lab.bins("AW", 60).__getitem__)),
    "1.13": lambda lab: median(lab.bins("A", 30)),
    "1.14": lambda lab: lab.count("W", 0, 40) > 0,
    "1.15": lambda lab: lab.count("W", peer_asn=64503) > 0,
    "1.16": lambda lab: lab.count("A", prefix="2001:db8:1800::/48"),
    "1.17": lambda lab: lab.count("A", origin=64999),
    "1.18": lambda lab: lab.count("AW", 180, 240, version=4),
    "1.19": lambda lab: lab.count("W", peer_asn=64496, version=6),
    "1.20": lambda lab: lab.count(inside="10.200.0.0/16"),
    "1.21": lambda lab: len({line.prefix for line in lab.told("A")}),
    "1.22": lambda lab: len({line.prefix for line in lab.told("W", 105, 135)}),
    "1.23": lambda lab: {line.prefix for line in lab.told("A", peer_asn=64503)},
    "1.24": lambda lab: {line.prefix for line in lab.told("W")} - {line.prefix for line in lab.last},
    "1.25": lambda lab: lab.at(lab.told("W")[0].time),
    "1.26": lambda lab: lab.at(lab.updates[-1].time),
    "1.27": lambda lab: len({line.peer_asn for line in lab.told("W")}),
    "1.28": lambda lab: lab.count("A", 200, 225, prefix="10.13.0.0/21") > 0,
    "1.29": lambda lab: lab.count("W", 95, 120, peer_asn=64511, version=4),
    "1.30": lambda lab: lab.count(prefix="2001:db8:2304::/48"),
    "1.31": lambda lab: {line.prefix for line in lab.told("A", 40, 50, version=6)},
    "1.32": lambda lab: {line.prefix for line in lab.told("W", 0, 90, peer_asn=64496)},
    "2.1": lambda lab: lab.prefixes(origin=65541, version=6),
    "2.2": lambda lab: lab.prefixes(origin=65536, version=4),
    "2.3": lambda lab: 65540 in lab.origins(prefix="10.30.16.0/24"),
    "2.4": lambda lab: 64509 in lab.origins(prefix="10.24.8.0/22"),
    "2.5": lambda lab: lab.prefixes(lambda line: "65537" in line.path) - lab.prefixes(origin=65537),
    "2.6": lambda lab: len(lab.prefixes(lambda line: "64498" in line.path) - lab.prefixes(origin=64498)),
    "2.7": lambda lab: lab.single(lab.origins(0, 135, prefix="10.200.12.0/24")),
    "2.8": lambda lab: lab.single(lab.origins(180, prefix="10.200.12.0/24")),
    "2.9": lambda lab: bool(lab.moved(prefix="10.200.12.0/24")),
    "2.10": lambda lab: lab.at(lab.moved(prefix="10.200.12.0/24")[0].time),
    "2.11": lambda lab: {line.prefix for line in lab.moved()},
    "2.12": lambda lab: len(lab.moved(peer_asn=64496)),
    "2.13": lambda lab: lab.event("origin_change")["new_origin"],
    "2.14": lambda lab: lab.single(lab.origins(prefix="2001:db8:2901::/48")),
    "2.15": lambda lab: lab.origins(inside="10.200.0.0/16"),
    "2.16": lambda lab: len(lab.origins()),
    "2.17": lambda lab: lab.origins(peer_asn=64503),
    "2.18": lambda lab: lab.event("new_prefix")["from_utc"],
    "2.19": lambda lab: 65551 in lab.origins(prefix="192.0.2.0/24"),
    "2.20": lambda lab: len({line.peer for line in lab.seen(prefix="10.200.1.0/24", origin=65538)}),
    "2.21": lambda lab: lab.prefixes(origin=4200000001),
    "2.22": lambda lab: {*lab.event("aggregate")["members"]},
    "2.23": lambda lab: len(lab.prefixes(origin=64500, peer_asn=65550)),
    "2.24": lambda lab: lab.origins(prefix="203.0.113.0/24"),
    "2.25": lambda lab: lab.single(lab.origins(prefix="192.0.2.0/24", peer_asn=65550)),
    "2.26": lambda lab: sum(
        len({line.origins for line in lab.seen(prefix=prefix)}) > 1 for prefix in lab.prefixes()
    ),
    "3.1": lambda lab: max(len(line.hops) for line in lab.seen()),
    "3.2": lambda lab: max(len(line.path) for line in lab.seen()),
    "3.3": lambda lab: min(len(line.hops) for line in lab.seen(prefix="10.38.8.0/22")),
    "3.4": lambda lab: fmean(len(line.hops) for line in lab.seen()),
    "3.5": lambda lab: median(len(line.hops) for line in lab.seen(version=6)),
    "3.6": lambda lab: max(len(line.hops) for line in lab.seen(origin=65546)),
    "3.7": lambda lab: lab.single(
        line.text for line in lab.last if line.prefix == "10.200.9.0/24" and line.peer_asn == 65550
    ),
    "3.8": lambda lab: {line.text for line in lab.last if line.prefix == "10.200.10.0/24"},
    "3.9": lambda lab: len(lab.changes()),
    "3.10": lambda lab: len(lab.changes(prefix="10.13.24.0/21")),
    "3.11": lambda lab: len(lab.changes(peer_asn=64511)),
    "3.12": lambda lab: bool(lab.changes(50, 85, prefix="10.19.0.0/21", peer_asn=64496)),
    "3.13": lambda lab: lab.at(lab.changes(prefix="10.19.48.0/21", peer_asn=64496)[0].time),
    "3.14": lambda lab: lab.changes(prefix="2001:db8:1300::/48", peer_asn=64496)[0].text,
    "3.15": lambda lab: len({line.prefix for line in lab.changes(195, 225)}),
    "3.16": lambda lab: [
        {"length": length, "routes": number}
        for length, number in sorted(Counter(len(line.path) for line in lab.seen(peer_asn=64503)).items())
    ],
    "3.17": lambda lab: len(lab.changes(0, 50)),
    "3.18": lambda lab: len(lab.changes(version=6)),
    "3.19": lambda lab: {line.peer_asn for line in lab.changes(prefix="10.13.72.0/21")},
    "3.20": lambda lab: fmean(len(line.path) for line in lab.seen(origin=65540)),
    "3.21": lambda lab: lab.single(lab.leading(len(line.hops) for line in lab.seen())),
    "3.22": lambda lab: bool(lab.changes(prefix="10.22.0.0/21")),
    "3.23": lambda lab: sum(len(line.hops) == 5 for line in lab.seen()),
    "3.24": lambda lab: (
        fmean(len(line.hops) for line in lab.seen(version=4))
        > fmean(len(line.hops) for line in lab.seen(version=6))
    ),
    "4.1": lambda lab: lab.most("peer_asn", "A", top=3),
    "4.2": lambda lab: lab.single(lab.most("peer_asn")),
    "4.3": lambda lab: lab.single(lab.most("origin", "W")),
    "4.4": lambda lab: lab.most("origin", "W", top=2),
    "4.5": lambda lab: lab.single(lab.most("version")),
    "4.6": lambda lab: lab.single(lab.most("prefix", peer_asn=64511)),
    "4.7": lambda lab: lab.single(lab.most("peer_asn", "W", 110, 140)),
    "4.8": lambda lab: lab.most("peer_asn", top=4)[-1],
    "4.9": lambda lab: lab.single(lab.most("peer", "W")),
    "4.10": lambda lab: max(Counter(line.prefix for line in lab.updates).values()),
    "4.11": lambda lab: lab.single(lab.most("origin", peer_asn=65550)),
    "4.12": lambda lab: [{"key": version, **lab.volume(version=version)} for version in (4, 6)],
    "4.13": lambda lab: lab.count(version=6) / lab.count(),
    "4.15": lambda lab: lab.most("peer_asn", version=6, top=2),
    "4.16": lambda lab: lab.single(lab.most("origin", "A", 120, 170)),
    "4.17": lambda lab: lab.single(lab.most("prefix", "A", inside="10.200.0.0/16")),
    "4.18": lambda lab: lab.single(lab.most("peer_asn", "AW", 0, 60)),
    "4.19": lambda lab: [{"key": peer, **lab.volume(peer=peer)} for peer in lab.most("peer", top=7)],
    "1.33": lambda lab: lab.count("A", 0, 60),
    "2.27": lambda lab: {line.prefix for line in lab.during(20, 80, origin=65538, peer_asn=64503)},
    "3.25": lambda lab: lab.single(
        line.text for line in lab.last if line.prefix == "2001:db8:2000::/48" and line.peer_asn == 64511
    ),
    "1.34": lambda lab: {lab.at(line.time) for line in lab.told("W", peer_asn=64511, prefix="10.200.8.0/24")},
    "1.35": lambda lab: lab.at(
        lab.single(line.time for line in lab.told("W", peer_asn=65550, prefix="10.200.24.0/24"))
    ),
    "1.36": lambda lab: {line.peer_asn for line in lab.told("W", prefix="10.200.1.0/24")},
    "1.37": lambda lab: len({line.prefix for line in lab.told("W", peer_asn=64511)}),
}


@pytest.mark.parametrize("number", EXPECTED)
def test_answers_are_what_the_scenario_and_bgpdump_say(lab, agrees, number):
    assert agrees(number, EXPECTED[number](lab))
