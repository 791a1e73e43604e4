"""AS numbers as people write them.

parse_asn("AS64496")                # 64496
parse_asn("AS1.10")                 # 65546, in asdot (RFC 5396)
in_question(["AS1.10", "ASes 174,701"])     # ['65546', '174', '701']
"""

import re

MAX_ASN = 0xFFFFFFFF

# "as 1.10" may be a word and a number.
_NAME = r"(?<![\w.])(?:(?i:asns?|ases)[ -]?|AS[ -]?|as)"
_ASDOT = r"\d+\.\d+"
_LIST = r"\d+(?:,\d+)+"

SPELLED = rf"{_NAME}(?:{_ASDOT}(?![\w/]|\.\d)|{_LIST}(?![\w/]|[.,]\d))"
"""How questions spell AS numbers otherwise than in digits: in asdot, or in a list whose commas would pass for
those of thousands."""

MAX_LENGTH = 32
"""Characters of a text that could be an AS number: `int` refuses thousands of digits in words of its own."""

_WRITTEN = re.compile(r"(?:asn?[ -]?)?([0-9]+)(?:\.([0-9]+))?", re.IGNORECASE)
_NUMBERS = re.compile(rf"{_ASDOT}|\d+")
_MAX_HALF = 0xFFFF


def parse_asn(text: str) -> int:
    """An AS number in digits or in asdot, with or without `AS`.

    Raises:
        ValueError: It is none.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"{text[:MAX_LENGTH]!r}… is no AS number such as 64496 or AS64496")
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no AS number such as 64496 or AS64496")
    if match[2] is None:
        number = int(match[1])
    else:
        high, low = int(match[1]), int(match[2])
        if max(high, low) > _MAX_HALF:
            raise ValueError(f"{text!r} is no AS number: both parts of asdot go up to {_MAX_HALF} (RFC 5396)")
        number = high << 16 | low
    if number > MAX_ASN:
        raise ValueError(f"{text!r} is no AS number: they go up to {MAX_ASN}")
    return number


def in_question(spelled: list[str]) -> list[str]:
    """The AS numbers of a question's spellings, in digits; what is none is left out."""
    numbers = []
    for text in spelled:
        for written in _NUMBERS.findall(text):
            try:
                numbers.append(str(parse_asn(written)))
            except ValueError:
                continue  # Such as AS70000.1, which could be meant as nothing else.
    return numbers
