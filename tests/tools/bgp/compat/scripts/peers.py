"""The peers of each collector, with what they sent."""

from collections import Counter

from pybgpstream import BGPStream

stream = BGPStream(
    from_time="2015-04-01 00:00:00", until_time="2015-04-01 00:15:00", projects=["ris", "routeviews"]
)
sent = Counter()
for elem in stream:
    sent[(elem.project, elem.collector, elem.peer_asn, elem.peer_address)] += 1
for (project, collector, asn, address), count in sorted(sent.items()):
    print(f"{project:<12}{collector:<20}AS{asn:<8}{address:<28}{count}")
