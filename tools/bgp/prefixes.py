"""Prefixes as people write them.

parse_prefix("10/8")                # '10.0.0.0/8'
parse_prefix("192.0.2.1 /24")       # '192.0.2.0/24'
parse_prefix("[2001:DB8::]/32")     # '2001:db8::/32'
parse_address("2001:DB8::1")        # '2001:db8::1'
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from herdwick.tools.bgp.engine.prefixes import IPV4, IPV6, address

_OCTETS = r"(?:\d{1,3}\.){3}\d{1,3}"
_HEX = "[0-9A-Fa-f]{1,4}"
# However long, so that /240 is refused and not cut off; between spaces too.
_LENGTH = r"(?: ?/ ?\d+)?"
_IPV4 = rf"(?<![\w.])(?<!\d:)(?<!::){_OCTETS}{_LENGTH}(?![\w/]|\.\d| /\d)"
# Not "24/7" and "1/2": of single octets 0/0 is a prefix, and all with /8.
_SHORT = (
    r"(?<![\w./])(?<!\d:)(?<!::)"
    r"(?:0/0|\d{1,3}/8(?! of\b)|\d{1,3}\.\d{1,3}(?:\.\d{1,3})?/\d+)(?![\w/]|\.\d)"
)
_IPV6_ADDRESS = (
    rf"(?:(?:{_HEX}:){{7}}{_HEX}"
    rf"|(?:{_HEX}(?::{_HEX}){{0,6}})?::(?:(?:{_HEX}:){{0,5}}{_OCTETS}|{_HEX}(?::{_HEX}){{0,6}})?)"
)
# A colon may follow it in a sentence.
_IPV6 = rf"(?<![\w.])(?<![0-9A-Fa-f:]:){_IPV6_ADDRESS}{_LENGTH}(?![\w/]|:[\w:]|\.\d| /\d)"
_AFTER_ADDRESS = r"(?! ?/ ?\d)(?![\w/]|:[\w:]|\.\d)"
_IN_BRACKETS = rf"\[{_IPV6_ADDRESS}\] ?/ ?\d+(?![\w/]|\.\d)"

SPELLED = f"{_IN_BRACKETS}|{_IPV4}|{_SHORT}|{_IPV6}"
"""How questions spell prefixes and addresses; also such as cannot be, so that they are refused."""

SPELLED_ADDRESS = (
    rf"(?<![\w.])(?<!\d:)(?<!::){_OCTETS}{_AFTER_ADDRESS}"
    rf"|(?<![\w.])(?<![0-9A-Fa-f:]:){_IPV6_ADDRESS}{_AFTER_ADDRESS}"
)
"""How questions spell addresses alone, without the length of a prefix."""

MAX_LENGTH = 64
"""Characters of a text that could be a prefix: the longest, with all its zeros, spaces and brackets, has some
fifty. Longer ones would take the expressions below quadratic time."""

_BRACKETED = re.compile(r"\[([^\[\]]*)\](/.*)?", re.DOTALL)
_WITHOUT_ZEROS = re.compile(r"([0-9]+(?:\.[0-9]+){0,2})/([0-9]+)")


def parse_prefix(text: str) -> str:
    """A prefix as the engine writes it, host bits cleared; of an address alone, its /32 or /128.

    Octets may be missing where the length needs none of them, as in `10/8` and `172.16/12`.

    Raises:
        ValueError: It is none.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"{text[:MAX_LENGTH]!r}… is no prefix such as 192.0.2.0/24")
    cleaned = re.sub(r"\s*/\s*", "/", text.strip())
    if match := _BRACKETED.fullmatch(cleaned):
        cleaned = f"{match[1]}{match[2] or ''}"
    if match := _WITHOUT_ZEROS.fullmatch(cleaned):
        octets, length = match[1].split("."), int(match[2])
        if cleaned != "0/0" and not 8 * (len(octets) - 1) < length <= 8 * len(octets):
            raise ValueError(f"{text!r} is no prefix; write all four octets, such as 192.0.2.0/24")
        cleaned = f"{'.'.join([*octets, '0', '0', '0'][:4])}/{length}"
    try:
        return written(ip_network(cleaned, strict=False))
    except ValueError:
        raise ValueError(f"{text!r} is no prefix such as 192.0.2.0/24") from None


def parse_address(text: str) -> str:
    """An address as the engine writes it, such as that of a peer.

    Raises:
        ValueError: It is none.
    """
    try:
        found = ip_address(text.strip().strip("[]")) if len(text) <= MAX_LENGTH else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"{text[:MAX_LENGTH]!r} is no address such as 192.0.2.1")
    return address(found.packed, IPV4 if found.version == 4 else IPV6)


def written(network: IPv4Network | IPv6Network) -> str:
    """A network as the engine writes it, so that texts can be compared.

    `str` writes some of IPv6 otherwise: `::ffff:0:0/96`, where the engine has `::ffff:0.0.0.0/96`.
    """
    family = IPV4 if network.version == 4 else IPV6
    return f"{address(network.network_address.packed, family)}/{network.prefixlen}"
