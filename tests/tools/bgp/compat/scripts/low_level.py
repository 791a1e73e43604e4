#!/usr/bin/env python
"""The older way: a record that is filled, and loops by hand."""

from _pybgpstream import BGPRecord, BGPStream

stream = BGPStream()
rec = BGPRecord()
stream.add_filter("collector", "rrc06")
stream.add_filter("record-type", "updates")
stream.add_interval_filter(1427846400, 1427846500)
stream.start()

records = 0
lines = []
while stream.get_next_record(rec):
    records += 1
    if rec.status == "valid":
        elem = rec.get_next_elem()
        while elem:
            if elem.type == "W":
                lines.append((elem.time, elem.peer_asn, elem.fields["prefix"]))
            elem = rec.get_next_elem()
print(len(lines))
for line in lines[:10]:
    print(*line)
