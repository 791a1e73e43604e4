"""The collector, the daemons that speak to it, and the attributes each of them gives to a route.

    SPEAKERS[0].asn, SPEAKERS[0].session("2001:db8:100::/48").address
    route = SPEAKERS[0].route("192.0.2.0/24", best_paths(RELATIONSHIPS, {64499: (64499,)})[64496])

A speaker has its own habits, so that the capture shows many attributes: MED and communities from 64496, large
communities from 65550 whose ASN does not fit into others, sets and aggregators from 64503, LOCAL_PREF from
64511, which is the collector's own AS: only a session inside an AS carries it (RFC 4271, section 5.1.5).
"""

from dataclasses import dataclass, replace
from typing import Literal

from herdwick.tools.bgp.sample.topology import Choice, Learnt

COLLECTOR_ASN = 64511
COLLECTOR_ADDRESSES = {"ipv4": "198.51.100.1", "ipv6": "2001:db8:ffff::1"}

Family = Literal["ipv4", "ipv6"]

Community = tuple[int, int]
LargeCommunity = tuple[int, int, int]

_LOCAL_PREF = {Learnt.ITSELF: 300, Learnt.CUSTOMER: 200, Learnt.PEER: 150, Learnt.PROVIDER: 100}


def family_of(prefix: str) -> Family:
    """The address family of a prefix."""
    return "ipv6" if ":" in prefix else "ipv4"


@dataclass(frozen=True)
class Aggregate:
    """What an AS says that has put routes together (RFC 4271, sections 5.1.7 and 9.2.2.2).

    Attributes:
        members: The AS_SET at the end of the path.
        asn, address: The AGGREGATOR attribute.
    """

    members: tuple[int, ...]
    asn: int
    address: str


@dataclass(frozen=True)
class Route:
    """A route as its speaker holds it.

    Attributes:
        prefix: The prefix.
        path: ASNs up to the origin, without the speaker's own, which a daemon adds where it must.
        origin: The ORIGIN attribute.
        med, local_pref: None where the speaker does not send the attribute.
        communities, large_communities: In the order in which they are sent.
        route_target: `(asn, number)` of an extended community (RFC 4360, section 4).
        aggregate: None for all but aggregated routes.
    """

    prefix: str
    path: tuple[int, ...]
    origin: Literal["igp", "incomplete"] = "igp"
    med: int | None = None
    local_pref: int | None = None
    communities: tuple[Community, ...] = ()
    large_communities: tuple[LargeCommunity, ...] = ()
    route_target: tuple[int, int] | None = None
    aggregate: Aggregate | None = None


@dataclass(frozen=True)
class Session:
    """A BGP session with the collector.

    Attributes:
        name: Of the protocol in the configurations.
        address: Of the speaker.
        families: Whose routes it carries.
    """

    name: str
    address: str
    families: tuple[Family, ...]


@dataclass(frozen=True)
class Speaker:
    """A daemon and what it is told to do.

    Attributes:
        name: Of its configuration.
        asn: Its AS; the collector's makes the session an internal one.
        daemon: The program.
        feed: `full`, or `customers` where the collector is treated like a peer.
        sessions: With the collector.
        ipv4, ipv6: Its addresses, also the next hops of its routes.
    """

    name: str
    asn: int
    daemon: Literal["bird", "gobgpd"]
    feed: Literal["full", "customers"]
    sessions: tuple[Session, ...]
    ipv4: str
    ipv6: str

    @property
    def is_internal(self) -> bool:
        """Whether it belongs to the collector's AS."""
        return self.asn == COLLECTOR_ASN

    def session(self, prefix: str) -> Session:
        """The session that carries `prefix`."""
        return next(session for session in self.sessions if family_of(prefix) in session.families)

    def shown_path(self, route: Route) -> str:
        """The path that the collector sees."""
        path = route.path if self.is_internal else (self.asn, *route.path)
        members = [f"{{{','.join(map(str, route.aggregate.members))}}}"] if route.aggregate else []
        return " ".join([*map(str, path), *members])

    def exports(self, choice: Choice) -> bool:
        """Whether it tells the collector of a route; one with the collector's ASN would be a loop there."""
        if COLLECTOR_ASN in choice.path and not self.is_internal:
            return False
        return self.feed == "full" or choice.learnt <= Learnt.CUSTOMER

    def route(self, prefix: str, choice: Choice) -> Route:
        """The route of `prefix` with the attributes that are this speaker's habit."""
        path = choice.path[1:]
        route = Route(prefix, path)
        neighbour = path[0] if path else self.asn
        if self.asn == 64496:
            return replace(
                route,
                med=10 * len(path),
                communities=((64496, 100 * choice.learnt), (64496, 1000 + neighbour % 100)),
                route_target=(64496, 100) if choice.learnt is Learnt.CUSTOMER else None,
            )
        if self.asn == 65550:
            return replace(route, large_communities=((65550, 1, int(choice.learnt)), (65550, 2, neighbour)))
        if self.asn == 64503:
            return replace(route, communities=((64503, 100),))
        return replace(
            route,
            origin="igp" if path else "incomplete",
            local_pref=_LOCAL_PREF[choice.learnt],
            large_communities=((64511, 1, neighbour),),
        )


def _speaker(
    asn: int,
    number: int,
    *,
    daemon: Literal["bird", "gobgpd"] = "bird",
    feed: Literal["full", "customers"] = "full",
) -> Speaker:
    ipv4, ipv6 = f"198.51.100.{number}", f"2001:db8:ffff::{number}"
    sessions = (
        (Session(f"s{asn}_4", ipv4, ("ipv4",)), Session(f"s{asn}_6", ipv6, ("ipv6",)))
        if daemon == "bird"
        # RFC 4760: one session may carry both.
        else (Session(f"s{asn}", ipv4, ("ipv4", "ipv6")),)
    )
    return Speaker(f"as{asn}", asn, daemon, feed, sessions, ipv4, ipv6)


SPEAKERS = (
    _speaker(64496, 11),
    _speaker(65550, 12),
    _speaker(64503, 13, daemon="gobgpd", feed="customers"),
    _speaker(64511, 14),
)
SPEAKER = {speaker.asn: speaker for speaker in SPEAKERS}
