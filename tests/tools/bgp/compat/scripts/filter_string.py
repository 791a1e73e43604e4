"""Everything that passes through AS174, IPv6 only; the border of a number as in Cisco's expressions."""

import pybgpstream

stream = pybgpstream.BGPStream(from_time="2015-04-01 00:00:00", until_time="2015-04-01 00:05:00")
stream.add_filter("collector", "rrc06")
stream.add_filter("ipversion", "6")
stream.add_filter("aspath", "_174_")

seen = 0
paths = set()
for elem in stream:
    seen += 1
    paths.add(elem.fields["as-path"])
print(seen, "announcements,", len(paths), "paths")
for path in sorted(paths):
    print(path)
