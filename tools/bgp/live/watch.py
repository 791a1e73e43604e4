"""What is watched, and when a change of it is worth an alert; no network, no clock.

    watch = Watch(WatchRequest(prefixes=("192.0.2.0/24",), asns=(64500,)))
    watch.learn(elem_of_a_table)                 # what is normal; optional
    for elem in elems:
        for alert in watch.see(elem):
            …

Without a table the first announcement of a prefix tells what is normal, unless ASNs are given along with
prefixes: then these are who may originate them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from herdwick.tools.bgp.engine.elem import Elem
from herdwick.tools.bgp.engine.paths import origins
from herdwick.tools.bgp.live.alerts import Alert, AlertKind, Peer
from herdwick.tools.bgp.live.prefix_table import PrefixTable, covers, normal_prefix
from herdwick.tools.errors import DataError

MAX_ROUTES = 1_000_000
"""Routes remembered; about 500 MB. Those beyond are counted, not watched."""

MAX_GONE = 100_000
"""Prefixes remembered that nobody announces any more; about 80 MB. Anybody can make more by announcing ever
other parts of a watched prefix; those that have been gone longest are forgotten, and new when they return."""

MAX_ORIGINS = 1_000
"""Origins remembered of a prefix; each one beyond is told every time."""


@dataclass(frozen=True)
class WatchRequest:
    """What to watch; at least one prefix or ASN.

    Attributes:
        prefixes: Prefixes; host bits are cleared.
        asns: ASNs whose prefixes are watched as soon as they are seen to originate them; with `prefixes`,
            also those that may originate them.
        more_specific: Whether prefixes within watched ones are watched.
        less_specific: Whether prefixes around watched ones are watched.
        new_paths: Whether a changed path is worth an alert.
    """

    prefixes: tuple[str, ...] = ()
    asns: tuple[int, ...] = ()
    more_specific: bool = True
    less_specific: bool = False
    new_paths: bool = False

    def __post_init__(self) -> None:
        """Refuse to watch nothing.

        Raises:
            DataError: There is neither prefix nor ASN, or what is given is none.
        """
        if not self.prefixes and not self.asns:
            raise DataError("nothing_to_watch", "There is nothing to watch.", "Give a prefix or an ASN.")
        for asn in self.asns:
            if not 0 <= asn <= 0xFFFFFFFF:
                raise DataError("bad_asn", f"{asn} is no AS number.", "ASNs are below 4294967296.")
        normal = tuple(dict.fromkeys(map(_normal, self.prefixes)))
        object.__setattr__(self, "prefixes", normal)


@dataclass
class _Seen:
    """What is known of one prefix.

    Attributes:
        watched: Why it is of interest.
        origins: All that ever originated it, in the order they were seen.
        routes: Path by peer, of those who have one now.
        had: All peers who had one since it last disappeared.
        is_own: Whether it is of interest because a watched AS originated it.
    """

    watched: str
    origins: dict[int, None] = field(default_factory=dict)
    routes: dict[Peer, str] = field(default_factory=dict)
    had: dict[Peer, None] = field(default_factory=dict)
    is_own: bool = False


class Watch:
    """Remembers routes of what is watched, and compares.

    Attributes:
        untracked: Announcements for which there was no room.
    """

    def __init__(self, request: WatchRequest) -> None:
        self._request = request
        self._asns = frozenset(request.asns)
        self._explicit = frozenset(request.prefixes)
        self._table = PrefixTable(request.prefixes)
        self._seen: dict[str, _Seen] = {}
        # The one that has been gone longest comes first.
        self._gone: dict[str, None] = {}
        self._routes = 0
        self.untracked = 0

    def learn(self, elem: Elem) -> None:
        """Take a route, such as one of a table, as normal."""
        for _ in self.see(elem):
            pass

    def see(self, elem: Elem) -> Iterator[Alert]:
        """What an elem changes; use up the alerts of one before giving the next."""
        if elem.type in "AR":
            yield from self._announced(elem)
        elif elem.type == "W":
            yield from self._withdrawn(elem)
        elif elem.new_state != "ESTABLISHED":
            yield from self._session_lost(elem)

    def _announced(self, elem: Elem) -> Iterator[Alert]:
        new_origins = origins(elem.attributes.as_path) or (elem.peer_asn,)
        seen = self._seen.get(elem.prefix)
        kind: AlertKind | None = None
        old_origins: tuple[int, ...] = ()
        if seen is None:
            seen, kind, old_origins = self._first_seen(elem.prefix, new_origins)
            if seen is None:
                return
        peer, path = _peer(elem), elem.attributes.as_path
        old_path = seen.routes.get(peer)
        if old_path is None and self._routes >= MAX_ROUTES:
            self.untracked += 1
            return
        if kind is None:
            kind, old_origins = self._difference(seen, new_origins, old_path, path)
        if len(seen.origins) < MAX_ORIGINS:
            seen.origins |= dict.fromkeys(new_origins)
        seen.routes[peer] = path
        seen.had[peer] = None
        self._remember(elem.prefix, seen)
        self._routes += old_path is None
        if kind:
            yield Alert(
                kind,
                elem.time,
                elem.prefix,
                seen.watched,
                (peer,),
                old_origins,
                new_origins,
                old_path or "",
                path,
            )

    def _remember(self, prefix: str, seen: _Seen) -> None:
        if prefix not in self._seen and seen.is_own:
            self._table.add(prefix)
        self._seen[prefix] = seen
        self._gone.pop(prefix, None)

    def _first_seen(
        self, prefix: str, new_origins: tuple[int, ...]
    ) -> tuple[_Seen | None, AlertKind | None, tuple[int, ...]]:
        """Whether a prefix that was not seen before is watched, and what alert that is."""
        request = self._request
        if prefix in self._explicit:
            return _Seen(prefix, dict.fromkeys(request.asns)), None, ()
        covering = self._table.covering(prefix) if request.more_specific else None
        is_own = not self._asns.isdisjoint(new_origins)
        # That an AS announces parts of what it originates is no news until somebody watches that prefix.
        if covering and (covering in self._explicit or not is_own):
            known = self._seen.get(covering)
            watched = covering if covering in self._explicit or known is None else known.watched
            return _Seen(watched), "new_more_specific", tuple(known.origins) if known else request.asns
        if is_own:
            watched = f"AS{next(asn for asn in new_origins if asn in self._asns)}"
            return _Seen(watched, is_own=True), None, ()
        around = request.prefixes if request.less_specific else ()
        inside = next((narrow for narrow in around if covers(prefix, narrow)), None)
        return (_Seen(inside) if inside else None), None, ()

    def _difference(
        self, seen: _Seen, new_origins: tuple[int, ...], old_path: str | None, path: str
    ) -> tuple[AlertKind | None, tuple[int, ...]]:
        if seen.origins and not seen.origins.keys() >= {*new_origins}:
            return "new_origin", tuple(seen.origins)
        if self._request.new_paths and old_path is not None and old_path != path:
            return "new_path", origins(old_path)
        return None, ()

    def _withdrawn(self, elem: Elem) -> Iterator[Alert]:
        seen, peer = self._seen.get(elem.prefix), _peer(elem)
        if seen and peer in seen.routes:
            yield from self._lost(elem, elem.prefix, seen, peer)

    def _session_lost(self, elem: Elem) -> Iterator[Alert]:
        """What a peer has is not known any more; that alone is no disappearance."""
        peer = _peer(elem)
        for prefix, seen in [(prefix, seen) for prefix, seen in self._seen.items() if peer in seen.routes]:
            del seen.had[peer]
            yield from self._lost(elem, prefix, seen, peer)

    def _lost(self, elem: Elem, prefix: str, seen: _Seen, peer: Peer) -> Iterator[Alert]:
        path = seen.routes.pop(peer)
        self._routes -= 1
        if seen.had and not seen.routes:
            peers = tuple(seen.had)
            seen.had.clear()
            yield Alert("disappearance", elem.time, prefix, seen.watched, peers, origins(path), (), path, "")
        if not seen.routes:
            self._is_gone(prefix)

    def _is_gone(self, prefix: str) -> None:
        """Nobody announces it any more; make room, if there are too many of those."""
        if prefix in self._explicit:
            return
        self._gone[prefix] = None
        if len(self._gone) > MAX_GONE:
            oldest = next(iter(self._gone))
            del self._gone[oldest]
            if self._seen.pop(oldest).is_own:
                self._table.remove(oldest)


def _normal(prefix: str) -> str:
    normal = normal_prefix(prefix.strip())
    if not normal:
        raise DataError(
            "bad_prefix", f"{prefix!r} is no prefix.", "Write it as 192.0.2.0/24 or 2001:db8::/32."
        )
    return normal


def _peer(elem: Elem) -> Peer:
    return Peer(elem.source.collector, elem.peer_asn, elem.peer_address)
