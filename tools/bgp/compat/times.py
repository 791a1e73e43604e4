"""Times as PyBGPStream's users write them.

epoch("2015-04-01 00:00:00")         # 1427846400.0
epoch("2015-04-01 00:00:00 UTC")     # the same
epoch(1427846400)                    # the same
"""

import re
from datetime import UTC, datetime

from herdwick.tools.errors import DataError

_ZONE = re.compile(r"\s*(?:UTC|GMT)$", re.IGNORECASE)
_EPOCH = re.compile(r"\d{9,}(?:\.\d+)?$")
"""Shorter ones are dates such as 20150401."""


def epoch(value: object) -> float:
    """Seconds since 1970 of a time that is UTC unless it says otherwise.

    Args:
        value: Number, text, or `datetime`.

    Raises:
        DataError: It is no time.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _checked(float(value), value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, str):
        text = _ZONE.sub("", value.strip())
        if _EPOCH.match(text):
            return _checked(float(text), value)
        try:
            return epoch(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            pass
    raise _bad(value)


def _checked(seconds: float, value: object) -> float:
    """A number that stands for a time: neither negative nor beyond the year 9999."""
    if not 0 <= seconds < 253_402_300_800:
        raise _bad(value)
    return seconds


def _bad(value: object) -> DataError:
    return DataError(
        "bad_time",
        f"{str(value)[:60]!r} is no time.",
        "Write it such as '2015-04-01 00:00:00' (UTC) or as seconds since 1970.",
    )


def shown(seconds: float) -> str:
    """A time in words."""
    if seconds in (float("inf"), float("-inf")):
        return "any time"
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
