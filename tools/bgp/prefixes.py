"""Prefixes as people write them.

parse_prefix("10/8")                # '10.0.0.0/8'
parse_prefix("192.0.2.1 /24")       # '192.0.2.0/24'
parse_prefix("[2001:DB8::]/32")     # '2001:db8::/32'
"""

import re
from ipaddress import ip_network

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
_IN_BRACKETS = rf"\[{_IPV6_ADDRESS}\] ?/ ?\d+(?![\w/]|\.\d)"

SPELLED = f"{_IN_BRACKETS}|{_IPV4}|{_SHORT}|{_IPV6}"
"""How questions spell prefixes and addresses; also such as cannot be, so that they are refused."""

_BRACKETED = re.compile(r"\[([^\[\]]*)\](/.*)?", re.DOTALL)
_WITHOUT_ZEROS = re.compile(r"([0-9]+(?:\.[0-9]+){0,2})/([0-9]+)")


def parse_prefix(text: str) -> str:
    """A prefix in its shortest form, host bits cleared; of an address alone, its /32 or /128.

    Octets may be missing where the length needs none of them, as in `10/8` and `172.16/12`.

    Raises:
        ValueError: It is none.
    """
    cleaned = re.sub(r"\s*/\s*", "/", text.strip())
    if match := _BRACKETED.fullmatch(cleaned):
        cleaned = f"{match[1]}{match[2] or ''}"
    if match := _WITHOUT_ZEROS.fullmatch(cleaned):
        octets, length = match[1].split("."), int(match[2])
        if cleaned != "0/0" and not 8 * (len(octets) - 1) < length <= 8 * len(octets):
            raise ValueError(f"{text!r} is no prefix; write all four octets, such as 192.0.2.0/24")
        cleaned = f"{'.'.join([*octets, '0', '0', '0'][:4])}/{length}"
    try:
        return str(ip_network(cleaned, strict=False))
    except ValueError:
        raise ValueError(f"{text!r} is no prefix such as 192.0.2.0/24") from None
