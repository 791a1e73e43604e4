"""The Internet of the lab: who sells transit to whom, and which path each AS chooses.

    paths = best_paths(RELATIONSHIPS, {64499: (64499,)})
    paths[64496].path              # (64496, 64500, 64499)

All ASNs are for documentation (RFC 5398). Every AS prefers routes of customers to those of peers and these to
those of providers, then short paths; it tells peers and providers of its customers' routes only (L. Gao,
"On inferring autonomous system relationships in the Internet", 2001). Hence no path has a valley, except
where an AS is told to leak.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple


class Learnt(IntEnum):
    """From whom a route was learnt, the most preferred first."""

    ITSELF = 0
    CUSTOMER = 1
    PEER = 2
    PROVIDER = 3


class Relationship(NamedTuple):
    """A line of a relationships file: `second` is a customer of `first`, or its peer."""

    first: int
    second: int
    peers: bool


class Choice(NamedTuple):
    """The path an AS has chosen, itself first, and from whom it was learnt."""

    path: tuple[int, ...]
    learnt: Learnt

    @property
    def rank(self) -> tuple[int, int, tuple[int, ...]]:
        """Less is better."""
        return self.learnt, len(self.path), self.path


_PROVIDERS: dict[int, tuple[int, ...]] = {
    64498: (64496, 64497),
    64499: (64500, 65536),
    64500: (64496, 64497),
    64501: (64497, 65550),
    64502: (64496, 65550),
    64503: (64498,),
    64504: (64498, 64501),
    64505: (64501, 65537),
    64506: (64500,),
    64507: (64502,),
    64508: (64498, 64502),
    64509: (64496, 64501),
    64510: (65536,),
    64511: (64497, 65550),
    65536: (65550,),
    65537: (64497,),
    65538: (64503,),
    65539: (64503,),
    65540: (64500, 64501),
    65541: (64498, 65537),
    65542: (65536,),
    65543: (64502, 65537),
    65544: (64500, 64501),
    65545: (64498, 64502),
    65546: (64500,),
    65547: (65537,),
    65548: (64501, 65536),
    65549: (64502,),
    65551: (64498,),
}
_PEERS = (
    (64496, 64497),
    (64496, 65550),
    (64497, 65550),
    (64498, 64501),
    (64500, 65536),
    (64502, 65537),
)

RELATIONSHIPS: tuple[Relationship, ...] = (
    *(Relationship(first, second, peers=True) for first, second in _PEERS),
    *(
        Relationship(provider, customer, peers=False)
        for customer, providers in _PROVIDERS.items()
        for provider in providers
    ),
)
ASNS: tuple[int, ...] = tuple(sorted({asn for line in RELATIONSHIPS for asn in line[:2]}))


def best_paths(
    relationships: Iterable[Relationship],
    origins: Mapping[int, tuple[int, ...]],
    *,
    leaker: int | None = None,
) -> dict[int, Choice]:
    """What each AS chooses for one prefix; an AS that has no route is not in the result.

    Args:
        relationships: Who is connected.
        origins: The ASes that announce the prefix, and the path each announces, itself first.
        leaker: An AS that tells everybody of every route (RFC 7908, type 1).

    Raises:
        ValueError: The choices never settle.
    """
    neighbours = _neighbours(relationships)
    chosen = {asn: Choice(path, Learnt.ITSELF) for asn, path in origins.items()}
    for _ in range(4 * len(neighbours)):
        settled = True
        for asn in sorted(neighbours):
            if asn in origins:
                continue
            offers = list(_offers(asn, neighbours, chosen, leaker))
            best = min(offers, key=lambda offer: offer.rank) if offers else None
            if best != chosen.get(asn):
                settled = False
                if best is None:
                    del chosen[asn]
                else:
                    chosen[asn] = best
        if settled:
            return chosen
    raise ValueError("The choices never settle; a leak may be preferred in a circle.")


def _neighbours(relationships: Iterable[Relationship]) -> dict[int, dict[int, Learnt]]:
    """For each AS its neighbours, and what a route learnt from each counts as."""
    neighbours: dict[int, dict[int, Learnt]] = {}
    for first, second, peers in relationships:
        neighbours.setdefault(first, {})[second] = Learnt.PEER if peers else Learnt.CUSTOMER
        neighbours.setdefault(second, {})[first] = Learnt.PEER if peers else Learnt.PROVIDER
    return neighbours


def _offers(
    asn: int,
    neighbours: Mapping[int, Mapping[int, Learnt]],
    chosen: Mapping[int, Choice],
    leaker: int | None,
) -> Iterator[Choice]:
    """What the neighbours of an AS tell it."""
    for neighbour, learnt in neighbours[asn].items():
        theirs = chosen.get(neighbour)
        if theirs is None or asn in theirs.path:
            continue
        sells_to_it = learnt is Learnt.PROVIDER
        if sells_to_it or theirs.learnt <= Learnt.CUSTOMER or neighbour == leaker:
            yield Choice((asn, *theirs.path), learnt)


def relationships_text() -> str:
    """The relationships in CAIDA's serial-1 format, `provider|customer|-1` and `peer|peer|0`."""
    lines = [
        "# AS relationships of the lab capture lab00: invented, for documentation ASNs (RFC 5398)",
        "# <provider-as>|<customer-as>|-1",
        "# <peer-as>|<peer-as>|0",
        *(f"{first}|{second}|{0 if peers else -1}" for first, second, peers in sorted(RELATIONSHIPS)),
    ]
    return "\n".join(lines) + "\n"
