"""The suite against its sources, the script of the capture, and another reader of MRT files."""

import ast
import json
import shutil
import subprocess
from collections import Counter
from ipaddress import ip_network
from itertools import groupby, pairwise
from statistics import fmean, median
from typing import NamedTuple

import pytest

from herdwick.evals.authoring.bgp_dev import SUITE, read_intents, read_questions, rows
from herdwick.evals.rows import Refused, read_rows
from herdwick.tools.bgp.toolkit import SAMPLE, BGPToolkit
from herdwick.tools.domain import get_domain
from herdwick.tools.sandbox import ProgramSandbox
from herdwick.tools.tool import functions_of

LAB = SAMPLE / "lab00"
START = 1767225600
ROWS = {row.id: row for row in read_rows(SUITE)}


class Line(NamedTuple):
    """A line of `bgpdump -m`; `time` in seconds of the scenario."""

    kind: str
    time: int
    peer: str
    peer_asn: int
    prefix: str
    path: tuple[str, ...]
    communities: tuple[str, ...]
    med: int

    @property
    def origins(self):
        return {int(asn) for asn in self.path[-1].strip("{}").split(",")} if self.path else set()

    @property
    def hops(self):
        """The path without prepending."""
        return [hop for hop, _ in groupby(self.path)]

    @property
    def version(self):
        return 6 if ":" in self.prefix else 4


