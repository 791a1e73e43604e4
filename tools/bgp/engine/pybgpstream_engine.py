"""Real PyBGPStream as an engine, in a process that can be killed.

    reader = PyBGPStreamReader(Path("updates.20150401.0000.gz"))
    for elem in reader:
        …
    Stream(files, wanted, open_reader=PyBGPStreamReader)    # window, filter and order as with our own engine

It leaves out MED, LOCAL_PREF, ORIGIN, aggregators, and large and extended communities, and gives communities
sorted. libbgpstream waits for ever for a dead broker, takes a missing end for "live", and answers a missing
or truncated file with an empty stream and a line on stderr: here each of these is an error.
"""

import contextlib
import importlib.util
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO, cast

import msgspec

from herdwick.tools.bgp.engine.elem import NO_ATTRIBUTES, Attributes, Elem, Source
from herdwick.tools.bgp.engine.pybgpstream_worker import MODULES, FoundElem, Request
from herdwick.tools.bgp.engine.records import TABLE_DUMP, TABLE_DUMP_V2, open_records
from herdwick.tools.bgp.engine.report import ReadReport
from herdwick.tools.bgp.engine.sources import LOCAL
from herdwick.tools.errors import DataError

INSTALL_HINT = (
    "Install it from CAIDA's apt repository (https://bgpstream.caida.org/docs/install/pybgpstream) into the "
    "Python that runs Herdwick, or use the embedded engine."
)
EXIT_S = 5.0
"""For the worker to go by itself after its last elem."""
MAX_TOLD_CHARS = 300
"""Of the last line on stderr, in a message."""


@dataclass(frozen=True)
class Patience:
    """How long to wait for PyBGPStream; time in which nobody asks for an elem does not count.

    Attributes:
        silence_s: Without an elem or a sign of life.
        total_s: For all elems together.
    """

    silence_s: float = 60.0
    total_s: float = 3_600.0


DEFAULT_PATIENCE = Patience()


@dataclass
class _End:
    """What the worker said at the end of its stream."""

    came: bool = False
    records: int = 0
    invalid: dict[str, int] = field(default_factory=dict)


def is_importable() -> bool:
    """Whether PyBGPStream seems to be installed; it is not imported."""
    return any(importlib.util.find_spec(name) for name in MODULES)


class PyBGPStreamReader:
    """Iterates over the elems of one file; as `MRTReader`, by PyBGPStream.

    Args:
        path: MRT file.
        source: What its elems say they come from; default: a collector called `local`.
        patience: Before PyBGPStream is killed.
    """

    def __init__(
        self, path: Path, source: Source | None = None, patience: Patience = DEFAULT_PATIENCE
    ) -> None:
        self._path = path
        self._source = source or Source(LOCAL)
        self._patience = patience
        self.report = ReadReport(path.name)

    def __iter__(self) -> Iterator[Elem]:
        """The elems.

        Raises:
            DataError: The file cannot be read, or PyBGPStream cannot be imported, fails, or hangs.
        """
        kind = "rib-file" if _is_table(self._path) else "upd-file"
        request = Request("singlefile", options=((kind, str(self._path.resolve())),))
        for found in _run(request, str(self._path), self._patience, self.report):
            self.report.elems += 1
            yield _elem(found, self._source)


def archive_elems(
    from_time: int,
    until_time: int | None,
    collectors: Sequence[str],
    record_types: Sequence[str] = (),
    patience: Patience = DEFAULT_PATIENCE,
) -> Iterator[Elem]:
    """What CAIDA's broker has of a window, its last moment included as PyBGPStream has it.

    Args:
        from_time: First moment, in seconds since 1970 UTC.
        until_time: Last moment, likewise.
        collectors: Such as `rrc06`.
        record_types: `ribs` or `updates`; default: both.
        patience: Before PyBGPStream is killed.

    Raises:
        DataError: There is no `until_time`, or PyBGPStream cannot be imported, fails, or hangs.
    """
    if until_time is None:
        raise DataError(
            "no_until_time", "Without an end PyBGPStream goes live and never ends.", "Give `until_time`."
        )
    filters = [("collector", name) for name in collectors] + [("record-type", name) for name in record_types]
    request = Request("broker", filters=tuple(filters), window=(from_time, until_time))
    report = ReadReport("the broker's data")
    return (
        _elem(found, Source(found.collector, found.project, found.router))
        for found in _run(request, report.file, patience, report)
    )


def _is_table(path: Path) -> bool:
    with open_records(path, ReadReport(path.name)) as records:
        first = next(records, None)
    return first is not None and first.type in (TABLE_DUMP, TABLE_DUMP_V2)


