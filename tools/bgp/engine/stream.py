"""Elems of many MRT files as one stream, in the order of time.

    stream = Stream(find_files([Path("rrc06"), Path("rrc00")]), parse_filter("peer 25152"), until_time=t)
    for elem in stream:
        …
    stream.reports       # one for each file: what was read, what was skipped and why

The window is `[from_time, until_time)`. Table dumps are taken as they stand, whatever time they say, when no
window excludes them. Files whose times overlap are merged; a file is opened when its first record is due.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from herdwick.tools.bgp.engine.elem import Elem, Source
from herdwick.tools.bgp.engine.filters import Filter
from herdwick.tools.bgp.engine.reader import MRTReader
from herdwick.tools.bgp.engine.records import open_records
from herdwick.tools.bgp.engine.report import ReadReport
from herdwick.tools.bgp.engine.sources import MRTFile
from herdwick.tools.errors import DataError


class Reader(Protocol):
    """What an engine reads a file with; `tests/tools/bgp/engine/test_engines.py` says how it must behave.

    Attributes:
        report: What became of the file, complete after the last elem.
    """

    report: ReadReport

    def __iter__(self) -> Iterator[Elem]:
        """The elems, in the order of the file."""
        ...


@dataclass
class Stream:
    """What some files hold, filtered; each iteration reads them anew.

    Attributes:
        files: Where to read.
        wanted: What to let through.
        from_time, until_time: Window in seconds since 1970 UTC; None leaves it open.
        open_reader: The engine.
        reports: Of the latest iteration, file by file; of files that the filter excludes there is none.
    """

    files: Sequence[MRTFile]
    wanted: Filter = field(default_factory=Filter)
    from_time: float | None = None
    until_time: float | None = None
    open_reader: Callable[[Path, Source], Reader] = MRTReader
    reports: list[ReadReport] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Refuse a window that is the wrong way round.

        Raises:
            DataError: `until_time` is not after `from_time`.
        """
        if None not in (self.from_time, self.until_time) and self.until_time <= self.from_time:  # type: ignore[operator]
            raise DataError(
                "bad_window", "The window ends before it begins.", "Give the earlier time as the start."
            )

    def __iter__(self) -> Iterator[Elem]:
        """The elems.

        Raises:
            DataError: A file is missing, cannot be opened, or is not MRT.
        """
        self.reports = []
        accept = self.wanted.elem_test()
        start = self.from_time if self.from_time is not None else float("-inf")
        end = self.until_time if self.until_time is not None else float("inf")
        for elem in self._merged():
            if start <= elem.time < end and accept(elem):
                yield elem

    def _merged(self) -> Iterator[Elem]:
        """All elems in time order; those of one file keep their order."""
        wanted = [number for number, file in enumerate(self.files) if self._is_wanted(file)]
        # A single file may be a pipe, which can be read once.
        waiting = sorted(
            ((_first_time(self.files[number]) if len(wanted) > 1 else 0.0, number) for number in wanted),
            reverse=True,
        )
        running: list[tuple[float, int, Elem, Iterator[Elem]]] = []
        while waiting or running:
            while waiting and (not running or waiting[-1][0] <= running[0][0]):
                _, number = waiting.pop()
                self._push(running, number, self._opened(self.files[number]))
            if not running:
                continue
            time, number, elem, elems = running[0]
            # The first file goes on until another is due: most of the time no heap is needed.
            due = min(waiting[-1][0] if waiting else float("inf"), _second(running))
            yield elem
            for following in elems:
                if following.time > due or (following.time == due and len(running) > 1):
                    heapq.heapreplace(running, (max(following.time, time), number, following, elems))
                    break
                yield following
            else:
                heapq.heappop(running)

    def _is_wanted(self, file: MRTFile) -> bool:
        return self.wanted.accepts_source(file.source)

    def _opened(self, file: MRTFile) -> Iterator[Elem]:
        reader = self.open_reader(file.path, file.source)
        self.reports.append(reader.report)
        return iter(reader)

    @staticmethod
    def _push(
        running: list[tuple[float, int, Elem, Iterator[Elem]]], number: int, elems: Iterator[Elem]
    ) -> None:
        first = next(elems, None)
        if first is not None:
            heapq.heappush(running, (first.time, number, first, elems))


def _second(running: list[tuple[float, int, Elem, Iterator[Elem]]]) -> float:
    """The time at which another open file is due."""
    return min((entry[0] for entry in running[1:3]), default=float("inf"))


def _first_time(file: MRTFile) -> float:
    """When the first record of a file was made; a damaged one is due at once, to be reported.

    Raises:
        DataError: It is missing, is not MRT, or can be read once only.
    """
    if file.path.exists() and not file.path.is_file():
        raise DataError(
            "no_file",
            f"{file.path} is no regular file, and could be read by itself only.",
            "Save what it gives in a file, and name that.",
        )
    with open_records(file.path, ReadReport(file.path.name)) as records:
        return next((record.time for record in records), float("-inf"))
