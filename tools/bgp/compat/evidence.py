"""What the streams of a script read; the host shows it beside the script's answer.

reading = Reading(window, "peer 25152")
evidence.add(reading)
collected()      # a JSON object, when the script has ended
"""

import sys
from dataclasses import dataclass, field
from typing import Any

from herdwick.tools.bgp.compat.records import RecordReader, Window
from herdwick.tools.bgp.engine.filters import Filter

MAX_STREAMS = 100
"""Streams whose readings are kept; a script that opens more is told by their number alone."""


@dataclass
class Reading:
    """What one stream read.

    Attributes:
        window: That it was limited to.
        wanted: Its filter.
        readers: Of its files, with their reports.
        records: What the script was given.
        complete: Whether it was read to its end.
        missing_types: Record types that it was to read, and of which there was no file.
        error: Why it could not be read; '' if it could.
    """

    window: Window
    wanted: Filter
    readers: list[RecordReader] = field(default_factory=list)
    records: int = 0
    complete: bool = False
    missing_types: list[str] = field(default_factory=list)
    error: str = ""

    def as_object(self) -> dict[str, Any]:
        """The reading as JSON."""
        start, end = (time if abs(time) != float("inf") else None for time in self.window)
        return {
            "from_time": start,
            "until_time": end,
            "collectors": sorted({reader.holding.source.collector for reader in self.readers}),
            "records": self.records,
            "elems": sum(reader.given for reader in self.readers),
            "complete": self.complete,
            "missing_types": self.missing_types,
            "error": self.error,
            "files": [
                {
                    "name": reader.holding.name,
                    "project": reader.holding.source.project,
                    "collector": reader.holding.source.collector,
                    "first_time": reader.first_time if reader.report.records else None,
                    "last_time": reader.last_time if reader.report.records else None,
                    "records": reader.report.records,
                    "elems": reader.report.elems,
                    "skipped": dict(reader.report.skipped.most_common(20)),
                    "ended_early": reader.report.ended_early,
                }
                for reader in self.readers
                if reader.report.records or reader.report.ended_early
            ],
        }


_readings: list[Reading] = []
_opened = 0


def add(reading: Reading) -> None:
    """Keep a reading; it goes on growing."""
    global _opened
    _opened += 1
    if len(_readings) < MAX_STREAMS:
        _readings.append(reading)


def collected() -> dict[str, Any]:
    """All readings as one JSON object."""
    return {"streams": _opened, "readings": [reading.as_object() for reading in _readings]}


def warn(reading: Reading) -> None:
    """Tell on stderr what could not be read, as libbgpstream does."""
    if reading.missing_types:
        _say(f"there are no {' or '.join(reading.missing_types)} at hand")
    for reader in reading.readers:
        report = reader.report
        for reason, count in report.skipped.most_common(5):
            _say(f"{report.file}: {count} x {reason}")
        if report.ended_early:
            _say(f"{report.file} is damaged: {report.ended_early}; the rest of it is not read")


def _say(what: str) -> None:
    print(f"pybgpstream: {what}", file=sys.stderr)
