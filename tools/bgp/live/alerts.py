"""What a watch tells: something changed, when, seen by whom, old and new.

alert.kind, alert.prefix, alert.old_origins, alert.new_origins
"""

from dataclasses import dataclass
from typing import Literal

AlertKind = Literal["new_origin", "new_more_specific", "new_path", "disappearance"]


@dataclass(frozen=True)
class Peer:
    """A router that tells a collector what it hears."""

    collector: str
    asn: int
    address: str


@dataclass(frozen=True)
class Alert:
    """One change.

    Attributes:
        kind: `new_origin`: an AS originates the prefix that did not before. `new_more_specific`: a part of
            what is watched is announced on its own. `new_path`: a peer reaches it over another path.
            `disappearance`: every peer that had a route has lost it.
        time: Of the message, in seconds since 1970 UTC.
        prefix: What changed.
        watched: The watched prefix or AS that it concerns, such as `192.0.2.0/24` or `AS64500`.
        peers: Who saw it; for a disappearance, all who had a route.
        old_origins: Origins known until then; of the covering prefix, for a `new_more_specific`.
        new_origins: Origins of the announcement; none for a disappearance.
        old_path: The peer's path before; '' if it had none.
        new_path: The announced path; '' for a disappearance.
    """

    kind: AlertKind
    time: float
    prefix: str
    watched: str
    peers: tuple[Peer, ...]
    old_origins: tuple[int, ...]
    new_origins: tuple[int, ...]
    old_path: str = ""
    new_path: str = ""
