"""The elems of one MRT file, in the order of the file.

    reader = MRTReader(Path("updates.20150401.0000.gz"))
    for elem in reader:
        …
    reader.report        # records, elems, what was skipped and why

Nothing in a file can make reading fail once it has begun: damaged records are counted, the rest is read
(in the spirit of RFC 7606).
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from herdwick.tools.bgp.engine.attributes import AttributeDecoder
from herdwick.tools.bgp.engine.elem import Elem, Source
from herdwick.tools.bgp.engine.messages import MessageDecoder
from herdwick.tools.bgp.engine.prefixes import PrefixCodec
from herdwick.tools.bgp.engine.records import BGP4MP, TABLE_DUMP, TABLE_DUMP_V2, open_records
from herdwick.tools.bgp.engine.report import ReadReport
from herdwick.tools.bgp.engine.sources import LOCAL
from herdwick.tools.bgp.engine.tables import TableDecoder


class MRTReader:
    """Iterates over the elems of one file, once.

    Args:
        path: MRT file: plain, gzip, bzip2 or xz, whatever its name.
        source: What its elems say they come from; default: a collector called `local`.
    """

    def __init__(self, path: Path, source: Source | None = None) -> None:
        self._path = path
        self._source = source or Source(LOCAL)
        self.report = ReadReport(path.name)

    def __iter__(self) -> Iterator[Elem]:
        """The elems.

        Raises:
            DataError: There is no such file, it cannot be opened, or it does not begin like MRT.
        """
        report = self.report
        prefixes, attributes = PrefixCodec(), AttributeDecoder()
        messages = MessageDecoder(self._source, prefixes, attributes)
        tables = TableDecoder(self._source, prefixes, attributes)
        with open_records(self._path, report) as records:
            for record in records:
                elems: Iterable[Elem]
                if record.type == BGP4MP:
                    elems = messages.elems(record, report)
                elif record.type in (TABLE_DUMP, TABLE_DUMP_V2):
                    elems = tables.elems(record, report)
                else:
                    report.skip(f"MRT type {record.type}", record.offset)
                    continue
                for elem in elems:
                    report.elems += 1
                    yield elem
