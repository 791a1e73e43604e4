"""The suite against its scripts, `bgpdump` and the seeds of training."""

import json
import re
import shutil
import subprocess
from collections import Counter, defaultdict
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path

import pytest

from herdwick import selfinstruct
from herdwick.evals.authoring.bgp_code import SUITE, read_tasks, rows, run_gold
from herdwick.evals.matching import in_any_order, strict_match
from herdwick.evals.row_formats import read_rows
from herdwick.evals.suite import load_suite
from herdwick.selfinstruct.nearness import Nearness
from herdwick.selfinstruct.similarity.rouge import RougeGate
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError

from .conftest import Line

TASKS = {task.id: task for task in read_tasks()}
ROWS = {row.id: row for row in read_rows(SUITE)}
SEEDS = Path(selfinstruct.__file__).parent / "seeds" / "teacher"
TASK = TASKS["lab00-03"]

LAB00 = Path("../../tools/bgp/sample/data/lab00"), 1767225600, "20260101.0000", "20260101.0004"
LAB07 = Path("mrt/lab07"), 1773525480, "20260314.2158", "20260314.2202"

each_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


class Lab:
    """A capture as `bgpdump` tells of it; states of sessions are numbers."""

    def __init__(self, folder, start, first, last):
        self.folder, self.start = SUITE.parent / folder, start
        self.first, self.last = [*self.lines(f"rib.{first}.gz")], [*self.lines(f"rib.{last}.gz")]
        self.updates = [*self.lines(f"updates.{first}.gz")]
        self.told = [line for line in self.updates if line.kind != "STATE"]
        self.announced = [line for line in self.updates if line.kind == "A"]
        self.withdrawn = [line for line in self.updates if line.kind == "W"]

    def lines(self, name):
        command = ["bgpdump", "-m", self.folder / name]
        for text in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
            _, time, kind, peer, asn, *more = text.split("|")
            known = kind, int(time) - self.start, peer, int(asn)
            if kind == "STATE":
                yield Line(*known, state=more[1])
            elif kind == "W":
                yield Line(*known, prefix=more[0])
            else:
                yield Line(*known, more[0], tuple(more[1].split()), tuple(more[6].split()))

    def gaps(self, peer, prefix):
        """Times between withdrawals and announcements."""
        lines = [line for line in self.told if (line.peer, line.prefix) == (peer, prefix)]
        pairs = [(one, next_) for one, next_ in pairwise(lines) if (one.kind, next_.kind) == ("W", "A")]
        return [next_.time - one.time for one, next_ in pairs]


def routes(lines):
    return {(line.peer, line.prefix): line.path for line in lines}


def origins(lines):
    found = defaultdict(set)
    for line in lines:
        if line.path and line.path[-1].isdigit():
            found[line.prefix].add(int(line.path[-1]))
    return found


def neighbours(lines):
    found = defaultdict(set)
    for line in lines:
        for one, other in pairwise(line.path):
            if one != other and "{" not in other:
                found[one].add(other)
                found[other].add(one)
    return found


