"""Lengths of time as questions spell them, in seconds.

durations_in("In 30-second bins, over half an hour")    # {30: 30, 1800: None}
"""

import re

from herdwick.agents.number_words import ENGLISH

_UNITS = {
    **dict.fromkeys(("second", "sec", "s"), 1),
    **dict.fromkeys(("minute", "min"), 60),
    **dict.fromkeys(("hour", "hr", "h"), 3_600),
    "day": 86_400,
}
_PARTS = {"half": 2, "quarter": 4}
_COUNTS = {**ENGLISH, "a": 1, "an": 1}
_DURATION = re.compile(
    rf"(?<![\w.:/-])(?:(?P<part>{'|'.join(_PARTS)})(?:[ -](?:of[ -])?an?)?[ -]"
    rf"|(?P<count>\d{{1,9}}|{'|'.join(_COUNTS)})(?P<joint>[ -]?))"
    rf"(?P<unit>{'|'.join(_UNITS)})s?(?!\w)",
    re.IGNORECASE,
)


def durations_in(question: str) -> dict[int, int | None]:
    """Seconds of each length of time that has its unit, and the number that it is written with, if any."""
    found: dict[int, int | None] = {}
    for match in _DURATION.finditer(question):
        size = _UNITS[match["unit"].lower()]
        if match["part"]:
            found[size // _PARTS[match["part"].lower()]] = None
            continue
        written = match["count"].lower()
        if written.isdigit() or match["joint"]:
            count = int(written) if written.isdigit() else _COUNTS[written]
            found[count * size] = count
    return found
