"""Filter strings as libbgpstream reads them (its FILTERING document), made into tests of elems.

    wanted = parse_filter('peer 25152 and prefix more 192.0.2.0/24 and path "_174_"')
    accept = wanted.elem_test()
    [elem for elem in reader if accept(elem)]

Terms joined by `and` must all hold; a term given several times, or with several values, holds if one of them
does. `!` before a value means that it must not hold. A `_` in a path is the border of an ASN, as in Cisco's
regular expressions.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal, NamedTuple, cast

from herdwick.tools.bgp.engine.elem import Elem, ElemType, Source
from herdwick.tools.bgp.engine.paths import origins
from herdwick.tools.errors import DataError

PrefixMatch = Literal["exact", "more", "less", "any"]
Network = IPv4Network | IPv6Network
Test = Callable[[Elem], bool]

TERMS = {
    "project": "project",
    "proj": "project",
    "collector": "collector",
    "coll": "collector",
    "router": "router",
    "rout": "router",
    "type": "type",
    "elemtype": "elemtype",
    "elem": "elemtype",
    "peer": "peer",
    "prefix": "prefix",
    "pref": "prefix",
    "path": "path",
    "aspath": "path",
    "origin": "origin",
    "community": "community",
    "comm": "community",
    "ipversion": "ipversion",
    "ipv": "ipversion",
}
_ELEM_TYPES: dict[str, ElemType] = {
    "ribs": "R",
    "announcements": "A",
    "withdrawals": "W",
    "peerstates": "S",
    "r": "R",
    "a": "A",
    "w": "W",
    "s": "S",
}
_TOKEN = re.compile(r'\s*(?:(!)?"([^"]*)"|([^\s,"]+)|(,))')
_BORDER = r"(?:^|$|[ {}()\[\],])"
_COMMUNITY = re.compile(r"(?:\d+|\*)(?::(?:\d+|\*)){1,2}$")
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


def parse_filter(text: str) -> Filter:
    """The filter that `text` describes; '' lets everything through.

    Raises:
        DataError: It is not a filter string; the message shows the place.
    """
    return _Parser(text).parse()


class _Parser:
    """Reads `term value… (and term value…)*`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [*_tokens(text)]
        self._at = 0
        self._found: dict[str, list[object]] = {}

    def parse(self) -> Filter:
        while self._at < len(self._tokens):
            if self._found:
                self._joining()
            self._term()
        return Filter(**{name: tuple(values) for name, values in self._found.items()})  # type: ignore[arg-type]

    def _joining(self) -> None:
        token = self._tokens[self._at]
        if token.text != "and" or token.quoted:
            raise self._error("`and` was expected", token.place)
        self._at += 1

    def _term(self) -> None:
        token = self._next("a term such as `peer` or `prefix`")
        term = TERMS.get(token.text)
        if term is None:
            raise self._error(
                f"{token.text!r} is no term ({', '.join(dict.fromkeys(TERMS.values()))})", token.place
            )
        match = "more"
        if term == "prefix" and self._at < len(self._tokens) and self._tokens[self._at].text in _MATCHES:
            match = self._next("a prefix").text
        self._value(term, match, self._next(f"a value of `{term}`"))
        while self._at < len(self._tokens) and not self._tokens[self._at].joins:
            if self._tokens[self._at].text == "," and not self._tokens[self._at].quoted:
                self._at += 1
            self._value(term, match, self._next(f"a value of `{term}`"))

    def _next(self, expected: str) -> "_Token":
        if self._at >= len(self._tokens):
            raise self._error(f"{expected} was expected", len(self._text))
        self._at += 1
        return self._tokens[self._at - 1]

    def _value(self, term: str, match: str, token: "_Token") -> None:
        negated, text = token.negated, token.text
        if text.startswith("!"):
            negated, text = True, text[1:]
        if negated and term != "path":
            raise self._error(f"`!` is for paths, not for `{term}`", token.place)
        try:
            name, value = _read(term, match, text, negated)
        except ValueError as error:
            raise self._error(str(error), token.place) from error
        self._found.setdefault(name, []).append(value)

    def _error(self, what: str, place: int) -> DataError:
        return DataError(
            "bad_filter",
            f"In the filter {self._text!r} at character {place + 1}: {what}.",
            'Write it such as: peer 25152 and prefix more 192.0.2.0/24 and path "_174_"',
        )


_MATCHES = ("exact", "more", "less", "any")


class _Token(NamedTuple):
    text: str
    place: int
    quoted: bool = False
    negated: bool = False

    @property
    def joins(self) -> bool:
        return self.text == "and" and not self.quoted


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise DataError(
                "bad_filter",
                f"In the filter {text!r} at character {at + 1}: a quote is not closed.",
                'Put values with spaces into double quotes: path "^174 3356"',
            )
        quoted = match[2] is not None
        place = len(text) - len(text[at:].lstrip())
        tokens.append(_Token(match[2] if quoted else match[3] or match[4], place, quoted, bool(match[1])))
        at = match.end()
    return tokens


def _read(term: str, match: str, text: str, negated: bool) -> tuple[str, object]:
    """Field of `Filter` and value; ValueError says what was expected."""
    if term in ("project", "collector", "router"):
        return f"{term}s", text
    if term == "type":
        if text not in ("ribs", "updates"):
            raise ValueError(f"{text!r} is no record type (ribs, updates)")
        return "record_types", text
    if term == "elemtype":
        if text.lower() not in _ELEM_TYPES:
            raise ValueError(f"{text!r} is no elem type (ribs, announcements, withdrawals, peerstates)")
        return "elem_types", _ELEM_TYPES[text.lower()]
    if term in ("peer", "origin"):
        return f"{term}s", _asn(text)
    if term == "prefix":
        return "prefixes", PrefixRule(cast(PrefixMatch, match), _network(text))
    if term == "path":
        return "paths", PathRule(_checked_pattern(text), negated)
    if term == "community":
        if not _COMMUNITY.match(text):
            raise ValueError(f"{text!r} is no community such as 65000:100 or *:666")
        return "communities", text
    if text not in ("4", "6"):
        raise ValueError(f"{text!r} is no IP version (4, 6)")
    return "ip_versions", int(text)


def _asn(text: str) -> int:
    digits = text.upper().removeprefix("AS")
    if not digits.isdigit() or int(digits) > 0xFFFFFFFF:
        raise ValueError(f"{text!r} is no AS number")
    return int(digits)


def _network(text: str) -> Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is no prefix such as 192.0.2.0/24") from None


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


def _checked_pattern(text: str) -> str:
    _compiled(text)
    return text


def _compiled(pattern: str) -> Callable[[str], bool]:
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
    wanted = [_compiled(rule.pattern) for rule in rules if not rule.negated]
    unwanted = [_compiled(rule.pattern) for rule in rules if rule.negated]

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