def _run(request: Request, what: str, patience: Patience, report: ReadReport) -> Iterator[FoundElem]:
    """The elems from a process that does not outlive the iteration; how it went stands in `report`."""
    # Without -P a file named pybgpstream.py in the current folder would be run.
    program = [sys.executable, "-P", "-m", "herdwick.tools.bgp.engine.pybgpstream_worker"]
    end, elems = _End(), 0
    with tempfile.TemporaryFile() as stderr:
        worker = subprocess.Popen(  # noqa: S603 - our own module
            [*program, msgspec.json.encode(request).decode()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )
        pipe = cast("IO[bytes]", worker.stdout)
        try:
            for elems, found in enumerate(_elems(pipe, end, patience), 1):  # noqa: B007 - used below
                yield found
        except TimeoutError as error:
            told = _last_line(stderr)
            raise DataError(
                "pybgpstream_hangs",
                f"PyBGPStream was stopped over {what}: {error}.{told and f' It said: {told}'}",
                "Ask for less, or see whether the broker can be reached.",
            ) from None
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(EXIT_S)
        finally:
            pipe.close()
            worker.kill()
            code = worker.wait()
        _judge(end, elems, code, what, _last_line(stderr), report)


def _elems(pipe: IO[bytes], end: _End, patience: Patience) -> Iterator[FoundElem]:
    """The elems of the worker's lines; fills `end`."""
    decode = msgspec.json.Decoder(FoundElem).decode
    for line in _lines(pipe, patience):
        if line[3:4] == b'"':  # types of elems are letters, other messages words
            yield decode(line)
            continue
        kind, *rest = msgspec.json.decode(line)
        if kind == "absent":
            raise DataError("no_pybgpstream", f"PyBGPStream cannot be imported: {rest[0]}.", INSTALL_HINT)
        if kind == "ended":
            end.came, (end.records, end.invalid) = True, rest
            return


def _lines(pipe: IO[bytes], patience: Patience) -> Iterator[bytes]:
    """Whole lines, until the pipe is closed.

    Raises:
        TimeoutError: None came for too long.
    """
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    waited_s, rest = 0.0, b""
    while True:
        began = monotonic()
        limit_s = min(patience.silence_s, max(patience.total_s - waited_s, 0))
        ready = poll.poll(limit_s * 1_000)
        waited_s += monotonic() - began
        if not ready:
            raise TimeoutError(
                f"nothing came for {limit_s:.1f} s, after {waited_s - limit_s:.1f} s of waiting"
            )
        chunk = os.read(pipe.fileno(), 1 << 16)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines


def _judge(end: _End, elems: int, code: int, what: str, told: str, report: ReadReport) -> None:
    """Put how it went into `report`.

    Raises:
        DataError: The worker died, or there was nothing where something must have been.
    """
    said = f" It said: {told}" if told else ""
    if not end.came:
        raise DataError(
            "pybgpstream_died",
            f"PyBGPStream ended with code {code} over {what}, after {elems:,} elems.{said}",
            "Try the embedded engine.",
        )
    report.records = end.records
    report.skipped.update(end.invalid)
    if not elems and sum(end.invalid.values()) == end.records:
        raise DataError(
            "pybgpstream_empty",
            f"PyBGPStream found no valid record in {what}.{said}",
            "Check that it is whole, or try the embedded engine.",
        )
    corrupted = [status for status in end.invalid if status.startswith("corrupted")]
    if corrupted or told:
        report.ended_early = ", ".join(corrupted) + (f" ({told})" if corrupted and told else told)


def _last_line(stderr: IO[bytes]) -> str:
    size = os.fstat(stderr.fileno()).st_size
    # The worker shares the file's position, so it must not be moved.
    lines = os.pread(stderr.fileno(), 4_096, max(size - 4_096, 0)).decode(errors="replace").split("\n")
    return next((line.strip()[:MAX_TOLD_CHARS] for line in reversed(lines) if line.strip()), "")


def _elem(found: FoundElem, source: Source) -> Elem:
    fields = cast("dict[str, str]", found.fields)
    attributes = NO_ATTRIBUTES
    if found.type in "RA":
        attributes = Attributes(fields.get("as-path", ""), tuple(fields.get("communities", ())))
    return Elem(
        found.type,
        found.time,
        found.peer_asn,
        found.peer_address,
        fields.get("prefix", ""),
        fields.get("next-hop", "") if found.type in "RA" else "",
        attributes,
        source,
        fields.get("old-state", ""),
        fields.get("new-state", ""),
    )
