"""The prefixes withdrawn most often, and by how many peers."""

from collections import Counter, defaultdict

import pybgpstream

times = Counter()
by = defaultdict(set)
stream = pybgpstream.BGPStream(
    from_time="2015-04-01 00:00:00",
    until_time="2015-04-01 00:15:00",
    record_type="updates",
    filter="elemtype withdrawals",
)
for elem in stream:
    assert set(elem.fields) == {"prefix"}
    times[elem.fields["prefix"]] += 1
    by[elem.fields["prefix"]].add((elem.collector, elem.peer_asn, elem.peer_address))

for prefix, count in sorted(times.items(), key=lambda item: (-item[1], item[0]))[:8]:
    print("%-20s %4d %2d" % (prefix, count, len(by[prefix])))
print(sum(times.values()))
