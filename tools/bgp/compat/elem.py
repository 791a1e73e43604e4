"""PyBGPStream's records and elems.

    record.type, record.status, record.time, record.dump_time, record.project, record.collector
    elem.type, elem.time, elem.peer_asn, elem.peer_address, elem.fields, str(elem)

`elem.fields` has exactly PyBGPStream's keys; MED, LOCAL_PREF and others that it leaves out are in
`elem.attributes`.
"""

from collections.abc import Iterator
from typing import Any, Literal

from herdwick.tools.bgp.engine.elem import Attributes, Elem

Status = Literal["valid", "filtered-source", "empty-source", "corrupted-source", "corrupted-record"]
Position = Literal["start", "middle", "end"]


class BGPElem:
    """One elem of a record.

    Attributes:
        record: The record it is part of.
        type: R, A, W or S.
        time: Seconds since 1970 UTC.
        peer_asn, peer_address: Of the collector's peer.
        fields: For R and A `prefix`, `next-hop`, `as-path`, `communities` (a set); for W `prefix`; for S
            `old-state`, `new-state`.
        attributes: All path attributes, those that PyBGPStream leaves out too.
    """

    __slots__ = ("attributes", "fields", "peer_address", "peer_asn", "record", "time", "type")

    def __init__(self, record: "BGPRecord", elem: Elem) -> None:
        self.record = record
        self.type, self.time = elem.type, elem.time
        self.peer_asn, self.peer_address = elem.peer_asn, elem.peer_address
        self.attributes: Attributes = elem.attributes
        self.fields: dict[str, Any]
        if elem.type == "W":
            self.fields = {"prefix": elem.prefix}
        elif elem.type == "S":
            self.fields = {"old-state": elem.old_state, "new-state": elem.new_state}
        else:
            self.fields = {
                "next-hop": elem.next_hop,
                "as-path": elem.attributes.as_path,
                "communities": set(elem.attributes.communities),
                "prefix": elem.prefix,
            }

    @property
    def project(self) -> str:
        """Of the record."""
        return self.record.project

    @property
    def collector(self) -> str:
        """Of the record."""
        return self.record.collector

    @property
    def router(self) -> str | None:
        """Of the record."""
        return self.record.router

    @property
    def router_ip(self) -> str | None:
        """Of the record."""
        return self.record.router_ip

    def __str__(self) -> str:
        """The pipes of PyBGPStream, which are bgpreader's without the origin; None for what is not there."""
        fields = self.fields
        communities = " ".join(self.attributes.communities) if "communities" in fields else None
        head = (self.record.type, self.type, f"{self.time:f}", self.project, self.collector)
        peer = (self.router, self.router_ip, self.peer_asn, self.peer_address)
        route = (fields.get("prefix"), fields.get("next-hop"), fields.get("as-path"), communities)
        return "|".join(map(str, (*head, *peer, *route, fields.get("old-state"), fields.get("new-state"))))


class BGPRecord:
    """One MRT record; iterating over it gives its elems, once.

    Attributes:
        type: `rib`, `update` or `unknown`.
        status: `valid`, or why it has no elems.
        time: Seconds since 1970 UTC.
        dump_time: When its file began.
        dump_position: `start`, `middle` or `end` of its file.
        project, collector: Where it comes from.
        router, router_ip: None, as MRT does not name them.
    """

    def __init__(self) -> None:
        self.type: Literal["rib", "update", "unknown"] = "unknown"
        self.status: Status = "valid"
        self.time = 0.0
        self.dump_time = 0
        self.dump_position: Position = "middle"
        self.project = ""
        self.collector = ""
        self.router: str | None = None
        self.router_ip: str | None = None
        self._elems: Iterator[BGPElem] = iter(())

    def fill(self, elems: Iterator[Elem]) -> None:
        """Give the record its elems."""
        self._elems = (BGPElem(self, elem) for elem in elems)

    def take(self, other: "BGPRecord") -> None:
        """Become `other`, for loops that hand in a record to be filled."""
        self.__dict__.update(other.__dict__)

    def __iter__(self) -> Iterator[BGPElem]:
        """The elems that are left."""
        return self._elems

    def get_next_elem(self) -> BGPElem | None:
        """The next elem, or None after the last one."""
        return next(self._elems, None)

    @property
    def rec(self) -> "BGPRecord":
        """Itself; the wrapped record of the low-level module."""
        return self

    def __str__(self) -> str:
        """The pipes of PyBGPStream's records."""
        position = {"start": "B", "middle": "M", "end": "E"}[self.dump_position]
        parts = (self.type, position, f"{self.time:f}", self.project, self.collector)
        return "|".join(map(str, (*parts, self.router, self.router_ip, self.status, self.dump_time)))
