#!/usr/bin/env python
"""Multiple Origin AS prefixes."""

from collections import defaultdict

import pybgpstream

stream = pybgpstream.BGPStream(
    from_time="2015-04-01 00:00:00",
    until_time="2015-04-01 00:15:00",
    collectors=["rrc06", "route-views.jinx"],
    record_type="updates",
)

# <prefix, origin-ASns-set>
prefix_origin = defaultdict(set)

for rec in stream.records():
    for elem in rec:
        # Only announcements have an AS path
        if elem.type not in ("A", "R"):
            continue
        pfx = elem.fields["prefix"]
        ases = elem.fields["as-path"].split(" ")
        if len(ases) > 0:
            origin = ases[-1]
            prefix_origin[pfx].add(origin)

for pfx in sorted(prefix_origin):
    if len(prefix_origin[pfx]) > 1:
        print((pfx, ",".join(sorted(prefix_origin[pfx]))))