def bins(lines, seconds, number):
    return [[line for line in lines if line.time // seconds == at] for at in range(number)]


def within(prefix, table):
    inner = ip_network(prefix)
    outers = [outer for outer in table if outer.version == inner.version and outer != inner]
    return any(inner.subnet_of(outer) for outer in outers)


def origins_by_table(lab):
    old, new = origins(lab.first), origins(lab.last)
    shared = {prefix for prefix in old if prefix in new}
    return {one: [sorted(old[one]), sorted(new[one])] for one in shared if old[one] != new[one]}


def tables_compared(lab):
    old, new = routes(lab.first), routes(lab.last)
    changed = sum(new.get(route, path) != path for route, path in old.items())
    return {"added": len({*new} - {*old}), "removed": len({*old} - {*new}), "path_changed": changed}


def new_more_specifics(lab):
    table = {ip_network(line.prefix) for line in lab.first}
    new = {line.prefix for line in lab.announced} - {str(one) for one in table}
    return sorted(prefix for prefix in new if within(prefix, table))


def rerouted(lab, peer):
    before = routes(lab.first)
    told = {
        (line.prefix, before.get((peer, line.prefix)), line.path)
        for line in lab.announced
        if line.peer == peer
    }
    return {prefix for prefix, old, new in told if old not in (None, new)}


def tables_gained_and_lost(lab):
    old, new = ({line.prefix for line in lines} for lines in (lab.first, lab.last))
    return {"gained": sorted(new - old), "lost": sorted(old - new)}


def busiest_prefix(lab):
    counts = Counter((line.prefix, line.kind) for line in lab.told if line.time < 180)
    total = Counter(line.prefix for line in lab.told if line.time < 180)
    (prefix, most), (_, second) = total.most_common(2)
    assert most > second
    return {"prefix": prefix, "announcements": counts[prefix, "A"], "withdrawals": counts[prefix, "W"]}


def longest_run(lab):
    texts = {(line.prefix, " ".join(line.path)) for line in lab.announced if line.time < 180}
    found = {(match[0], prefix) for prefix, text in texts for match in re.finditer(r"\b(\d+)( \1\b)+", text)}
    times = max(len(run.split()) for run, _ in found)
    longest = {(run.split()[0], prefix) for run, prefix in found if len(run.split()) == times}
    ((asn, number),) = Counter(asn for asn, _ in longest).items()
    return {"asn": int(asn), "times": times, "prefixes": number}


def held(lab, asn, until):
    now = {line.prefix for line in lab.first if line.peer_asn == asn}
    for line in lab.told:
        if line.peer_asn == asn and line.time < until:
            (now.add if line.kind == "A" else now.discard)(line.prefix)
    return {"ipv4": sum(":" not in prefix for prefix in now), "ipv6": sum(":" in prefix for prefix in now)}


def downtimes(lab):
    left = {line.peer: line.time for line in lab.updates if line.state == "1"}
    back = {line.peer: line.time for line in lab.updates if line.state == "6"}
    return {peer: back[peer] - time for peer, time in left.items()}


CHECKS = {
    "lab00-01": lambda lab: Counter(line.peer for line in lab.announced if 35 <= line.time < 116),
    "lab00-02": lambda lab: [len(lines) for lines in bins(lab.withdrawn, 20, 12)],
    "lab00-03": lambda lab: len({line.time for line in lab.told if ":" in line.prefix}),
    "lab00-05": lambda lab: {
        prefix: sorted(asns) for prefix, asns in origins(lab.announced).items() if len(asns) > 1
    },
    "lab00-06": origins_by_table,
    "lab00-08": lambda lab: {
        "with_prepends": max(len(line.path) for line in lab.announced if line.peer_asn == 65550),
        "without_prepends": max(len(line.hops) for line in lab.announced if line.peer_asn == 65550),
    },
    "lab00-10": lambda lab: Counter(
        str(asn) for asn, _ in {(line.peer_asn, line.prefix) for line in lab.withdrawn}
    ),
    "lab00-13": lambda lab: sum(
        bool(lab.gaps(*route)) for route in {(line.peer, line.prefix) for line in lab.withdrawn}
    ),
    "lab00-16": lambda lab: sum(
        within(prefix, {ip_network(line.prefix) for line in lab.last})
        for prefix in {line.prefix for line in lab.last}
    ),
    "lab00-17": new_more_specifics,
    "lab00-24": tables_compared,
    "lab07-01": lambda lab: {
        "announcements": sum(line.peer_asn == 64499 for line in lab.announced),
        "withdrawals": sum(line.peer_asn == 64499 for line in lab.withdrawn),
    },
    "lab07-02": lambda lab: [len({line.prefix for line in lines}) for lines in bins(lab.told, 30, 8)],
    "lab07-03": busiest_prefix,
    "lab07-05": lambda lab: sorted(
        {int(line.path[-1]) for line in lab.first if "702030" in line.path[:-1]} - {702030}
    ),
    "lab07-08": lambda lab: len(rerouted(lab, "192.0.2.71")),
    "lab07-11": lambda lab: Counter(
        one.split(":")[0] for one in {one for line in lab.first for one in line.communities}
    ),
    "lab07-12": lambda lab: [
        [line.peer, line.prefix] for line in lab.announced if "no-export" in line.communities
    ],
    "lab07-14": lambda lab: sum(lab.gaps("2001:db8:7::71", "2001:db8:8501::/48")),
    "lab07-19": lambda lab: {
        asn: len(found) for asn, found in neighbours(lab.first).items() if len(found) >= 8
    },
    "lab07-20": longest_run,
    "lab07-22": downtimes,
    "lab07-23": lambda lab: held(lab, 700450, 145),
    "lab07-24": tables_gained_and_lost,
    "lab07-25": lambda lab: Counter(
        line.peer
        for line in lab.announced
        if ":" in line.prefix and "705077" in line.path and "64505" not in line.path
    ),
}


@pytest.fixture(scope="module")
def labs():
    if not shutil.which("bgpdump"):
        pytest.skip("bgpdump is not installed")
    return {"lab00": Lab(*LAB00), "lab07": Lab(*LAB07)}


@pytest.mark.slow
@pytest.mark.skipif(
    not shutil.which("bwrap"), reason="bubblewrap is not installed: apt-get install bubblewrap"
)
@each_task
def test_the_committed_answer_is_what_the_script_prints(task):
    (made,) = rows([task], run_gold)
    assert made == json.loads(SUITE.read_text(encoding="utf-8").splitlines()[[*TASKS].index(task.id)])


@pytest.mark.parametrize("name", CHECKS)
def test_another_reader_finds_the_same(labs, name):
    same = in_any_order(strict_match) if ROWS[name].unordered else strict_match
    assert same(CHECKS[name](labs[name.partition("-")[0]]), ROWS[name].answer)


def test_the_suite_has_every_task_half_of_them_over_each_capture():
    assert [*ROWS] == [*TASKS]
    assert Counter(row.files for row in ROWS.values()) == {(f"{LAB00[0]}",): 25, (f"{LAB07[0]}",): 25}
    assert load_suite("bgp-code").files


@each_task
def test_a_question_names_all_that_opens_its_data(task):
    windows = re.findall(r'"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)"', task.script)
    collectors = re.findall(r'collectors=\["(\w+)"\]', task.script)
    types = re.findall(r'record_type="(\w+)"', task.script)
    assert len(windows) >= 2
    for name in {*sum(windows, ()), *collectors, *(f"record type {one}" for one in types)}:
        assert name in task.question.replace("Record type: ", "record type ").replace("Record", "record")
    assert "UTC" in task.question


@each_task
def test_no_question_is_like_a_seed_of_training(task):
    lines = [
        line
        for name in ("pybgpstream", "realtime")
        for line in (SEEDS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    seeds = [json.loads(line)["instruction"] for line in lines]
    assert RougeGate(0.5, seeds).admits(task.question)
    assert Nearness(seeds, get_domain("bgp").spelled).nearest(task.question) is None


@pytest.mark.parametrize(
    ("answer", "control"), [(7, 7), ([1, 2], [2, 1]), (0, 1), ({"a": [0]}, {}), ("7", 0)]
)
def test_a_task_that_needs_no_data_is_refused(answer, control):
    with pytest.raises(DataError) as caught:
        [*rows([TASK], lambda task: (answer, control))]
    assert caught.value.kind == "bad_task"


def test_a_task_whose_script_fails_without_data_is_as_good():
    (row,) = rows([TASK], lambda task: (7, None))
    assert row["answer"] == 7
