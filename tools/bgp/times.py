"""Times as people write them, in UTC.

parse_time("2015-04-01 00:05")      # 1427846700.0
show_time(1427846700)               # '2015-04-01T00:05:00Z'
"""

from datetime import UTC, datetime

from herdwick.tools.errors import DataError


def parse_time(text: str) -> float:
    """Seconds since 1970 of a time in ISO 8601 or PyBGPStream's `YYYY-MM-DD HH:MM:SS`, or of a number.

    UTC unless the text names another zone.

    Raises:
        DataError: It is no time.
    """
    cleaned = text.strip().removesuffix("UTC").strip()
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