def read(name):
    text = subprocess.run(["bgpdump", "-m", LAB / name], capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        _, time, kind, peer, asn, prefix, *more = line.split("|")
        path, communities = (more[0], more[5]) if len(more) > 5 else ("", "")
        med = int(more[4]) if len(more) > 5 else 0
        at = int(time) - START
        kind = {"B": "R"}.get(kind, kind)
        yield Line(kind, at, peer, int(asn), prefix, (*path.split(),), (*communities.split(),), med)


class Capture:
    """What bgpdump reads in the capture's files, and the script that the capture was made by."""

    def __init__(self):
        self.scenario = json.loads((SAMPLE / "scenario.json").read_text(encoding="utf-8"))
        self.peer_asns = {peer["address"]: peer["asn"] for peer in self.scenario["peers"]}
        self.first = [*read("rib.20260101.0000.gz")]
        self.messages = [*read("updates.20260101.0000.gz")]
        self.last = [*read("rib.20260101.0004.gz")]
        self.updates = [line for line in self.messages if line.kind in "AW"]
        self.routes = [*self.first, *(line for line in self.updates if line.kind == "A"), *self.last]

    def count(self, kinds="AW", start=0, end=240, **wanted):
        """How many updates there were."""
        return sum(
            line.kind in kinds
            and start <= line.time < end
            and all(getattr(line, name) == value for name, value in wanted.items())
            for line in self.updates
        )

    def most(self, name, kinds="AW", start=0, end=240, top=1, **wanted):
        """The values that most updates have, the most first."""
        counts = Counter(
            getattr(line, name)
            for line in self.updates
            if line.kind in kinds and start <= line.time < end
            if all(getattr(line, key) == value for key, value in wanted.items())
        )
        return [key for key, _ in counts.most_common(top)]

    def bins(self, kinds, seconds):
        return [self.count(kinds, start, start + seconds) for start in range(0, 240, seconds)]

    def prefixes(self, chosen):
        return {line.prefix for line in self.routes if chosen(line)}

    def originated(self, asn, versions=(4, 6)):
        return self.prefixes(lambda line: asn in line.origins and line.version in versions)

    def origins(self, prefix, start=0, end=241, **wanted):
        return {
            asn
            for line in self.routes
            if line.prefix == prefix and start <= line.time < end
            if all(getattr(line, name) == value for name, value in wanted.items())
            for asn in line.origins
        }

    def held(self, time):
        """The table of a moment: the first one, with what was told since."""
        table = {(line.peer, line.prefix): line for line in self.first}
        for line in self.messages:
            if line.time > time:
                break
            if line.kind == "STATE" and line.prefix == "6":
                table = {key: route for key, route in table.items() if key[0] != line.peer}
            elif line.kind == "A":
                table[line.peer, line.prefix] = line
            elif line.kind == "W":
                table.pop((line.peer, line.prefix), None)
        return [*table.values()]

    def changes(self, start=0, end=240):
        """Routes replaced by others with another path."""
        table = {(line.peer, line.prefix): line.path for line in self.first}
        found = []
        for line in self.messages:
            key = (line.peer, line.prefix)
            if line.kind == "STATE" and line.prefix == "6":
                table = {key: path for key, path in table.items() if key[0] != line.peer}
            elif line.kind == "W":
                table.pop(key, None)
            elif line.kind == "A":
                if table.get(key, line.path) != line.path and start <= line.time < end:
                    found.append(line)
                table[key] = line.path
        return found

    def within(self, prefix):
        outer = ip_network(prefix)
        return {
            inner
            for inner in self.prefixes(lambda line: line.version == outer.version and line.prefix != prefix)
            if ip_network(inner).subnet_of(outer)
        }

    def around(self, prefix, end=241):
        inner = ip_network(prefix)
        found = self.prefixes(lambda line: line.version == inner.version and line.time < end)
        return {outer for outer in found if inner.subnet_of(ip_network(outer))}

    def beside(self, asn, sides=(-1, 1), origin_only=False):
        """The ASes next to one in paths: before it (-1), after it (1)."""
        pairs = {
            pair
            for line in self.routes
            for pair in pairwise(line.hops)
            if not origin_only or pair[1] == line.path[-1]
        }
        before = {int(one) for one, other in pairs if other == str(asn)} if -1 in sides else set()
        after = {int(other) for one, other in pairs if one == str(asn) and "{" not in other}
        return before | (after if 1 in sides else set())

    def runs(self, versions=(4, 6), least=2):
        """How often ASes stand in a row: (times, AS)."""
        found = {
            (len([*same]), int(hop))
            for line in self.routes
            if line.version in versions
            for hop, same in groupby(line.path)
            if "{" not in hop
        }
        return sorted(run for run in found if run[0] >= least)

    def looped(self, **wanted):
        return {
            " ".join(line.path)
            for line in self.routes
            if len(set(line.hops)) < len(line.hops)
            if all(getattr(line, name) == value for name, value in wanted.items())
        }

    def carriers(self, community):
        return [line for line in self.routes if community in line.communities]

    def event(self, kind, **wanted):
        (found,) = [
            event
            for event in self.scenario["events"]
            if event["kind"] == kind and all(event[name] == value for name, value in wanted.items())
        ]
        return found

    def moas(self, start=0, end=240):
        return {
            entry["prefix"]
            for entry in self.scenario["multiple_origins"]
            if entry["from"] - START < end and entry["until"] - START > start
        }

    def rpki(self, *states, versions=(4, 6)):
        return {
            (entry["prefix"], *entry["origins"])
            for entry in self.scenario["rpki"]
            if entry["state"] in states and (6 if ":" in entry["prefix"] else 4) in versions
        }

    def seen_by(self, event):
        return {self.peer_asns[peer] for peer in event["seen_by"]}


INVALID = ("invalid_asn", "invalid_length")

# Lists as sets where their order is the functions' affair.
EXPECTED = {
    "1.updates.count.1": lambda lab: sum(peer["withdrawals"] for peer in lab.scenario["updates"].values()),
    "1.updates.count.2": lambda lab: lab.count("A", 60, 180),
    "1.updates.count.3": lambda lab: lab.count(version=6),
    "1.updates.of_as.1": lambda lab: sum(
        lab.count(prefix=prefix) for prefix in lab.event("outage")["prefixes"]
    ),
    "1.updates.of_prefix.1": lambda lab: sum(lab.event("flap")["cycles"].values()),
    "1.updates.of_prefix.2": lambda lab: lab.count("A", 0, 120, prefix="192.0.2.0/24"),
    "1.updates.within_prefix.1": lambda lab: sum(
        lab.count(prefix=prefix) for prefix in lab.within("10.35.0.0/16")
    ),
    "1.updates.of_peer.1": lambda lab: lab.scenario["updates"]["198.51.100.13"]["announcements"],
    "1.updates.of_peer.2": lambda lab: lab.count("W", 105, peer_asn=65550),
    "1.updates.both.1": lambda lab: {
        "key": "total",
        "announcements": lab.count("A", 60, 120),
        "withdrawals": lab.count("W", 60, 120),
        "updates": lab.count("AW", 60, 120),
    },
    "1.updates.rate.1": lambda lab: max(lab.bins("AW", 60)),
    "1.updates.rate.2": lambda lab: median(lab.bins("W", 30)),
    "2.origins.prefixes.1": lambda lab: lab.originated(64499),
    "2.origins.prefixes.2": lambda lab: lab.originated(65543, [6]),
    "2.origins.count_prefixes.1": lambda lab: len(lab.event("outage")["prefixes"]),
    "2.origins.count_prefixes.2": lambda lab: len(lab.originated(65547, [4])),
    "2.origins.transit.1": lambda lab: {*lab.event("route_leak")["prefixes"]},
    "2.origins.count_transit.1": lambda lab: len(
        lab.prefixes(lambda line: "64503" in line.path) - lab.originated(64503)
    ),
    "2.origins.of_prefix.1": lambda lab: {lab.event("new_prefix")["origin"]},
    "2.origins.of_prefix.2": lambda lab: lab.origins("203.0.113.0/24", peer_asn=65550),
    "2.origins.of_prefix.3": lambda lab: {lab.event("origin_change")["old_origin"]},
    "2.origins.changed_prefixes.1": lambda lab: {
        "10.200.1.0/24",
        lab.event("hijack")["prefix"],
        lab.event("origin_change")["prefix"],
    },
    "2.origins.first_seen.1": lambda lab: lab.event("new_prefix")["from_utc"],
    "3.paths.length.1": lambda lab: max(len(line.hops) for line in lab.routes),
    "3.paths.length.2": lambda lab: fmean(len(line.hops) for line in lab.routes if line.peer_asn == 65550),
    "3.paths.length.3": lambda lab: median(len(line.hops) for line in lab.routes if line.version == 6),
    "3.paths.length_prepended.1": lambda lab: max(len(line.path) for line in lab.routes),
    "3.paths.length_prepended.2": lambda lab: fmean(
        len(line.path) for line in lab.routes if 65540 in line.origins
    ),
    "3.paths.common_length.1": lambda lab: Counter(len(line.hops) for line in lab.routes).most_common(1)[0][
        0
    ],
    "3.paths.count_changes.1": lambda lab: len(lab.changes()),
    "3.paths.count_changes.2": lambda lab: sum(line.version == 6 for line in lab.changes()),
    "3.paths.count_changes.3": lambda lab: len(lab.changes(180, 210)),
    "3.paths.most_changed.1": lambda lab: Counter(line.prefix for line in lab.changes()).most_common(1)[0][0],
    "3.paths.to_prefix.1": lambda lab: {path["path"] for path in lab.event("prepending", asn=64508)["paths"]},
    "4.updates.top_prefixes.1": lambda lab: lab.most("prefix", top=2),
    "4.updates.top_prefixes.2": lambda lab: lab.most("prefix", top=2, peer_asn=64511),
    "4.updates.top_prefix.1": lambda lab: lab.most("prefix", "W")[0],
    "4.updates.top_prefix.2": lambda lab: lab.most("prefix", "AW", 60, 120)[0],
    "4.updates.top_prefix.3": lambda lab: lab.most("prefix", "A", 0, 60, version=6)[0],
    "4.updates.top_peers.1": lambda lab: lab.most("peer_asn", top=3),
    "4.updates.top_peers.2": lambda lab: lab.most("peer_asn", top=2, version=6),
    "4.updates.top_peer.1": lambda lab: lab.most("peer_asn", "W")[0],
    "4.updates.top_peer.2": lambda lab: lab.most("peer_asn", "AW", 0, 150)[0],
    "5.attributes.stat.1": lambda lab: max(line.med for line in lab.routes),
    "5.communities.count.1": lambda lab: len(lab.carriers("65535:0")),
    "5.communities.count.2": lambda lab: len(lab.carriers("64503:100")),
    "5.communities.prefixes.1": lambda lab: {lab.event("blackhole")["prefix"]},
    "5.communities.prefixes.2": lambda lab: {
        prefix for prefix in lab.event("graceful_shutdown")["prefixes"] if ":" in prefix
    },
    "5.communities.prefixes.3": lambda lab: {line.prefix for line in lab.carriers("no-export")},
    "5.communities.origins.1": lambda lab: {lab.event("graceful_shutdown")["origin"]},
    "6.flaps.prefixes.1": lambda lab: {lab.event("flap")["prefix"]},
    "6.flaps.prefixes.2": lambda lab: {prefix for prefix in lab.event("outage")["prefixes"] if ":" in prefix},
    "6.flaps.prefixes.3": lambda lab: {lab.event("flap")["prefix"], *lab.event("outage")["prefixes"]},
    "6.flaps.of_prefix.1": lambda lab: sum(lab.event("flap")["cycles"].values()),
    "6.flaps.of_prefix.2": lambda lab: lab.event("flap")["cycles"]["198.51.100.11"],
    "7.hijacks.who.1": lambda lab: {lab.event("hijack")["hijacker"]},
    "7.hijacks.who.2": lambda lab: {lab.event("subprefix_hijack", victim=65549)["hijacker"]},
    "7.hijacks.prefixes_of_as.1": lambda lab: {lab.event("hijack")["prefix"]},
    "7.hijacks.prefixes_of_as.2": lambda lab: {lab.event("subprefix_hijack", victim=65549)["prefix"]},
    "7.hijacks.peers.1": lambda lab: lab.seen_by(lab.event("hijack")),
    "7.hijacks.peers.2": lambda lab: lab.seen_by(lab.event("subprefix_hijack", victim=64502)),
    "8.moas.list.1": lambda lab: lab.moas(),
    "8.moas.list.2": lambda lab: lab.moas(90),
    "8.moas.list.3": lambda lab: lab.moas(0, 25),
    "8.moas.count.1": lambda lab: len(lab.scenario["multiple_origins"]),
    "8.moas.count.2": lambda lab: len(lab.moas(75, 180)),
    "9.prefixes.more_specifics.1": lambda lab: {*lab.event("deaggregation")["prefixes"]},
    "9.prefixes.count_more_specifics.1": lambda lab: len(lab.within("10.35.0.0/16")),
    "9.prefixes.count_more_specifics.2": lambda lab: len(lab.within("10.200.0.0/16")),
    "9.prefixes.covering.1": lambda lab: lab.around("10.200.17.5"),
    "9.prefixes.covering.2": lambda lab: lab.around("10.200.18.1", 60),
    "9.prefixes.longest_match.1": lambda lab: max(
        lab.around("10.35.9.1"), key=lambda prefix: ip_network(prefix).prefixlen
    ),
    "10.leaks.leakers.1": lambda lab: {lab.event("route_leak")["leaker"]},
    "10.leaks.prefixes.1": lambda lab: {*lab.event("route_leak")["prefixes"]},
    "11.topology.upstreams.1": lambda lab: lab.beside(64499, [-1], origin_only=True),
    "11.topology.count_upstreams.1": lambda lab: len(lab.beside(65545, [-1], origin_only=True)),
    "11.topology.neighbours.1": lambda lab: lab.beside(64503),
    "11.topology.count_neighbours.1": lambda lab: len(lab.beside(64498)),
    "11.topology.downstreams.2": lambda lab: lab.beside(65537, [1]),
    "12.prepending.ases.1": lambda lab: {asn for _, asn in lab.runs()},
    "12.prepending.ases.2": lambda lab: {asn for _, asn in lab.runs([6])},
    "12.prepending.longest.1": lambda lab: lab.runs()[-1][0],
    "12.prepending.by_whom.1": lambda lab: lab.runs()[-1][1],
    "12.prepending.over.1": lambda lab: {asn for _, asn in lab.runs(least=4)},
    "12.loops.paths.1": lambda lab: lab.looped(),
    "12.loops.paths.2": lambda lab: lab.looped(peer_asn=64496),
    "13.rpki.count.1": lambda lab: len(lab.rpki(*INVALID)),
    "13.rpki.count.2": lambda lab: len({prefix for prefix, *_ in lab.rpki("valid")}),
    "13.rpki.count.3": lambda lab: len({prefix for prefix, *_ in lab.rpki("not_found", versions=[6])}),
    "13.rpki.list.1": lambda lab: {prefix for prefix, *_ in lab.rpki(*INVALID)},
    "13.rpki.origins.1": lambda lab: {asn for _, *asns in lab.rpki(*INVALID) for asn in asns},
    "14.sessions.down.1": lambda lab: {lab.event("session_reset")["peer_asn"]},
    "14.outages.ases.1": lambda lab: {lab.event("outage")["asn"]},
    "14.outages.start.1": lambda lab: lab.event("outage")["from_utc"],
    "14.outages.end.1": lambda lab: lab.event("outage")["until_utc"],
    "14.outages.lost.1": lambda lab: len(lab.event("outage")["prefixes"]),
    "15.tables.size.1": lambda lab: len({line.prefix for line in lab.held(120)}),
    "15.tables.size.2": lambda lab: len(lab.held(175)),
    "15.tables.size.3": lambda lab: len({line.prefix for line in lab.held(60) if line.version == 6}),
    "15.tables.size_now.1": lambda lab: len({line.prefix for line in lab.last}),
    "15.tables.count_origins.1": lambda lab: len({asn for line in lab.last for asn in line.origins}),
    "15.tables.origin_at.1": lambda lab: {
        asn for line in lab.held(50) if line.prefix == "192.0.2.0/24" for asn in line.origins
    },
    "15.tables.present_at.1": lambda lab: any(line.prefix == "10.35.0.0/21" for line in lab.held(120)),
}


@pytest.fixture(scope="module")
def lab():
    if not shutil.which("bgpdump"):
        pytest.skip("bgpdump is not installed")
    return Capture()


@pytest.fixture(scope="module")
def tags():
    return Counter(tag for row in ROWS.values() for tag in row.tags)


@pytest.mark.parametrize("number", EXPECTED)
def test_answers_are_what_the_scenario_and_bgpdump_say(lab, number):
    answer, expected = ROWS[number].answer, EXPECTED[number](lab)
    if isinstance(expected, set):
        assert len(answer) == len(expected)
        assert set(answer) == expected
    else:
        assert answer == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.slow
def test_the_committed_suite_is_what_its_sources_make(tmp_path):
    domain = get_domain("bgp")
    with BGPToolkit(cache=tmp_path) as toolkit, ProgramSandbox() as sandbox:
        tools = functions_of(toolkit.get_tools())
        run = [*rows(read_questions(), read_intents(), lambda gold: sandbox.run(gold, tools, domain=domain))]
    made = [json.loads(json.dumps(row)) for row in run]
    assert made == [json.loads(line) for line in SUITE.read_text(encoding="utf-8").splitlines()]


def test_a_program_that_follows_another_plan_is_no_gold_program(tmp_path):
    intents = {"flaps.worst": read_intents()["flaps.worst"]}
    question = next(question for question in read_questions() if question.intent == "updates.count")
    stray = question.__class__("1", "6", "flaps.worst", "Which?", question.gold, ())
    with BGPToolkit(cache=tmp_path) as toolkit, ProgramSandbox() as sandbox:
        tools = functions_of(toolkit.get_tools())
        made = rows([stray], intents, lambda gold: sandbox.run(gold, tools, domain=get_domain("bgp")))
        with pytest.raises(ValueError, match="count_updates"):
            next(made)


def test_programs_give_arguments_in_the_declared_order():
    domain = get_domain("bgp")
    for question in read_questions():
        for node in ast.walk(ast.parse(question.gold or "")):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.keywords:
                given = [keyword.arg for keyword in node.keywords]
                if node.func.id != "max":
                    declared = [*domain.function(node.func.id).args_schema.model_fields]
                    assert given == sorted(given, key=declared.index), question.id


def test_every_intent_is_asked(tags):
    unasked = {intent for intent in read_intents() if not tags[f"intent:{intent}"]}

    # The capture has one collector, so that there is nothing to compare it with.
    assert unasked == {"collectors.compare", "collectors.only"}


@pytest.mark.parametrize("family", range(1, 16))
def test_families_are_large_enough_to_measure(tags, family):
    assert tags[f"family:{family}"] >= 14


@pytest.mark.parametrize(
    ("tag", "least"),
    [
        ("refusal", 45),
        ("narrowed:window", 30),
        ("narrowed:peer", 20),
        ("narrowed:version", 20),
        ("lower-case", 60),
    ],
)
def test_slices_are_large_enough_to_measure(tags, tag, least):
    assert tags[tag] >= least


def test_what_finds_nothing_is_tagged():
    found = {row.id for row in ROWS.values() if row.answer in ([], 0) and row.answer is not False}
    assert found <= {row.id for row in ROWS.values() if "empty" in row.tags}


def test_only_refusals_have_no_plan():
    assert all((row.expected == Refused()) == (row.plan is None) for row in ROWS.values())


def test_no_question_is_asked_twice():
    questions = Counter(row.question.casefold() for row in ROWS.values())
    assert [question for question, times in questions.items() if times > 1] == []
