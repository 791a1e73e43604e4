"""PyBGPStream's stream.

    stream = BGPStream(from_time="2015-04-01 00:00:00", until_time="2015-04-01 00:05:00 UTC",
                       collectors=["rrc06"], record_type="updates", filter="peer 25152")
    for elem in stream: …
    for record in stream.records(): …

The window is `[from_time, until_time)`, cut to the bounds that the user gave. A stream without an end is a
live one, which the sandbox cannot serve: it replays the files at hand where the user gave an end, and is an
error where not.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from herdwick.tools.bgp.compat import evidence
from herdwick.tools.bgp.compat.coverage import counted, missing_types
from herdwick.tools.bgp.compat.elem import BGPElem, BGPRecord
from herdwick.tools.bgp.compat.holdings import Holding, Holdings, load_holdings
from herdwick.tools.bgp.compat.records import RecordReader, Window
from herdwick.tools.bgp.compat.times import interval, shown
from herdwick.tools.bgp.engine.filter_strings import parse_filter
from herdwick.tools.bgp.engine.filters import Filter
from herdwick.tools.errors import DataError

HOLDINGS_VARIABLE = "HERDWICK_HOLDINGS"
"""Environment variable that names the list of the files at hand."""

FILTERS = {
    "project": "project",
    "collector": "collector",
    "router": "router",
    "record-type": "type",
    "elem-type": "elemtype",
    "elemtype": "elemtype",
    "peer-asn": "peer",
    "peer": "peer",
    "origin-asn": "origin",
    "origin": "origin",
    "prefix": "prefix more",
    "prefix-exact": "prefix exact",
    "prefix-more": "prefix more",
    "prefix-less": "prefix less",
    "prefix-any": "prefix any",
    "community": "community",
    "aspath": "path",
    "ipversion": "ipversion",
}
"""Names for `add_filter`, and the terms of a filter string that mean the same."""

INTERFACES = ("broker", "singlefile", "csvfile", "sqlite", "kafka", "ris-live", "routeviews-stream")
_FILE_OPTIONS = ("upd-file", "rib-file")


class BGPStream:
    """A stream of records and elems; parameters as in PyBGPStream 2.

    Args:
        from_time, until_time: Number, text or datetime, UTC.
        data_interface: Any of PyBGPStream's; all read the files at hand.
        project, projects, collector, collectors, record_type, record_types: One name or a list of names.
        filter: Filter string.

    Raises:
        DataError: An argument cannot be understood.
    """

    def __init__(
        self,
        from_time: object = None,
        until_time: object = None,
        data_interface: str | None = None,
        project: str | Iterable[str] | None = None,
        projects: str | Iterable[str] | None = None,
        collector: str | Iterable[str] | None = None,
        collectors: str | Iterable[str] | None = None,
        record_type: str | Iterable[str] | None = None,
        record_types: str | Iterable[str] | None = None,
        filter: str | None = None,  # noqa: A002 - PyBGPStream's name
    ) -> None:
        self._wanted = Filter()
        self._intervals: list[tuple[float | None, float | None]] = []
        self._files: dict[str, str] = {}
        self._live = False
        self._records: Iterator[BGPRecord] | None = None
        if data_interface is not None:
            self.set_data_interface(data_interface)
        for name, values in (
            ("project", (project, projects)),
            ("collector", (collector, collectors)),
            ("record-type", (record_type, record_types)),
        ):
            for value in (one for some in values for one in _listed(some)):
                self.add_filter(name, value)
        if filter is not None:
            self.parse_filter_string(filter)
        if from_time is not None or until_time is not None:
            self._intervals.append(interval(from_time, until_time))

    @property
    def stream(self) -> "BGPStream":
        """Itself; the wrapped stream of the low-level module."""
        return self

    def set_data_interface(self, data_interface: str) -> None:
        """Name where data should come from; it comes from the files at hand in any case."""
        self._configurable()
        if data_interface not in INTERFACES:
            raise DataError(
                "bad_interface",
                f"There is no data interface {str(data_interface)[:60]!r}.",
                f"Use one of: {', '.join(INTERFACES)}.",
            )

    def set_data_interface_option(self, data_interface: str, option: str, value: str) -> None:
        """Set an option; those of `singlefile` choose files by their names, others change nothing."""
        self.set_data_interface(data_interface)
        if data_interface == "singlefile" and option in _FILE_OPTIONS:
            self._files[option] = str(value)

    def get_data_interfaces(self) -> list[dict[str, Any]]:
        """The data interfaces."""
        return [
            {"id": number, "name": name, "description": "The files at hand"}
            for number, name in enumerate(INTERFACES)
        ]

    def add_filter(self, filter_type: str, value: object) -> None:
        """Let through what also meets this; the same filter with several values means any of them."""
        term = FILTERS.get(filter_type)
        if term is None:
            raise DataError(
                "bad_filter",
                f"There is no filter {str(filter_type)[:60]!r}.",
                f"Use one of: {', '.join(FILTERS)}.",
            )
        text = str(value)
        if '"' in text:
            raise DataError("bad_filter", f"{text[:60]!r} has a quote in it.", "Leave the quotes out.")
        self.parse_filter_string(f'{term} "{text}"')

    def parse_filter_string(self, text: str) -> None:
        """Let through what also meets a filter string."""
        self._configurable()
        added = parse_filter(text)
        self._wanted = Filter(
            **{one.name: getattr(self._wanted, one.name) + getattr(added, one.name) for one in fields(Filter)}
        )

    def add_interval_filter(self, from_time: object, until_time: object) -> None:
        """Set the window; 0, -1 or None as the end means live."""
        self._configurable()
        self._intervals.append(interval(from_time, until_time))

    def add_recent_interval_filter(self, *_: object) -> None:
        """Always an error: recent data is not at hand."""
        raise _live_error()

    def set_live_mode(self) -> None:
        """Ask for a stream without an end."""
        self._configurable()
        self._live = True

    def start(self) -> None:
        """Begin to read; iterating does so by itself.

        Raises:
            DataError: What is asked for is not at hand, or has no end.
        """
        if self._records is None:
            self._records = self._read()

    def get_next_record(self, record: BGPRecord | None = None) -> BGPRecord | None:
        """The next record, or None after the last; `record` becomes it when given."""
        found = next(self._started(), None)
        if found is not None and record is not None:
            record.take(found)
            return record
        return found

    def records(self) -> Iterator[BGPRecord]:
        """The records that are left."""
        return self._started()

    def __iter__(self) -> Iterator[BGPElem]:
        """The elems of the records that are left."""
        for record in self._started():
            yield from record

    def _started(self) -> Iterator[BGPRecord]:
        self.start()
        assert self._records is not None
        return self._records

    def _configurable(self) -> None:
        if self._records is not None:
            raise DataError(
                "stream_started", "The stream is being read already.", "Set filters before reading it."
            )

    def _read(self) -> Iterator[BGPRecord]:
        holdings = load_holdings(Path(os.environ.get(HOLDINGS_VARIABLE, "")))
        reading = evidence.Reading(Window(float("-inf"), float("inf")), self._wanted)
        evidence.add(reading)
        try:
            reading.window = self._window(holdings)
            reading.readers = self._readers(holdings, reading.window)
            reading.missing_types = missing_types(self._wanted.record_types, reading.readers)
        except DataError as error:
            reading.error = error.message
            raise
        return counted(reading)

    def _readers(self, holdings: Holdings, window: Window) -> list[RecordReader]:
        accept, kinds = self._wanted.elem_test(), self._wanted.record_types
        readers = [RecordReader(holding, accept, window) for holding in self._chosen(holdings)]
        # A file whose start is damaged is read, to be reported.
        wanted = [reader for reader in readers if not kinds or reader.start().type in (*kinds, "unknown")]
        if not wanted:
            raise DataError(
                "no_data",
                f"There are no {' or '.join(kinds) or 'such files'} at hand.",
                "Fetch them, or ask for others.",
            )
        return wanted

    def _chosen(self, holdings: Holdings) -> tuple[Holding, ...]:
        chosen = holdings.chosen(self._wanted)
        if not self._files:
            return chosen
        named = [holdings.named(name) for name in self._files.values()]
        return tuple(file for file in named if file in chosen)

    def _window(self, holdings: Holdings) -> Window:
        """The script's window, cut to the user's."""
        if len(self._intervals) > 1:
            raise DataError("bad_window", "The stream has several windows.", "Use one stream for each.")
        start, end = self._intervals[0] if self._intervals else (None, None)
        # A single file ends by itself, and needs no window.
        if holdings.until_time is None and (self._live or (end is None and not self._files)):
            raise _live_error()
        starts = [time for time in (start, holdings.from_time) if time is not None]
        ends = [time for time in (end, holdings.until_time) if time is not None]
        window = Window(max(starts, default=float("-inf")), min(ends, default=float("inf")))
        if window.until_time <= window.from_time:
            raise DataError(
                "no_data",
                f"The script asks for {shown(start or 0.0)} until {shown(end or float('inf'))}, which lies "
                f"outside of the window that was given.",
                "Give a window that covers the script's, with --from and --until.",
            )
        return window


def _listed(value: str | Iterable[str] | None) -> Iterable[str]:
    """A plain string is one name, not one name for each character."""
    return () if value is None else (value,) if isinstance(value, str) else value


def _live_error() -> DataError:
    return DataError(
        "live",
        "Without until_time a stream is live, and the sandbox has no live data.",
        "Give until_time in BGPStream(...), or a window with the script: --from T --until T.",
    )
