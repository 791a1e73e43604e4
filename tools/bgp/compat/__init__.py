"""PyBGPStream's interface on the embedded engine, for scripts in the sandbox.

    from pybgpstream import BGPStream
    for elem in BGPStream("2015-04-01 00:00:00", "2015-04-01 00:05:00", collectors=["rrc06"]):
        elem.type, elem.peer_asn, elem.fields["prefix"]

It reads what the host put at hand, and nothing else: data that is not there is an error, never an empty
stream. Interface: https://bgpstream.caida.org/docs/api/pybgpstream, release 2.0.2.
"""

from herdwick.tools.bgp.compat.elem import BGPElem, BGPRecord
from herdwick.tools.bgp.compat.stream import BGPStream

__all__ = ["BGPElem", "BGPRecord", "BGPStream"]
