#!/usr/bin/env python
"""How much longer AS paths are than the shortest path in the graph they make."""

from collections import defaultdict, deque
from itertools import groupby

import pybgpstream

graph = defaultdict(set)
bgp_lens = defaultdict(lambda: defaultdict(lambda: None))

stream = pybgpstream.BGPStream(
    from_time="2015-04-01 00:00:00",
    until_time="2015-04-01 00:15:00",
    collectors=["rrc06", "route-views.jinx"],
    record_types=["updates"],
    filter="ipversion 4 and elemtype announcements",
)

for rec in stream.records():
    for elem in rec:
        peer = str(elem.peer_asn)
        # Split the path and take the prepending out
        hops = [k for k, g in groupby(elem.fields["as-path"].split(" "))]
        if len(hops) > 1 and hops[0] == peer:
            origin = hops[-1]
            for i in range(len(hops) - 1):
                graph[hops[i]].add(hops[i + 1])
                graph[hops[i + 1]].add(hops[i])
            known = [x for x in (bgp_lens[peer][origin], len(hops)) if x]
            bgp_lens[peer][origin] = min(known)


def shortest(source):
    far, todo = {source: 1}, deque([source])
    while todo:
        node = todo.popleft()
        for other in graph[node]:
            if other not in far:
                far[other] = far[node] + 1
                todo.append(other)
    return far


inflation = defaultdict(int)
for peer in sorted(bgp_lens):
    lengths = shortest(peer)
    for origin in sorted(bgp_lens[peer]):
        inflation[bgp_lens[peer][origin] - lengths[origin]] += 1
        if bgp_lens[peer][origin] - lengths[origin] > 3:
            print((peer, origin, bgp_lens[peer][origin], lengths[origin]))
for longer in sorted(inflation):
    print(f"{longer} hops longer: {inflation[longer]}")
