"""When to stop reading what holds nothing that can be read, such as a gigabyte of zeros packed in a megabyte.

    patience = Patience(path, report)
    for batch in batches(records):
        for record in batch:
            …
        if patience.is_lost(record.offset):
            break

Tools that read MRT pass over what they do not know, and so does this engine: a run of it may open a file, or
stand in it. Only a run that no file has been seen to have ends the reading.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from herdwick.tools.bgp.engine.records import Record
from herdwick.tools.bgp.engine.report import ReadReport
from herdwick.tools.errors import DataError

BATCH_RECORDS = 100
"""Records between two looks at what came of them: so few that even of the largest they are soon read."""


@dataclass(frozen=True)
class Run:
    """The longest run of unreadable records that is passed over; what ends it is whichever comes first.

    Attributes:
        records: So many of them.
        size_bytes: So many bytes of uncompressed data.
    """

    records: int
    size_bytes: int


AT_START = Run(100_000, 256 << 20)
"""Before anything was understood. A recorder of several protocols (RFC 6396 has OSPF and IS-IS too) writes
them as they come, among messages of BGP; this is far longer than its longest run, and read in a second."""

LATER = Run(10_000_000, 4 << 30)
"""After something was: a table may hold millions of routes of families that are left out, such as VPNs'.
This is read in half a minute."""


class Patience:
    """Watches over the reading of one file.

    Args:
        path: The file, for the error.
        report: Of its reading.
    """

    def __init__(self, path: Path, report: ReadReport) -> None:
        self._path = path
        self._report = report
        self._allowed = AT_START
        self._elems = self._records = self._skipped = self._offset = 0

    def is_lost(self, offset: int) -> bool:
        """Whether to read no further; the report then says why.

        Args:
            offset: Of the latest record, in bytes of uncompressed data.

        Raises:
            DataError: `not_mrt`; nothing was understood since the file began.
        """
        report = self._report
        records = report.records - self._records
        if report.elems > self._elems or records > report.skipped_records - self._skipped:
            self._allowed = LATER
            self._elems, self._records = report.elems, report.records
            self._skipped, self._offset = report.skipped_records, offset
            return False
        if records < self._allowed.records and offset - self._offset < self._allowed.size_bytes:
            return False
        if self._allowed is AT_START:
            reasons = ", ".join(reason for reason, _ in report.skipped.most_common(3))
            raise DataError(
                "not_mrt",
                f"{self._path} is not an MRT file of BGP: none of its first {records:,} records "
                f"can be read ({reasons}).",
                "Give MRT files, such as updates.*.gz.",
            )
        report.stop("nothing but records that cannot be read", self._offset)
        return True


def batches(records: Iterator[Record]) -> Iterator[Iterator[Record]]:
    """`records` in pieces of `BATCH_RECORDS`, read only as they are asked for."""
    for first in records:
        yield chain((first,), islice(records, BATCH_RECORDS - 1))
