"""Announcements and withdrawals in each minute, one collector."""

import datetime
from collections import defaultdict

import pybgpstream

counts = defaultdict(lambda: {"A": 0, "W": 0})
stream = pybgpstream.BGPStream(
    from_time="2015-04-01 00:00:00",
    until_time="2015-04-01 00:15:00",
    collectors=["route-views.jinx"],
    record_type="updates",
)
for elem in stream:
    if elem.type in ("A", "W"):
        minute = datetime.datetime.utcfromtimestamp(elem.time).replace(second=0, microsecond=0)
        counts[minute][elem.type] += 1

for minute in sorted(counts):
    print(minute.strftime("%Y-%m-%d %H:%M"), counts[minute]["A"], counts[minute]["W"])
