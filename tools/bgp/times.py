"""Times as people write them, in UTC.

parse_time("2015-04-01 00:05")      # 1427846700.0
show_time(1427846700)               # '2015-04-01T00:05:00Z'
is_clock("00:05 UTC")               # True: a time of some day
"""

import re
from datetime import UTC, datetime

from herdwick.tools.errors import DataError

_UTC = r"(?: ?(?:UTC|GMT|Z))?"
# With a minus it would be a window: "2015-04-01 00:00-00:05".
_ZONE = rf"(?:\+\d\d:?\d\d(?![:\d])|{_UTC})"
_CLOCK = r"\d\d?:\d\d(?::\d\d(?:\.\d+)?)?"
SPELLED = (
    rf"(?<![\w:./])(?:\d{{4}}-\d\d-\d\d(?:[T ]{_CLOCK}{_ZONE})?|{_CLOCK}{_UTC}|1\d{{9}}(?:\.\d+)?)"
    r"(?![\w/]|:\d)"
)
"""How questions spell times: a day, a moment of it, a time of day, or seconds since 1970."""

_IS_CLOCK = re.compile(rf"{_CLOCK}{_UTC}")


def is_clock(text: str) -> bool:
    """Whether `text` is a time of day in UTC, such as `00:05` or `00:05:30 UTC`, that names no day."""
    return _IS_CLOCK.fullmatch(text.strip()) is not None


def on_day(clock: str, day: str) -> str:
    """The moment of `day`, as `2015-04-01`, at which it is `clock`."""
    hours, _, rest = clock.strip().partition(":")
    return f"{day} {hours:0>2}:{rest}"


def is_empty_window(start: str, end: str) -> bool:
    """Whether nothing lies between `start` and `end`; False where only one of them names its day."""
    if is_clock(start) != is_clock(end):
        return False
    if is_clock(start):
        start, end = on_day(start, "1970-01-01"), on_day(end, "1970-01-01")
    return parse_time(start) >= parse_time(end)


def parse_time(text: str) -> float:
    """Seconds since 1970 of a time in ISO 8601 or PyBGPStream's `YYYY-MM-DD HH:MM:SS`, or of a number.

    UTC unless the text names another zone.

    Raises:
        DataError: It is no time.
    """
    cleaned = text.strip().removesuffix("UTC").removesuffix("GMT").strip()
    if cleaned.replace(".", "", 1).isdigit() and len(cleaned.partition(".")[0]) > 8:
        return float(cleaned)
    try:
        moment = datetime.fromisoformat(cleaned)
    except ValueError as error:
        raise DataError(
            "bad_time",
            f"{text!r} is no time.",
            "Write it as 2015-04-01T00:05 (UTC), or in seconds since 1970.",
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def show_time(seconds: float) -> str:
    """A time in ISO 8601, UTC, with as many digits after the second as it has."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat().replace("+00:00", "Z")
