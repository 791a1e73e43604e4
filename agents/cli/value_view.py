"""A value as people read it: records as a table, a list numbered, a long list in columns.

    for part in value_views(value, console):
        console.print(part)

A table that would not fit the console is shown record by record instead.
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue
from rich.cells import cell_len
from rich.columns import Columns
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from herdwick.agents.cli.terminal import printable

NOT_KNOWN = "-"
NUMBERED = 20
"""Longest list with a number and a line for each of its elements."""

MAX_WORD = 45
"""Columns that a word may claim, such as an address of IPv6; a longer one, such as a URL, is broken."""

_GAP = (0, 2, 0, 0)

Record = Mapping[str, JsonValue]


def is_shown_below(value: JsonValue) -> bool:
    """Whether a value has a view of its own, which words would only repeat."""
    return has_records(value) or (isinstance(value, list) and len(value) > 1)


def has_records(value: JsonValue) -> bool:
    """Whether a value is a record with fields, or a list of nothing but records."""
    return bool(value if isinstance(value, Mapping) else _records(value))


def value_views(value: JsonValue, console: Console) -> Iterator[RenderableType]:
    """The parts of the view of a value; none for what words say as well."""
    if isinstance(value, Mapping):
        yield from _record_views(value, console)
    elif records := _records(value):
        yield _records_view(records, console)
    elif isinstance(value, list) and len(value) > 1:
        yield _list_view([cell(item) for item in value], console)


def cell(value: JsonValue) -> str:
    """A value on one line."""
    if value is None or value == "" or value == []:
        return NOT_KNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return f"({', '.join(f'{field} {cell(item)}' for field, item in value.items())})"
    if isinstance(value, list):
        return ", ".join(map(cell, value))
    return printable(str(value))


def _record_views(record: Record, console: Console) -> Iterator[RenderableType]:
    """The fields of one record, then those that are tables themselves."""
    fields = [*_flat(record)]
    plain = [[printable(field), cell(item)] for field, item in fields if not _records(item)]
    if plain:
        yield _table(["", ""], plain, console)
    for field, item in fields:
        if records := _records(item):
            yield Text()
            yield Text(f"{printable(field)} ({len(records):,})", style="bold")
            yield _records_view(records, console)


def _flat(record: Record, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    """The fields of a record; those of a record inside of it behind a dot."""
    for field, item in record.items():
        if isinstance(item, Mapping) and item:
            yield from _flat(item, f"{path}{field}.")
        else:
            yield f"{path}{field}", item


def _records_view(records: Sequence[Record], console: Console) -> Table:
    fields = list(dict.fromkeys(field for record in records for field in record))
    rows = [
        [str(number), *(cell(record.get(field)) for field in fields)]
        for number, record in enumerate(records, start=1)
    ]
    headers = ["", *map(printable, fields)]
    if _widths([headers, *rows], console.width - len(headers) * _GAP[1]):
        return _table(headers, rows, console)
    apart = [
        ["" if place else str(number), printable(field), cell(record.get(field))]
        for number, record in enumerate(records, start=1)
        for place, field in enumerate(fields)
    ]
    return _table(["", "", ""], apart, console)


def _list_view(items: Sequence[str], console: Console) -> RenderableType:
    widest = max(map(cell_len, items))
    if len(items) <= NUMBERED or 2 * (widest + _GAP[1]) > console.width:
        return _table(["", ""], [[str(number), item] for number, item in enumerate(items, start=1)], console)
    # In the order of reading: down the first column, then down the next.
    return Columns([Text(item) for item in items], padding=_GAP, equal=True, column_first=True)


def _records(value: JsonValue) -> list[Record]:
    """A list of nothing but records, and of at least one; else nothing."""
    listed = value if isinstance(value, list) else []
    records: list[Record] = [item for item in listed if isinstance(item, Mapping)]
    return records if len(records) == len(listed) else []


def _least_widths(texts: Sequence[Sequence[str]]) -> list[int]:
    """Of each column the width of its longest word, which must not be broken; very long ones may."""
    words = [[word for text in column for word in text.split()] for column in zip(*texts, strict=True)]
    return [min(MAX_WORD, max(map(cell_len, column), default=0)) for column in words]


def _widths(texts: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Widths that fill at most `room` and break no word; None where there are no such."""
    least = _least_widths(texts)
    wanted = [max(map(cell_len, column)) for column in zip(*texts, strict=True)]
    spare = room - sum(least)
    if spare < 0:
        return None
    widths = [*least]
    # Those that want little get all of it, the others equal shares of what is left.
    by_need = sorted(range(len(widths)), key=lambda number: wanted[number] - least[number])
    for place, number in enumerate(by_need):
        more = min(wanted[number] - least[number], spare // (len(by_need) - place))
        widths[number] += more
        spare -= more
    return widths


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> Table:
    table = Table(box=None, show_header=any(headers), header_style="bold", padding=_GAP)
    widths = _widths([headers, *rows], console.width - len(headers) * _GAP[1])
    for number, header in enumerate(headers):
        table.add_column(Text(header), overflow="fold", width=widths[number] if widths else None)
    for row in rows:
        table.add_row(*map(Text, row))
    return table
