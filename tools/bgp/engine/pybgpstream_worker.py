"""The process in which real PyBGPStream runs.

    python -m herdwick.tools.bgp.engine.pybgpstream_worker '{"interface": "singlefile", "options": …}'

Writes one JSON array a line to stdout:

    ["A", time, peer_asn, peer_address, project, collector, router, {"prefix": …, …}]      an elem, R A W S
    ["alive", 12]                           so many records, where a while went by without an elem
    ["ended", 4711, {"corrupted-record": 1}]    the stream is over: its records, and those not valid by status
    ["absent", "No module named …"]         it cannot be imported

Its parent is `pybgpstream_engine`. libbgpstream never releases the GIL and may wait for ever, so nothing here
watches the time. Interface: https://bgpstream.caida.org/docs/api/pybgpstream, release 2.0.2.
"""

import importlib
import os
import sys
from collections import Counter
from collections.abc import Iterator
from time import monotonic
from types import ModuleType
from typing import Any, BinaryIO

import msgspec

from herdwick.tools.bgp.engine.elem import ElemType

MODULES = ("_pybgpstream", "pybgpstream")
"""The low-level module, two to three times as fast, and the one around it."""

FIELDS = frozenset({"prefix", "next-hop", "as-path", "communities", "old-state", "new-state"})

ALIVE_EVERY_S = 0.5


class Request(msgspec.Struct, frozen=True):
    """What to read.

    Attributes:
        interface: `singlefile` or `broker`.
        options: Of the interface.
        filters: Names and values for `add_filter`.
        window: First and last moment in seconds since 1970 UTC, both included; None for all.
    """

    interface: str
    options: tuple[tuple[str, str], ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    window: tuple[int, int] | None = None


class FoundElem(msgspec.Struct, frozen=True, array_like=True):
    """An elem in PyBGPStream's terms; `communities` as a list."""

    type: ElemType
    time: float
    peer_asn: int
    peer_address: str
    project: str
    collector: str
    router: str
    fields: dict[str, str | list[str]]


def main(request: Request, out: BinaryIO) -> None:
    """Read what is requested and write it to `out`."""
    try:
        module = _imported()
    except ImportError as error:
        out.write(msgspec.json.encode(["absent", str(error)]) + b"\n")
        out.flush()
        return
    encode = msgspec.json.Encoder().encode
    records, invalid, said = 0, Counter[str](), monotonic()
    for record, elems in _records(module, request):
        records += 1
        if record.status != "valid":
            invalid[record.status] += 1
        for elem in elems:
            out.write(encode(_found(record, elem)) + b"\n")
        if monotonic() - said > ALIVE_EVERY_S:
            out.write(encode(["alive", records]) + b"\n")
            out.flush()
            said = monotonic()
    out.write(encode(["ended", records, invalid]) + b"\n")
    out.flush()


def _imported() -> ModuleType:
    try:
        return importlib.import_module(MODULES[0])
    except ImportError:
        return importlib.import_module(MODULES[1])


def _records(module: ModuleType, request: Request) -> Iterator[tuple[Any, Iterator[Any]]]:
    """Each record and its elems."""
    if is_low_level := module.__name__ == MODULES[0]:
        stream = module.BGPStream()
        stream.set_data_interface(request.interface)
    else:
        stream = module.BGPStream(data_interface=request.interface)
    for option, value in request.options:
        stream.set_data_interface_option(request.interface, option, value)
    for name, value in request.filters:
        stream.add_filter(name, value)
    if request.window:
        stream.add_interval_filter(*request.window)
    if not is_low_level:
        for record in stream.records():
            yield record, iter(record)
        return
    stream.start()
    while (record := stream.get_next_record()) is not None:
        yield record, iter(record.get_next_elem, None)


def _found(record: Any, elem: Any) -> FoundElem:
    fields = {
        # Communities come as a set; their order on the wire is lost.
        name: sorted(value) if name == "communities" else value
        for name, value in elem.fields.items()
        if name in FIELDS and value is not None
    }
    return FoundElem(
        elem.type,
        elem.time,
        elem.peer_asn,
        elem.peer_address,
        record.project,
        record.collector,
        record.router or "",
        fields,
    )


def _own_stdout() -> BinaryIO:
    """What the parent reads; whatever the C library prints goes to stderr from now on."""
    own = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)
    return own


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Request), _own_stdout())
