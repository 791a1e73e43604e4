"""Records of MRT files with their elems, in the order of time.

    for record in merged([RecordReader(holding, wanted, window) for holding in holdings]):
        record.status, [elem for elem in record]

A file is opened when its first record is due, and closed after its last. What cannot be read becomes a record
with another status than `valid`, and is counted in the file's report.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from herdwick.tools.bgp.compat.elem import BGPRecord, Status
from herdwick.tools.bgp.compat.holdings import Holding
from herdwick.tools.bgp.engine.attributes import AttributeDecoder
from herdwick.tools.bgp.engine.elem import Elem
from herdwick.tools.bgp.engine.filters import Test
from herdwick.tools.bgp.engine.messages import MessageDecoder
from herdwick.tools.bgp.engine.prefixes import PrefixCodec
from herdwick.tools.bgp.engine.records import BGP4MP, TABLE_DUMP, TABLE_DUMP_V2, Record, open_records
from herdwick.tools.bgp.engine.report import ReadReport
from herdwick.tools.bgp.engine.tables import PEER_INDEX_TABLE, TableDecoder

_TABLES = (TABLE_DUMP, TABLE_DUMP_V2)


class Window(NamedTuple):
    """`[from_time, until_time)` in seconds since 1970 UTC; infinite where open."""

    from_time: float
    until_time: float

    def holds(self, time: float) -> bool:
        """Whether `time` lies inside."""
        return self.from_time <= time < self.until_time


@dataclass(frozen=True)
class Start:
    """The first record of a file."""

    time: float
    type: str


class RecordReader:
    """The records of one file, those inside the window; iterates once.

    Attributes:
        holding: The file.
        report: What was read of it.
        given: Elems that went on to the script.
        first_time, last_time: Of its records, in the window or not; reversed while none was seen.
    """

    def __init__(self, holding: Holding, accept: Test, window: Window) -> None:
        self.holding = holding
        self.report = ReadReport(holding.name)
        self.first_time, self.last_time = float("inf"), float("-inf")
        self.given = 0
        self._accept = accept
        self._window = window
        self._start: Start | None = None

    def start(self) -> Start:
        """When its first record was made, and of what type; a damaged file is due at once, to be reported.

        Raises:
            DataError: The file cannot be opened, or is not MRT.
        """
        if self._start is None:
            with open_records(self.holding.path, ReadReport(self.holding.name)) as records:
                first = next(records, None)
            self._start = Start(first.time, _type(first)) if first else Start(float("-inf"), "unknown")
        return self._start

    def __iter__(self) -> Iterator[BGPRecord]:
        """The records.

        Raises:
            DataError: The file cannot be opened, or is not MRT.
        """
        report = self.report
        source = self.holding.source
        dump_time = self.holding.dump_time
        if dump_time is None:
            began = self.start().time
            dump_time = int(began) if began > 0 else 0
        prefixes, attributes = PrefixCodec(), AttributeDecoder()
        messages = MessageDecoder(source, prefixes, attributes)
        tables = TableDecoder(source, prefixes, attributes)
        ready: BGPRecord | None = None
        with open_records(self.holding.path, report) as records:
            for raw in records:
                self.first_time = min(self.first_time, raw.time)
                self.last_time = max(self.last_time, raw.time)
                names_peers = raw.type == TABLE_DUMP_V2 and raw.subtype == PEER_INDEX_TABLE
                if not names_peers and not self._window.holds(raw.time):
                    continue
                decoder = messages if raw.type == BGP4MP else tables if raw.type in _TABLES else None
                skipped = sum(report.skipped.values())
                elems = [*decoder.elems(raw, report)] if decoder else []
                if decoder is None:
                    report.skip(f"MRT type {raw.type}", raw.offset)
                report.elems += len(elems)
                damaged = not elems and sum(report.skipped.values()) > skipped
                if names_peers and not damaged:
                    continue
                if ready is not None:
                    yield ready
                status: Status = "corrupted-record" if damaged else "valid"
                following = self._record(raw, dump_time, status, elems)
                following.dump_position = "start" if ready is None else "middle"
                ready = following
        if report.ended_early:
            if ready is not None:
                yield ready
            ready = self._record(None, dump_time, "corrupted-record", [])
        if ready is not None:
            ready.dump_position = "end"
            yield ready

    def _record(self, raw: Record | None, dump_time: int, status: Status, elems: list[Elem]) -> BGPRecord:
        record = BGPRecord()
        if raw is not None:
            record.type = "rib" if raw.type in _TABLES else "update" if raw.type == BGP4MP else "unknown"
        record.status = status
        record.time = raw.time if raw is not None else max(self.last_time, 0.0)
        record.dump_time = dump_time
        record.project, record.collector = self.holding.source.project, self.holding.source.collector
        record.fill(self._given(elems))
        return record

    def _given(self, elems: list[Elem]) -> Iterator[Elem]:
        for elem in filter(self._accept, elems):
            self.given += 1
            yield elem


def _type(raw: Record) -> str:
    return "ribs" if raw.type in _TABLES else "updates"


def merged(readers: Sequence[RecordReader]) -> Iterator[BGPRecord]:
    """The records of all files; those of one file keep their order, as its own clock may jump back."""
    waiting = sorted(((reader.start().time, number) for number, reader in enumerate(readers)), reverse=True)
    running: list[tuple[float, int, BGPRecord, Iterator[BGPRecord]]] = []
    while waiting or running:
        while waiting and (not running or waiting[-1][0] <= running[0][0]):
            _, number = waiting.pop()
            records = iter(readers[number])
            first = next(records, None)
            if first is not None:
                heapq.heappush(running, (first.time, number, first, records))
        if not running:
            continue
        time, number, record, records = running[0]
        yield record
        following = next(records, None)
        if following is None:
            heapq.heappop(running)
        else:
            heapq.heapreplace(running, (max(following.time, time), number, following, records))
