"""The elems of one MRT file, in the order of the file.

    reader = MRTReader(Path("updates.20150401.0000.gz"))
    for elem in reader:
        …
    reader.report        # records, elems, what was skipped and why

Nothing in a file can make reading fail once it has begun: damaged records are counted, the rest is read
(in the spirit of RFC 7606).
"""

from collections.abc import Iterator
from pathlib import Path

from herdwick.tools.bgp.engine.attributes import AttributeDecoder
from herdwick.tools.bgp.engine.elem import Elem, Source
from herdwick.tools.bgp.engine.messages import MessageDecoder
from herdwick.tools.bgp.engine.patience import Patience, batches
from herdwick.tools.bgp.engine.prefixes import PrefixCodec
from herdwick.tools.bgp.engine.records import (
    BGP4MP,
    BGP4MP_ET,
    TABLE_DUMP,
    TABLE_DUMP_V2,
    Through,
    open_records,
)
from herdwick.tools.bgp.engine.report import ReadReport
from herdwick.tools.bgp.engine.sources import LOCAL
from herdwick.tools.bgp.engine.tables import TableDecoder


class MRTReader:
    """Iterates over the elems of one file, once.

    Args:
        path: MRT file: plain, gzip, bzip2 or xz, whatever its name.
        source: What its elems say they come from; default: a collector called `local`.
        through: Stands between the file and its reader, such as to count what was read.
    """

    def __init__(self, path: Path, source: Source | None = None, through: Through | None = None) -> None:
        self._path = path
        self._source = source or Source(LOCAL)
        self._through = through
        self.report = ReadReport(path.name)

    def __iter__(self) -> Iterator[Elem]:
        """The elems.

        Raises:
            DataError: There is no such file, it cannot be opened, or it does not begin like MRT of BGP.
        """
        report = self.report
        prefixes, attributes = PrefixCodec(), AttributeDecoder()
        messages = MessageDecoder(self._source, prefixes, attributes)
        tables = TableDecoder(self._source, prefixes, attributes)
        patience = Patience(self._path, report)
        with open_records(self._path, report, self._through) as records:
            for batch in batches(records):
                offset = 0
                for record in batch:
                    offset = record.offset
                    if record.type == BGP4MP:
                        elems = messages.elems(record, report)
                    elif record.type in (TABLE_DUMP, TABLE_DUMP_V2):
                        elems = tables.elems(record, report)
                    else:
                        too_short = record.type == BGP4MP_ET
                        report.skip("record too short" if too_short else f"MRT type {record.type}", offset)
                        continue
                    report.elems += len(elems)
                    yield from elems
                if patience.is_lost(offset):
                    return
