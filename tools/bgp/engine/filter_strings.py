"""Filter strings as libbgpstream reads them (its FILTERING document).

    wanted = parse_filter('peer 25152 and prefix more 192.0.2.0/24 and path "_174_"')
    accept = wanted.elem_test()

Terms joined by `and` must all hold; a term given several times, or with several values, holds if one of them
does. `!` before the value of a path means that it must not hold. A `_` in a path is the border of an ASN, as
in Cisco's regular expressions.
"""

import re
from ipaddress import ip_network
from typing import NamedTuple, cast

from herdwick.tools.bgp.engine.elem import ElemType
from herdwick.tools.bgp.engine.filters import Filter, Network, PathRule, PrefixMatch, PrefixRule, compiled
from herdwick.tools.errors import DataError

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
_COMMUNITY = re.compile(r"(?:\d+|\*)(?::(?:\d+|\*)){1,2}$")


MAX_CHARS = 100_000
"""Longest filter string: some five thousand prefixes."""

SHOWN_CHARS = 200
"""How much of a long filter string a message repeats."""


def parse_filter(text: str) -> Filter:
    """The filter that `text` describes; '' lets everything through.

    Raises:
        DataError: It is not a filter string, or too long; the message shows the place.
    """
    check_length(text)
    return _Parser(text).parse()


def check_length(text: str) -> None:
    """Refuse a filter string that nobody means: it may come from a script that nobody has looked at.

    Raises:
        DataError: It is longer than `MAX_CHARS`.
    """
    if len(text) > MAX_CHARS:
        raise DataError(
            "bad_filter",
            f"The filter has {len(text):,} characters, more than {MAX_CHARS:,}.",
            "Filter by a covering prefix or fewer terms.",
        )


def _shown(text: str) -> str:
    return repr(text) if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]!r}…"


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
            f"In the filter {_shown(self._text)} at character {place + 1}: {what}.",
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
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise DataError(
                "bad_filter",
                f"In the filter {_shown(text)} at character {at + 1}: a quote is not closed.",
                'Put values with spaces into double quotes: path "^174 3356"',
            )
        quoted = match[2] is not None
        place = match.end() - len(match[0].lstrip())
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


def _checked_pattern(text: str) -> str:
    compiled(text)
    return text
