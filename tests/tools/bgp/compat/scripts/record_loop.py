"""Records first, then the elems of each, counted by type."""

from collections import Counter

from pybgpstream import BGPStream

stream = BGPStream(
    from_time="2015-04-01 00:00:00", until_time="2015-04-01 00:15:00", project="ris", collectors=["rrc06"]
)
elems = Counter()
statuses = Counter()
for rec in stream.records():
    statuses[rec.status] += 1
    if rec.status != "valid":
        print("bad record from", rec.project, rec.collector)
        continue
    for elem in rec:
        elems[rec.project, rec.collector, rec.type, elem.type, rec.dump_time] += 1

for key, count in sorted(elems.items()):
    print(*key, count)
print("bad:", sum(statuses.values()) - statuses["valid"])
