"""Times as people write them, in UTC.

parse_time("2015-04-01 00:05")      # 1427846700.0
show_time(1427846700)               # '2015-04-01T00:05:00Z'
is_clock("00:05 UTC")               # True: a time of some day
from_edge("last five minutes")      # ("last", 300): counted from the end of the data
"""

import re
from datetime import UTC, datetime
from typing import Literal

from herdwick.tools.errors import DataError

_UTC = r"(?: ?(?i:UTC|GMT|Z))?"
# Not understood, but not cut off either: "1:30 pm" is not 1:30, nor "0:05 CET" 0:05 UTC.
_ELSEWHERE = r" ?(?:(?i:[ap]\.?m)|CES?T|EES?T|WES?T|BST|IST|JST|MSK|[ECMP][SD]?T)\b"
# With a minus it would be a window: "2015-04-01 00:00-00:05".
_ZONE = rf"(?:\+\d\d:?\d\d(?![:\d])|{_ELSEWHERE}|{_UTC})"
_CLOCK = r"\d\d?:\d\d(?::\d\d(?:\.\d+)?)?"
_MONTH = r"(?i:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_NUMBERED = r"\d\d?(?:st|nd|rd|th)?"
_IN_WORDS = rf"(?:{_MONTH} {_NUMBERED},? \d{{4}}|{_NUMBERED} (?:of )?{_MONTH},? \d{{4}})"
_DAY = rf"(?:\d{{4}}-\d\d-\d\d|\d{{4}}/\d\d?/\d\d?|{_IN_WORDS})"
_COUNTS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(),  # noqa: SIM905 - reads better
        start=1,
    )
} | {"fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60}
_UNITS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3_600, "day": 86_400}
_EDGE = (
    rf"(?i:(?P<edge>first|last|final|past|opening|closing) (?:(?P<count>\d{{1,6}}|{'|'.join(_COUNTS)})[ -])?"
    rf"(?P<unit>{'|'.join(_UNITS)})s?)"
)
_UNNAMED_EDGE = re.sub(r"\?P<\w+>", "?:", _EDGE)
SPELLED = (
    rf"\b{_UNNAMED_EDGE}\b|"
    rf"(?<![\w:])(?<!\w\.)(?:{_DAY}(?:(?:[Tt ]|, | at ){_CLOCK}{_ZONE})?"
    rf"|{_CLOCK}(?:{_ELSEWHERE}|{_UTC})|1\d{{9}}(?:\.\d+)?)"
    # Between slashes stand two times; after one, the length of a prefix.
    r"(?!\w|:\d|/\d{1,3}\b(?![:-]))"
)
"""How questions spell times: a day, a moment of it, a time of day, seconds since 1970, or how far
from an end of the data.

With another zone or half of the day they are spelled too, so that they are refused and not misread.
"""

FIRST_S, END_S = -62_135_596_800, 253_402_300_800
"""From the year 1 until before the year 10000, in seconds since 1970: what `datetime` knows."""

MAX_LENGTH = 64
"""Characters of a text that could be a time; longer ones would take `_SUFFIX` quadratic time."""

_SUFFIX = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]{9,}(?:\.[0-9]*)?")
_SHORT_HOUR = re.compile(r"(?<=[Tt ])(?=\d:)")

_DAY_FIRST = re.compile(rf"^(?P<day>{_DAY})(?P<joint>, | at |[Tt ])?")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - reads better
_IS_DAY = re.compile(_DAY)
_IS_CLOCK = re.compile(rf"{_CLOCK}{_UTC}")
_IS_EDGE = re.compile(_EDGE)
_EARLY_EDGES = ("first", "opening")


def is_clock(text: str) -> bool:
    """Whether `text` is a time of day in UTC, such as `00:05` or `00:05:30 UTC`, that names no day."""
    return _IS_CLOCK.fullmatch(text.strip()) is not None


def on_day(clock: str, day: str) -> str:
    """The moment of `day`, as `2015-04-01`, at which it is `clock`."""
    hours, _, rest = clock.strip().partition(":")
    return f"{day} {hours:0>2}:{rest}"


def from_edge(text: str) -> tuple[Literal["first", "last"], int] | None:
    """From which edge of the data a time is counted, and how many seconds; None of any other text.

    `first 30 seconds` ends so long after the data begins, `last 30 seconds` begins so long before it ends.
    """
    written = _IS_EDGE.fullmatch(text.strip())
    if written is None:
        return None
    count = (written["count"] or "1").lower()
    seconds = (_COUNTS.get(count) or int(count)) * _UNITS[written["unit"].lower()]
    return ("first" if written["edge"].lower() in _EARLY_EDGES else "last"), seconds


def with_day(times: list[str]) -> list[str]:
    """`times` of a question; where it names one day by itself, its times of day are of that day."""
    try:
        days = {show_time(parse_time(text))[: len("2015-04-01")] for text in times if _IS_DAY.fullmatch(text)}
    except DataError:
        return times  # Of a day that does not exist the function that gets it says so.
    if len(days) != 1:
        return times
    (day,) = days
    return [on_day(text, day) if is_clock(text) else text for text in times]


def is_empty_window(start: str, end: str) -> bool:
    """Whether nothing lies between `start` and `end`; False where only the data can tell."""
    if from_edge(start) or from_edge(end):
        return False
    if is_clock(start) != is_clock(end):
        return False
    if is_clock(start):
        start, end = on_day(start, "1970-01-01"), on_day(end, "1970-01-01")
    return parse_time(start) >= parse_time(end)


def _in_digits(written: re.Match[str]) -> str:
    """A day, and what joins it to a time, in the form of ISO 8601."""
    text, joined = written["day"], " " if written["joint"] else ""
    if numbers := re.fullmatch(r"(\d{4})[/-](\d\d?)[/-](\d\d?)", text):
        year, month, day = map(int, numbers.groups())
    else:
        name = re.search(r"[A-Za-z]{3,}(?!\d)", re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", text))
        day, year = (int(number) for number in re.findall(r"\d+", text))
        month = _MONTHS.index(name[0][:3].lower()) + 1 if name else 0
    return f"{year:04}-{month:02}-{day:02}{joined}"


def parse_time(text: str) -> float:
    """Seconds since 1970 of a time in ISO 8601 or PyBGPStream's `YYYY-MM-DD HH:MM:SS`, or of a number.

    UTC unless the text names another zone.

    Raises:
        DataError: It is no time, or one before the year 1 or after the year 9999 in UTC, such as milliseconds
            would be.
    """
    if len(text) > MAX_LENGTH:
        raise _no_time(f"{text[:MAX_LENGTH]!r}…")
    try:
        seconds = _seconds(_SUFFIX.sub("", text.strip()))
    except ValueError as error:
        raise _no_time(repr(text)) from error
    if not FIRST_S <= seconds < END_S:
        raise _no_time(repr(text))
    return seconds


def _seconds(cleaned: str) -> float:
    """Of any time that is written well."""
    if _SECONDS.fullmatch(cleaned):
        return float(cleaned)
    moment = datetime.fromisoformat(_SHORT_HOUR.sub("0", _DAY_FIRST.sub(_in_digits, cleaned)))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _no_time(quoted: str) -> DataError:
    return DataError(
        "bad_time", f"{quoted} is no time.", "Write it as 2015-04-01T00:05 (UTC), or in seconds since 1970."
    )


def show_time(seconds: float) -> str:
    """A time in ISO 8601, UTC, with as many digits after the second as it has."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat().replace("+00:00", "Z")
