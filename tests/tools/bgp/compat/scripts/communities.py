#!/usr/bin/env python
"""Which communities a peer attaches, and to which prefixes."""

from collections import defaultdict

import pybgpstream

stream = pybgpstream.BGPStream(
    from_time=1427846400,
    until_time=1427846700,
    filter="peer 25152 and collector rrc06 and elemtype announcements",
)

community_prefix = defaultdict(set)

for rec in stream.records():
    for elem in rec:
        pfx = elem.fields["prefix"]
        communities = elem.fields["communities"]
        for c in communities:
            community_prefix[c].add(pfx)

for ct in sorted(community_prefix, key=lambda c: (-len(community_prefix[c]), c))[:10]:
    print("Community:", ct, "==>", len(community_prefix[ct]))
