"""What two collectors heard in common."""

import pybgpstream


def prefixes_at(collector):
    stream = pybgpstream.BGPStream(
        from_time="2015-04-01 00:00:00",
        until_time="2015-04-01 00:05:00",
        collectors=[collector],
        record_type="updates",
    )
    return {elem.fields["prefix"] for elem in stream if elem.type == "A"}


one, other = prefixes_at("rrc06"), prefixes_at("route-views.jinx")
print(len(one), len(other), len(one & other))
for prefix in sorted(one & other)[:20]:
    print(prefix)
