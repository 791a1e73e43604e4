"""What the scripts must print, computed from the lines of `bgpdump -m` and from nothing of ours.

    python oracle.py > expected.json          # after a script has changed

Two real files (RIPE RIS rrc06 and RouteViews jinx of 2015-04-01) and the lab capture that comes with
Herdwick.
"""

import datetime
import ipaddress
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import groupby, pairwise
from pathlib import Path

REPO = Path(__file__).parents[4]
RIS = REPO.parent / "shared/data/bgp/ris.rrc06.updates.1427846400.gz"
JINX = REPO.parent / "shared/data/bgp/routeviews.route-views.jinx.updates.1427846400.bz2"
LAB = REPO / "tools/bgp/sample/data/lab00"
RIB, UPDATES = LAB / "rib.20260101.0000.gz", LAB / "updates.20260101.0000.gz"
T0 = 1427846400
STATES = ["UNKNOWN", "IDLE", "CONNECT", "ACTIVE", "OPENSENT", "OPENCONFIRM", "ESTABLISHED"]


def dump(file, until=float("inf")):
    """Lists: time, kind, peer address, peer ASN, prefix, path, next hop, communities."""
    text = subprocess.run(["bgpdump", "-m", file], capture_output=True, text=True, check=True).stdout
    rows = (line.split("|") + [""] * 12 for line in text.splitlines())
    return [
        [float(r[1]), r[2][0], r[3], r[4], r[5], r[6], r[8], r[11].split()]
        for r in rows
        if float(r[1]) < until
    ]


def top(counts, size):
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:size]


def print_elems():
    ours = ipaddress.ip_network("84.205.64.0/19")
    found = []
    for file, where in ((RIS, "ris|rrc06"), (JINX, "routeviews|route-views.jinx")):
        for t, kind, peer, asn, prefix, path, hop, communities in dump(file, T0 + 600):
            if ":" not in prefix and kind in "AW" and ipaddress.ip_network(prefix).subnet_of(ours):
                rest = (
                    (prefix, hop, path, " ".join(communities)) if kind == "A" else (prefix, None, None, None)
                )
                found.append(
                    (
                        t,
                        "|".join(
                            map(
                                str,
                                ("update", kind, f"{t:f}", where, None, None, asn, peer, *rest, None, None),
                            )
                        ),
                    )
                )
    return [line for _, line in sorted(found, key=lambda pair: pair[0])]


def record_loop():
    counts = Counter(row[1] for row in dump(RIS))
    return [f"ris rrc06 update {kind} {T0} {counts[kind]}" for kind in "ASW"] + ["bad: 0"]


def moas():
    origins = defaultdict(set)
    for row in dump(RIS) + dump(JINX):
        if row[1] == "A":
            origins[row[4]].add(row[5].split()[-1])
    return [str((p, ",".join(sorted(origins[p])))) for p in sorted(origins) if len(origins[p]) > 1]


def aspath_inflation():
    links, shortest = defaultdict(set), {}
    for _, kind, _, peer, prefix, path, *_ in dump(RIS) + dump(JINX):
        hops = [asn for asn, _ in groupby(path.split())]
        if kind == "A" and ":" not in prefix and len(hops) > 1 and hops[0] == peer:
            for a, b in pairwise(hops):
                links[a].add(b)
                links[b].add(a)
            shortest[peer, hops[-1]] = min(shortest.get((peer, hops[-1]), 99), len(hops))
    lines, longer = [], Counter()
    for (peer, origin), length in sorted(shortest.items()):
        reached, edge, steps = {peer}, {peer}, 1
        while origin not in reached:
            edge = {b for a in edge for b in links[a]} - reached
            reached |= edge
            steps += 1
        longer[length - steps] += 1
        if length - steps > 3:
            lines.append(str((peer, origin, length, steps)))
    return lines + [f"{hops} hops longer: {longer[hops]}" for hops in sorted(longer)]


def communities():
    pairs = {
        (c, row[4]) for row in dump(RIS, T0 + 300) if row[1] == "A" and row[3] == "25152" for c in row[7]
    }
    return [f"Community: {c} ==> {n}" for c, n in top(Counter(c for c, _ in pairs), 10)]


def rib_origins():
    pairs = {(row[5].split()[-1], row[4]) for row in dump(RIB) if row[5]}
    counts = Counter(asn for asn, _ in pairs)
    return [f"AS{asn} originates {n} prefixes" for asn, n in top(counts, 10)] + [f"{len(counts)} origins"]


