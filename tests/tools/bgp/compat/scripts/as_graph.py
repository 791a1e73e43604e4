"""The AS graph of a few minutes of updates: degrees."""

import re

from pybgpstream import BGPStream

neighbours = {}


def add_edge(a, b):
    neighbours.setdefault(a, set()).add(b)
    neighbours.setdefault(b, set()).add(a)


stream = BGPStream(
    from_time="2015-04-01 00:00:00",
    until_time="2015-04-01 00:05:00",
    collectors=["rrc06"],
    record_type="updates",
)
for elem in stream:
    if elem.type != "A":
        continue
    path = [int(asn) for asn in re.findall(r"\d+", elem.fields["as-path"])]
    for left, right in zip(path, path[1:]):
        if left != right:
            add_edge(left, right)

print("nodes", len(neighbours), "edges", sum(map(len, neighbours.values())) // 2)
for asn in sorted(neighbours, key=lambda a: (-len(neighbours[a]), a))[:5]:
    print(asn, len(neighbours[asn]))
