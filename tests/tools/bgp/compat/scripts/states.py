"""Sessions that went up or down."""

import pybgpstream

stream = pybgpstream.BGPStream(
    from_time="2015-04-01 00:00:00", until_time="2015-04-01 00:05:00", collectors=["rrc06"]
)
for elem in stream:
    if elem.type == "S":
        print(
            int(elem.time),
            elem.peer_asn,
            elem.peer_address,
            elem.fields["old-state"],
            "->",
            elem.fields["new-state"],
        )
