"""The lines of a capture played one after the other, and what lines add up to, for expectations by hand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

from .conftest import Line

START = 1_767_225_600
"""2026-01-01T00:00:00Z, when the lab capture begins."""

Table = dict[tuple[str, str], Line]
"""The line of the route that a peer holds: (peer, prefix) → line."""


def routes(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.is_route]


def tables(lines: Iterable[Line]) -> Iterator[tuple[int, Table]]:
    """Every second that has lines, with the table at its end."""
    held: Table = {}
    for second, those in groupby(lines, key=lambda line: line.time):
        for line in those:
            if line.is_route:
                held[line.peer, line.prefix] = line
            elif line.kind == "W":
                held.pop((line.peer, line.prefix), None)
            elif line.ends_session:
                held = {key: route for key, route in held.items() if key[0] != line.peer}
        yield second, dict(held)


def carried(found: Iterable[tuple[object, Line]]) -> dict[object, tuple[int, int, int]]:
    """Routes, prefixes and peers of each key."""
    lines_of: dict[object, list[Line]] = defaultdict(list)
    for key, line in found:
        lines_of[key].append(line)
    return {
        key: (len(lines), len({line.prefix for line in lines}), len({line.peer for line in lines}))
        for key, lines in lines_of.items()
    }
