"""The vocabulary of a BGP stream: elem, attributes, source.

    for elem in read_elems(Path("updates.20150401.0000.gz")):
        elem.type, elem.time, elem.peer_asn, elem.prefix, elem.attributes.as_path

The words are PyBGPStream's (https://bgpstream.caida.org/docs/api/pybgpstream/_pybgpstream.html); attributes
that PyBGPStream leaves out have the names of their RFCs. Named tuples, because a file holds millions.
"""

from typing import Literal, NamedTuple

ElemType = Literal["R", "A", "W", "S"]

STATES = ("UNKNOWN", "IDLE", "CONNECT", "ACTIVE", "OPENSENT", "OPENCONFIRM", "ESTABLISHED")
"""States of a session by their number on the wire, from 1 (RFC 6396, section 4.4.1); 0 is any other."""


class Source(NamedTuple):
    """Where elems come from.

    Attributes:
        collector: Such as `rrc00` or `route-views2`; `local` where no archive named it.
        project: `ris`, `routeviews`, or `local` for other files.
        router: The exporting router; '' in MRT, which does not name it.
    """

    collector: str
    project: str = "local"
    router: str = ""


class Aggregator(NamedTuple):
    """Who aggregated a route (RFC 4271, section 5.1.7)."""

    asn: int
    address: str


class Attributes(NamedTuple):
    """The path attributes of an announcement or table entry.

    Attributes:
        as_path: ASNs from the peer to the origin, separated by spaces; sets as `{1,2}`, confederation
            sequences as `(1 2)`, confederation sets as `[1,2]`. '' for a route of the peer's own AS.
        communities: `ASN:value` (RFC 1997), in the order they came.
        large_communities: `ASN:value:value` (RFC 8092).
        extended_communities: `rt:…` and `soo:…` (RFC 4360, 5668), others as `0x` and 16 hexadecimal digits.
        origin: `IGP`, `EGP` or `INCOMPLETE`; None if absent.
        med: Multi-exit discriminator; None if absent.
        local_pref: Local preference; None if absent.
        aggregator: None if absent.
        atomic_aggregate: Whether the attribute is present.
    """

    as_path: str = ""
    communities: tuple[str, ...] = ()
    large_communities: tuple[str, ...] = ()
    extended_communities: tuple[str, ...] = ()
    origin: str | None = None
    med: int | None = None
    local_pref: int | None = None
    aggregator: Aggregator | None = None
    atomic_aggregate: bool = False


NO_ATTRIBUTES = Attributes()


class Elem(NamedTuple):
    """One route of a table, one announced or withdrawn prefix, or one change of a session's state.

    Attributes:
        type: R table entry, A announcement, W withdrawal, S state.
        time: Seconds since 1970 UTC; of the dump for R, whatever time the route was learnt.
        peer_asn: The collector's peer.
        peer_address: Of the collector's peer.
        prefix: In the shortest form, host bits zero; '' for S.
        next_hop: For R and A; '' for others.
        attributes: For R and A; empty for others.
        source: Collector and project.
        old_state, new_state: For S, such as `ESTABLISHED`; '' for others.
        path_id: Where the session carries several paths of a prefix (RFC 7911), otherwise None.
    """

    type: ElemType
    time: float
    peer_asn: int
    peer_address: str
    prefix: str
    next_hop: str
    attributes: Attributes
    source: Source
    old_state: str = ""
    new_state: str = ""
    path_id: int | None = None
