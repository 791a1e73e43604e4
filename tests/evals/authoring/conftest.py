"""The lab capture as bgpdump, another reader of MRT files, and the script it was made by tell of it."""

import json
import shutil
import subprocess
from collections import Counter
from ipaddress import ip_network
from itertools import groupby, pairwise
from typing import NamedTuple

import pytest

from herdwick.evals.authoring.bgp_dev import SUITE
from herdwick.evals.matching import strict_match
from herdwick.evals.row_formats import read_rows
from herdwick.tools.bgp.toolkit import SAMPLE

START = 1767225600
END = 241


class Line(NamedTuple):
    """A line of `bgpdump -m`; `time` in seconds since the start, `state` the new one of a session."""

    kind: str
    time: int
    peer: str
    peer_asn: int
    prefix: str = ""
    path: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    med: int = 0
    local_pref: int = 0
    state: str = ""
    origins: frozenset[int] = frozenset()

    @property
    def route(self):
        return self.peer, self.prefix

    @property
    def text(self):
        return " ".join(self.path)

    @property
    def hops(self):
        """The path without prepending."""
        return [hop for hop, _ in groupby(self.path)]

    @property
    def pairs(self):
        """Neighbours in the path, members of sets left out."""
        plain = pairwise(self.hops)
        return {(int(one), int(other)) for one, other in plain if one.isdigit() and other.isdigit()}

    @property
    def version(self):
        return 6 if ":" in self.prefix else 4

    def fits(self, origin=None, inside=None, **wanted):
        return (
            all(getattr(self, name) == value for name, value in wanted.items())
            and (origin is None or origin in self.origins)
            and (inside is None or contains(inside, self.prefix))
        )


def contains(outer, inner):
    one, other = ip_network(outer), ip_network(inner)
    return one.version == other.version and other.subnet_of(one)


def read(name):
    """The file's lines; a withdrawal has the origins of none yet."""
    command = ["bgpdump", "-m", SAMPLE / "lab00" / name]
    for text in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        _, time, kind, peer, asn, *more = text.split("|")
        known = {"B": "R"}.get(kind, kind), int(time) - START, peer, int(asn)
        if kind == "STATE":
            yield Line(*known, state=more[1])
        elif kind == "W":
            yield Line(*known, prefix=more[0])
        else:
            path, last = (*more[1].split(),), more[1].rpartition(" ")[2].strip("{}")
            origins = frozenset(int(asn) for asn in last.split(",") if asn)
            communities, med, local_pref = (*more[6].split(),), int(more[5]), int(more[4])
            yield Line(*known, more[0], path, communities, med, local_pref, "", origins)


class Spell(NamedTuple):
    """A route from when it was told until it was replaced, withdrawn or lost with its session."""

    line: Line
    start: int
    end: int


