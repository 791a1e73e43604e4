"""Whether what a stream asks for was there: the difference between no match and no data.

for record in counted(reading): …      # ends with an error where no file covers the window
"""

from collections.abc import Iterator, Sequence

from herdwick.tools.bgp.compat.elem import BGPRecord
from herdwick.tools.bgp.compat.evidence import Reading, warn
from herdwick.tools.bgp.compat.records import RecordReader, merged
from herdwick.tools.bgp.compat.times import shown
from herdwick.tools.errors import DataError


def missing_types(wanted: Sequence[str], readers: Sequence[RecordReader]) -> list[str]:
    """The record types asked for of which there is no file."""
    present = {reader.start().type for reader in readers}
    return [kind for kind in dict.fromkeys(wanted) if kind not in present and "unknown" not in present]


def counted(reading: Reading) -> Iterator[BGPRecord]:
    """The records, counted; after the last one, an error where none could have been."""
    try:
        for record in merged(reading.readers):
            reading.records += 1
            yield record
        _check_coverage(reading)
    except DataError as error:
        reading.error = error.message
        raise
    finally:
        warn(reading)
    reading.complete = True


def _check_coverage(reading: Reading) -> None:
    """See that each collector has a file of the window's time.

    Raises:
        DataError: All files of a collector end before the window, or begin after it.
    """
    window = reading.window
    by_collector: dict[str, list[RecordReader]] = {}
    for reader in reading.readers:
        by_collector.setdefault(reader.holding.source.collector, []).append(reader)
    for collector, readers in by_collector.items():
        seen = [reader for reader in readers if reader.first_time <= reader.last_time]
        inside = [
            reader
            for reader in seen
            if reader.first_time < window.until_time and reader.last_time >= window.from_time
        ]
        if not inside and not any(reader.report.ended_early for reader in readers):
            times = f"{shown(min(reader.first_time for reader in seen))} to " if seen else ""
            until = shown(max(reader.last_time for reader in seen)) if seen else "nothing"
            raise DataError(
                "no_data",
                f"No data of {collector} lies from {shown(window.from_time)} until "
                f"{shown(window.until_time)}; there is {times}{until}.",
                "Ask for a window that the files cover, or fetch files of this one.",
            )
