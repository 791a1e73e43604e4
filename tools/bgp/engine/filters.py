"""What a stream lets through: conditions on sources and elems, as libbgpstream has them.

    accept = Filter(peers=(25152,), paths=(PathRule("_174_", negated=False),)).elem_test()
    [elem for elem in reader if accept(elem)]

`filter_strings` reads them from text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal, NamedTuple

from herdwick.tools.bgp.engine.elem import Elem, ElemType, Source
from herdwick.tools.bgp.engine.paths import origins

PrefixMatch = Literal["exact", "more", "less", "any"]
Network = IPv4Network | IPv6Network
Test = Callable[[Elem], bool]

_BORDER = r"(?:^|$|[ {}()\[\],])"
MAX_REMEMBERED = 100_000
"""Prefixes whose verdict is kept; a stream names the same ones again and again."""


class PrefixRule(NamedTuple):
    """A prefix and how others must lie to it: `more` and `less` both include the prefix itself."""

    match: PrefixMatch
    network: Network


class PathRule(NamedTuple):
    """A regular expression over the AS path, as the filter string has it."""

    pattern: str
    negated: bool


@dataclass(frozen=True)
class Filter:
    """What a stream lets through; an empty tuple lets everything through.

    Attributes:
        projects, collectors, routers: Of the source.
        record_types: `ribs` or `updates`.
        elem_types: R, A, W, S.
        peers: ASNs of peers.
        prefixes: Of which one must match.
        paths: Those not negated, of which one must match, and negated ones, none of which may.
        origins: ASNs of which one must originate the route.
        communities: `ASN:value`, where `*` stands for any number.
        ip_versions: 4 and 6.
    """

    projects: tuple[str, ...] = ()
    collectors: tuple[str, ...] = ()
    routers: tuple[str, ...] = ()
    record_types: tuple[str, ...] = ()
    elem_types: tuple[ElemType, ...] = ()
    peers: tuple[int, ...] = ()
    prefixes: tuple[PrefixRule, ...] = ()
    paths: tuple[PathRule, ...] = ()
    origins: tuple[int, ...] = ()
    communities: tuple[str, ...] = ()
    ip_versions: tuple[int, ...] = ()

    def accepts_source(self, source: Source) -> bool:
        """Whether elems of `source` are wanted at all."""
        return (
            (not self.projects or source.project in self.projects)
            and (not self.collectors or source.collector in self.collectors)
            and (not self.routers or source.router in self.routers)
        )

    def elem_test(self) -> Test:
        """A test of elems; cheap conditions come first."""
        tests: list[Test] = []
        types = _types(self)
        if types is not None:
            tests.append(lambda elem: elem.type in types)
        if self.peers:
            peers = frozenset(self.peers)
            tests.append(lambda elem: elem.peer_asn in peers)
        if self.ip_versions:
            colon = {4: False, 6: True}
            wanted = {colon[version] for version in self.ip_versions}
            tests.append(lambda elem: (":" in (elem.prefix or elem.peer_address)) in wanted)
        if self.prefixes:
            tests.append(_prefix_test(self.prefixes))
        if self.origins:
            asns = frozenset(self.origins)
            tests.append(lambda elem: not asns.isdisjoint(origins(elem.attributes.as_path)))
        if self.paths:
            tests.append(_path_test(self.paths))
        if self.communities:
            tests.append(_community_test(self.communities))
        if len(tests) < 2:
            return tests[0] if tests else _anything
        return lambda elem: all(test(elem) for test in tests)


def _types(wanted: Filter) -> frozenset[ElemType] | None:
    by_record: dict[str, tuple[ElemType, ...]] = {"ribs": ("R",), "updates": ("A", "W", "S")}
    groups: list[frozenset[ElemType]] = []
    if wanted.record_types:
        groups.append(frozenset(t for record in wanted.record_types for t in by_record[record]))
    if wanted.elem_types:
        groups.append(frozenset(wanted.elem_types))
    return frozenset.intersection(*groups) if groups else None


def _prefix_test(rules: tuple[PrefixRule, ...]) -> Test:
    verdicts: dict[str, bool] = {"": False}

    def test(elem: Elem) -> bool:
        verdict = verdicts.get(elem.prefix)
        if verdict is None:
            if len(verdicts) >= MAX_REMEMBERED:
                verdicts.clear()
                verdicts[""] = False
            network = ip_network(elem.prefix)
            verdict = verdicts[elem.prefix] = any(_lies(network, rule) for rule in rules)
        return verdict

    return test


def _lies(network: Network, rule: PrefixRule) -> bool:
    other = rule.network
    if network.version != other.version:
        return False
    if rule.match == "exact":
        return network == other
    inside = network.prefixlen >= other.prefixlen and network.network_address in other
    outside = network.prefixlen <= other.prefixlen and other.network_address in network
    return {"more": inside, "less": outside, "any": inside or outside}[rule.match]


def compiled(pattern: str) -> Callable[[str], bool]:
    """A test of paths, in which `_` is the border of an ASN.

    Raises:
        ValueError: It is no regular expression.
    """
    # RE2 runs in linear time: a pattern from outside cannot hang the stream.
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        expression = re2.compile(pattern.replace("_", _BORDER), options)
    except re2.error as error:
        reason = error.args[0].decode(errors="replace") if error.args else ""
        raise ValueError(f"{pattern!r} is no regular expression: {reason}") from error
    return lambda path: expression.search(path) is not None


def _path_test(rules: tuple[PathRule, ...]) -> Test:
    wanted = [compiled(rule.pattern) for rule in rules if not rule.negated]
    unwanted = [compiled(rule.pattern) for rule in rules if rule.negated]

    def test(elem: Elem) -> bool:
        if elem.type in "WS":
            return False
        path = elem.attributes.as_path
        return (not wanted or any(found(path) for found in wanted)) and not any(
            found(path) for found in unwanted
        )

    return test


def _community_test(patterns: tuple[str, ...]) -> Test:
    exact = frozenset(pattern for pattern in patterns if "*" not in pattern)
    wild = re.compile("|".join(p.replace("*", r"\d+") for p in patterns if "*" in p) or r"(?!)")

    def test(elem: Elem) -> bool:
        carried = (*elem.attributes.communities, *elem.attributes.large_communities)
        return any(community in exact or wild.fullmatch(community) for community in carried)

    return test


def _anything(elem: Elem) -> bool:
    del elem
    return True
