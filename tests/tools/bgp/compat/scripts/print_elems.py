#!/usr/bin/env python
"""Print the elems about one prefix, as the first example of every tutorial does."""

import pybgpstream

stream = pybgpstream.BGPStream(
    from_time="2015-04-01 00:00:00",
    until_time="2015-04-01 00:10:00 UTC",
    collectors=["rrc06", "route-views.jinx"],
    record_type="updates",
    filter="prefix more 84.205.64.0/19",
)

for elem in stream:
    # Record fields can be reached from the elem, or through elem.record
    print(elem)
