"""Prefixes whose origin changes at a peer, with time, old and new."""

from datetime import datetime, timezone

import pybgpstream

origin_of = {}
stream = pybgpstream.BGPStream(
    from_time="2026-01-01 00:00:00", until_time="2026-01-01 01:00:00", record_type="updates"
)
found = []
for elem in stream:
    if elem.type != "A" or not elem.fields["as-path"]:
        continue
    key = elem.peer_address, elem.fields["prefix"]
    origin = elem.fields["as-path"].split()[-1]
    before = origin_of.get(key)
    if before is not None and before != origin:
        when = datetime.fromtimestamp(int(elem.time), timezone.utc).strftime("%H:%M:%S")
        found.append((when, *key, before, origin))
    origin_of[key] = origin
for line in sorted(found):
    print(*line)