def updates_per_minute():
    counts = Counter((int(row[0] - T0) // 60, row[1]) for row in dump(JINX, T0 + 900))
    minutes = sorted({minute for minute, _ in counts})
    return [f"2015-04-01 00:{m:02} {counts[m, 'A']} {counts[m, 'W']}" for m in minutes]


def filter_string():
    paths = [row[5] for row in dump(RIS, T0 + 300) if ":" in row[4] and re.search(r"\b174\b", row[5])]
    return [f"{len(paths)} announcements, {len(set(paths))} paths", *sorted(set(paths))]


def peers():
    found = Counter()
    for file, names in ((RIS, ("ris", "rrc06")), (JINX, ("routeviews", "route-views.jinx"))):
        found.update((*names, int(row[3]), row[2]) for row in dump(file, T0 + 900))
    return [f"{p:<12}{c:<20}AS{a:<8}{i:<28}{n}" for (p, c, a, i), n in sorted(found.items())]


def withdrawals():
    rows = [(*row[2:5], file) for file in (RIS, JINX) for row in dump(file, T0 + 900) if row[1] == "W"]
    counts = Counter(row[2] for row in rows)
    by = {prefix: len({row for row in rows if row[2] == prefix}) for prefix in counts}
    return [f"{p:<20} {n:4} {by[p]:2}" for p, n in top(counts, 8)] + [str(len(rows))]


def path_changes():
    counts, last = Counter(), {}
    for _, kind, peer, _, prefix, path, *_ in dump(JINX, T0 + 900):
        before = last.get((peer, prefix))
        counts[peer, prefix] += kind == "A" and before is not None and before != path
        last[peer, prefix] = path if kind == "A" else None
    changed = Counter({key: n for key, n in counts.items() if n})
    return [f"{peer} {prefix} {n}" for (peer, prefix), n in top(changed, 10)] + [
        f"total {sum(changed.values())}"
    ]


def visibility():
    pairs = {(row[4], row[3]) for row in dump(RIB)}
    sizes = Counter(Counter(prefix for prefix, _ in pairs).values())
    head = f"{len({asn for _, asn in pairs})} peers, {len({prefix for prefix, _ in pairs})} prefixes"
    return [head] + [f"{size} {sizes[size]}" for size in sorted(sizes, reverse=True)]


def as_graph():
    edges = set()
    for row in dump(RIS, T0 + 300):
        path = [int(asn) for asn in re.findall(r"\d+", row[5])] if row[1] == "A" else []
        edges |= {frozenset(pair) for pair in pairwise(path) if pair[0] != pair[1]}
    degrees = Counter(asn for edge in edges for asn in edge)
    return [f"nodes {len(degrees)} edges {len(edges)}"] + [f"{asn} {n}" for asn, n in top(degrees, 5)]


def live_stop():
    rows = dump(RIS)
    counts = Counter(row[1] for row in rows if row[0] - rows[0][0] < 100)
    return [f"{counts['A']} announcements, {counts['W']} withdrawals"]


def prefix_lengths():
    prefixes = {row[4] for row in dump(JINX, T0 + 900) if row[1] == "A"}
    counts = Counter((6 if ":" in p else 4, int(p.split("/")[1])) for p in prefixes)
    return [f"IPv{version} /{length}: {n}" for (version, length), n in sorted(counts.items())]


def prepending():
    longest = Counter()
    for row in dump(RIS, T0 + 300):
        for asn, run in groupby(row[5].split() if row[1] == "A" else []):
            longest[asn] = max(longest[asn], len([*run]))
    found = {int(asn): n for asn, n in longest.items() if n > 1}
    return [f"{asn} {n}" for asn, n in top(found, 10)] + [f"{len(found)} ASes prepend"]


def low_level():
    rows = [row for row in dump(RIS, T0 + 100) if row[1] == "W"]
    return [str(len(rows))] + [f"{row[0]} {row[3]} {row[4]}" for row in rows[:10]]


def states():
    rows = [row for row in dump(RIS, T0 + 300) if row[1] == "S"]
    return [f"{row[0]:.0f} {row[3]} {row[2]} {STATES[int(row[4])]} -> {STATES[int(row[5])]}" for row in rows]


def two_collectors():
    one, other = ({row[4] for row in dump(file, T0 + 300) if row[1] == "A"} for file in (RIS, JINX))
    return [f"{len(one)} {len(other)} {len(one & other)}", *sorted(one & other)[:20]]


def single_file():
    rows = dump(RIS)
    return [f"{len(rows)} {rows[0][0]} {rows[-1][0]}"]


def origin_changes():
    last, lines = {}, []
    for t, kind, peer, _, prefix, path, *_ in dump(UPDATES):
        if kind == "A" and path:
            origin = path.split()[-1]
            if last.get((peer, prefix), origin) != origin:
                when = datetime.datetime.fromtimestamp(t, datetime.UTC)
                lines.append((f"{when:%H:%M:%S}", peer, prefix, last[peer, prefix], origin))
            last[peer, prefix] = origin
    return [" ".join(line) for line in sorted(lines)]


def monitor_prefix():
    ours = ipaddress.ip_network("2a00:bdc0:e000::/44")
    found = {
        (row[4], row[5].split()[-1])
        for row in dump(RIS, T0 + 300)
        if row[1] == "A" and ":" in row[4] and ipaddress.ip_network(row[4]).subnet_of(ours)
    }
    assert {origin for _, origin in found} == {"28709"}, found
    return [f"{prefix} 28709" for prefix in sorted({prefix for prefix, _ in found})] + ["alerts: 0"]


EXPECTED = {
    function.__name__: function
    for function in (
        *(print_elems, record_loop, moas, aspath_inflation, communities, rib_origins, updates_per_minute),
        *(filter_string, peers, withdrawals, path_changes, visibility, as_graph, live_stop, prefix_lengths),
        *(prepending, low_level, states, two_collectors, single_file, origin_changes, monitor_prefix),
    )
}

if __name__ == "__main__":
    json.dump({name: function() for name, function in EXPECTED.items()}, sys.stdout, indent=1)
    print()