class Capture:
    """What the files and the script say; windows are `[start, end)` in seconds."""

    def __init__(self):
        self.scenario = json.loads((SAMPLE / "scenario.json").read_text(encoding="utf-8"))
        self.vrps = json.loads((SAMPLE / "vrps.json").read_text(encoding="utf-8"))["roas"]
        self.peer_asns = {peer["address"]: peer["asn"] for peer in self.scenario["peers"]}
        self.first = [*read("rib.20260101.0000.gz")]
        self.last = [*read("rib.20260101.0004.gz")]
        self.messages, self.spells, self.replaced, self.returned = [], [], [], []
        self._play([*read("updates.20260101.0000.gz")])
        self.updates = [line for line in self.messages if line.kind in "AW"]
        self.routes = [*self.first, *(line for line in self.updates if line.kind == "A"), *self.last]

    def _play(self, messages):
        """Follow every route through the messages."""
        held, gone, latest = {}, {}, {}
        for line in [*self.first, *messages]:
            if line.kind == "STATE" and held and line.state != "6":
                for route in [route for route in held if route[0] == line.peer]:
                    self.spells.append(Spell(*held.pop(route), line.time))
            elif line.kind == "W":
                line = line._replace(origins=latest[line.route].origins)
                gone.setdefault(line.route, line.time)
                if line.route in held:
                    self.spells.append(Spell(*held.pop(line.route), line.time))
            elif line.kind in "RA":
                if line.route in gone:
                    self.returned.append(Spell(line, gone.pop(line.route), line.time))
                if line.route in held:
                    self.spells.append(Spell(*held[line.route], line.time))
                    if held[line.route][0].path != line.path:
                        self.replaced.append(line)
                held[line.route] = (line, line.time)
                latest[line.route] = line
            if line.kind != "R":
                self.messages.append(line)
        self.spells += [Spell(line, start, END) for line, start in held.values()]

    def told(self, kinds="AW", start=0, end=END, **wanted):
        """The updates of a kind and window."""
        chosen = (line for line in self.updates if line.kind in kinds and start <= line.time < end)
        return [line for line in chosen if line.fits(**wanted)]

    def count(self, kinds="AW", start=0, end=END, **wanted):
        return len(self.told(kinds, start, end, **wanted))

    def volume(self, start=0, end=END, **wanted):
        announced, withdrawn = (self.count(kind, start, end, **wanted) for kind in "AW")
        return {"announcements": announced, "withdrawals": withdrawn, "updates": announced + withdrawn}

    def bins(self, kinds, seconds, **wanted):
        return [self.count(kinds, start, start + seconds, **wanted) for start in range(0, 240, seconds)]

    def most(self, name, kinds="AW", start=0, end=END, top=1, **wanted):
        """The values that most updates have, the most first; no two of the last places are equal."""
        found = self.told(kinds, start, end, **wanted)
        values = ([*line.origins] if name == "origin" else [getattr(line, name)] for line in found)
        return self.leading((value for of_line in values for value in of_line), top)

    def seen(self, **wanted):
        """Table entries and announcements."""
        return [line for line in self.routes if line.fits(**wanted)]

    def prefixes(self, chosen=lambda line: True, **wanted):
        return {line.prefix for line in self.seen(**wanted) if chosen(line)}

    def during(self, start=0, end=END, **wanted):
        """The routes that held at some time of the window."""
        found = (line for line, begun, ended in self.spells if begun < end and ended > start)
        return [line for line in found if line.fits(**wanted)]

    def held(self, time, **wanted):
        return self.during(time, time + 1e-9, **wanted)

    def origins(self, start=0, end=END, **wanted):
        return {asn for line in self.during(start, end, **wanted) for asn in line.origins}

    def origins_at(self, time, **wanted):
        return self.origins(time, time + 1e-9, **wanted)

    def changes(self, start=0, end=END, **wanted):
        """Routes that replaced others with another path."""
        return [line for line in self.replaced if start <= line.time < end and line.fits(**wanted)]

    def moved(self, **wanted):
        """Routes that another origin took over, at once or after a withdrawal."""
        before = {line.route: line for line in self.first}
        found = []
        for line in self.told("A", **wanted):
            if before.get(line.route, line).origins != line.origins:
                found.append(line)
            before[line.route] = line
        return found

    def flaps(self, start=0, end=END, **wanted):
        """Routes that came back from a withdrawal, with when they were gone."""
        return [spell for spell in self.returned if start <= spell.end < end and spell.line.fits(**wanted)]

    def foreign(self, asn, start=0, end=END):
        """What others originated of an AS's address space: (prefix, origin)."""
        own = self.prefixes(origin=asn)
        found = {(line.prefix, other) for line in self.during(start, end) for other in line.origins - {asn}}
        return {(prefix, other) for prefix, other in found if any(contains(outer, prefix) for outer in own)}

    def penalties(self, **wanted):
        """The highest penalty of each route that was withdrawn: 1000 each time, halved in 15 minutes."""
        highest, now = {}, {}
        for line in self.told("W", **wanted):
            penalty, time = now.get(line.route, (0, 0))
            now[line.route] = penalty * 0.5 ** ((line.time - time) / 900) + 1000, line.time
            highest[line.route] = max(highest.get(line.route, 0), now[line.route][0])
        return highest

    def valleys(self, start=0, end=END, **wanted):
        """Routes that some AS told a provider or peer though it had learnt them from another one."""
        lines = (SAMPLE / "relationships.txt").read_text(encoding="utf-8").splitlines()
        known = [line.split("|") for line in lines if not line.startswith("#")]
        customers = {(provider, customer) for provider, customer, kind in known if kind == "-1"}
        related = {pair for one, other, _ in known for pair in ((one, other), (other, one))}
        return [
            line
            for line in self.during(start, end, **wanted)
            if any(
                {(asn, towards), (asn, origin)} <= related - customers
                for towards, asn, origin in zip(line.hops, line.hops[1:], line.hops[2:], strict=False)
            )
        ]

    def around(self, prefix, start=0, end=END):
        return {line.prefix for line in self.during(start, end) if contains(line.prefix, prefix)}

    def before(self, asn, at_end=False, **wanted):
        """The ASes next to one in paths, on the side of the peer."""
        lines = self.seen(**wanted, origin=asn if at_end else None)
        return {one for line in lines for one, other in line.pairs if other == asn}

    def after(self, asn, **wanted):
        return {other for line in self.seen(**wanted) for one, other in line.pairs if one == asn}

    def beside(self, asn, **wanted):
        return self.before(asn, **wanted) | self.after(asn, **wanted)

    def runs(self, least=2, **wanted):
        """How often ASes stand in a row: (times, AS)."""
        paths = {line.path for line in self.seen(**wanted)}
        found = {(len([*same]), hop) for path in paths for hop, same in groupby(path) if hop.isdigit()}
        return sorted((times, int(hop)) for times, hop in found if times >= least)

    def looped(self, **wanted):
        return {line.text for line in self.seen(**wanted) if len({*line.hops}) < len(line.hops)}

    def carriers(self, community, **wanted):
        return [line for line in self.seen(**wanted) if community in line.communities]

    def event(self, kind, **wanted):
        (found,) = [
            event
            for event in self.scenario["events"]
            if event["kind"] == kind and all(event[name] == value for name, value in wanted.items())
        ]
        return found

    def moas(self, start=0, end=240):
        return {
            entry["prefix"]: {*entry["origins"]}
            for entry in self.scenario["multiple_origins"]
            if entry["from"] - START < end and entry["until"] - START > start
        }

    def rpki(self, *states, version=None, origin=None, inside=None):
        """The prefixes with their origins of some RPKI states."""
        return {
            (entry["prefix"], *entry["origins"])
            for entry in self.scenario["rpki"]
            if entry["state"] in states
            if version in (None, 6 if ":" in entry["prefix"] else 4)
            if origin is None or origin in entry["origins"]
            if inside is None or contains(inside, entry["prefix"])
        }

    def seen_by(self, event):
        return {self.peer_asns[peer] for peer in event["seen_by"]}

    def at(self, seconds):
        return f"2026-01-01T00:{seconds // 60:02}:{seconds % 60:02}Z"

    def single(self, found):
        (value,) = {*found}
        return value

    def longest(self, prefixes):
        return max(prefixes, key=lambda prefix: ip_network(prefix).prefixlen)

    def leading(self, found, top=1):
        """The most frequent values, no two of which, nor the next, are equally frequent."""
        ranked = Counter(found).most_common(top + 1)
        assert len({number for _, number in ranked}) == len(ranked), ranked
        return [value for value, _ in ranked[:top]]


@pytest.fixture(scope="session")
def lab():
    if not shutil.which("bgpdump"):
        pytest.skip("bgpdump is not installed")
    return Capture()


@pytest.fixture(scope="session")
def agrees():
    """Whether the suite's answer to a question is the value expected; a set has no order."""
    rows = {row.id: row for row in read_rows(SUITE)}

    def compare(number, expected):
        answer = rows[number].answer
        if isinstance(expected, set):
            return sorted(answer) == sorted(expected)
        if isinstance(expected, float):
            return answer == pytest.approx(expected)
        return strict_match(expected, answer)

    return compare
