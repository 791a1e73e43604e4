"""How many peers carry each prefix of a table."""

from collections import defaultdict

import pybgpstream

seen_by = defaultdict(set)
for elem in pybgpstream.BGPStream(
    from_time="2026-01-01", until_time="2026-01-01 00:03", record_types=["ribs"]
):
    seen_by[elem.fields["prefix"]].add(elem.peer_asn)

everybody = set().union(*seen_by.values())
histogram = defaultdict(int)
for prefix, peers in seen_by.items():
    histogram[len(peers)] += 1
print(len(everybody), "peers,", len(seen_by), "prefixes")
for size in sorted(histogram, reverse=True):
    print(size, histogram[size])
