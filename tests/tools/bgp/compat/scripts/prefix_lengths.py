"""Lengths of announced prefixes, IPv4 and IPv6 apart."""

import ipaddress
from collections import Counter

import pybgpstream

stream = pybgpstream.BGPStream(
    from_time="2015-04-01 00:00:00 UTC",
    until_time="2015-04-01 00:15:00 UTC",
    collectors="route-views.jinx",
    record_types=["updates"],
    data_interface="broker",
)
announced = {elem.fields["prefix"] for elem in stream if elem.type == "A"}
lengths = Counter()
for prefix in announced:
    network = ipaddress.ip_network(prefix)
    lengths[network.version, network.prefixlen] += 1
for (version, length), count in sorted(lengths.items()):
    print(f"IPv{version} /{length}: {count}")
