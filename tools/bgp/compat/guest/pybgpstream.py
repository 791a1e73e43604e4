"""`import pybgpstream`, inside the sandbox."""

from herdwick.tools.bgp.compat import BGPElem, BGPRecord, BGPStream

__all__ = ["BGPElem", "BGPRecord", "BGPStream"]
__version__ = "2.0.2"
