"""The longest prepending, and who does it."""

from itertools import groupby

import pybgpstream

longest = {}
stream = pybgpstream.BGPStream(
    from_time="2015-04-01 00:00:00",
    until_time="2015-04-01 00:05:00",
    collectors=["rrc06"],
    filter="type updates and elemtype announcements",
)
for elem in stream:
    for asn, run in groupby(elem.fields["as-path"].split()):
        times = len(list(run))
        if times > 1:
            longest[asn] = max(longest.get(asn, 0), times)
for asn, times in sorted(longest.items(), key=lambda item: (-item[1], int(item[0])))[:10]:
    print(asn, times)
print(len(longest), "ASes prepend")
