"""How often the path of a prefix really changes at a peer."""

from collections import Counter

import pybgpstream

last = {}
changes = Counter()
stream = pybgpstream.BGPStream(
    from_time="2015-04-01 00:00:00", until_time="2015-04-01 00:15:00", collectors=["route-views.jinx"]
)
for elem in stream:
    key = (elem.peer_address, elem.fields.get("prefix"))
    if elem.type == "A":
        path = elem.fields["as-path"]
        if key in last and last[key] != path:
            changes[key] += 1
        last[key] = path
    elif elem.type == "W":
        last.pop(key, None)
for (peer, prefix), count in sorted(changes.items(), key=lambda item: (-item[1], item[0]))[:10]:
    print(peer, prefix, count)
print("total", sum(changes.values()))
