"""Times as scripts hand them to PyBGPStream: text, numbers, or `datetime`.

epoch("2015-04-01 00:00:00")         # 1427846400.0
epoch("2015-04-01 00:00:00 UTC")     # the same
epoch(1427846400)                    # the same
"""

from datetime import UTC, datetime
from math import inf

from herdwick.tools.bgp.times import END_S, parse_time, show_time
from herdwick.tools.errors import DataError


def epoch(value: object) -> float:
    """Seconds since 1970 of a time that is UTC unless it says otherwise.

    Raises:
        DataError: It is no time.
    """
    if isinstance(value, datetime):
        seconds = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        # An int may be too large for any float.
        seconds = float(value) if 0 <= value < END_S else inf
    elif isinstance(value, str):
        seconds = parse_time(value)
    else:
        raise _bad(value)
    # Also False for what is not a number.
    if not 0 <= seconds < END_S:
        raise _bad(value)
    return seconds


def interval(from_time: object, until_time: object) -> tuple[float | None, float | None]:
    """Start and end of a window in seconds since 1970; None where it is open, as 0 and -1 leave its end.

    PyBGPStream's end is part of its window, ours is not. That matters where both are the same, as in
    tutorials that name a table by its time: the window is then that second.

    Raises:
        DataError: One is no time, or the end comes before the start.
    """
    start = None if from_time is None else epoch(from_time)
    end = None if until_time in (None, 0, -1) else epoch(until_time)
    if start is None or end is None or end > start:
        return start, end
    if end == start:
        return start, start + 1
    raise DataError(
        "bad_window",
        f"The window ends ({shown(end)}) before it begins ({shown(start)}).",
        "Give the earlier time as from_time.",
    )


def shown(seconds: float) -> str:
    """A time in words; infinite ones stand for an open end."""
    return show_time(seconds) if 0 <= seconds < END_S else "any time"


def _bad(value: object) -> DataError:
    # Python does not write ints of thousands of digits.
    is_huge = isinstance(value, int) and abs(value) > END_S**2
    return DataError(
        "bad_time",
        f"{'A number of more than 20 digits' if is_huge else repr(str(value)[:60])} is no time.",
        "Write it such as '2015-04-01 00:00:00' (UTC) or as seconds since 1970.",
    )
