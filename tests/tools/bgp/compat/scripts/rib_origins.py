"""Who originates how many prefixes of a table."""

from pybgpstream import BGPStream

prefixes_of = {}
for elem in BGPStream("2026-01-01 00:00:00", "2026-01-01 00:03:00", record_type="ribs"):
    if elem.type != "R":
        continue
    path = elem.fields["as-path"].split()
    if not path:
        continue
    prefixes_of.setdefault(path[-1], set()).add(elem.fields["prefix"])

ranking = sorted(prefixes_of.items(), key=lambda item: (-len(item[1]), item[0]))
for asn, prefixes in ranking[:10]:
    print(f"AS{asn} originates {len(prefixes)} prefixes")
print(len(ranking), "origins")
