"""The lines of a capture played one after the other, and what lines add up to, for expectations by hand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

from herdwick.tools.bgp.times import show_time

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


def lasting(lines: list[Line]) -> list[tuple[Line, int]]:
    """Each route, and when its peer replaced or withdrew it, its session ended, or the capture did."""
    found = []
    for number, line in enumerate(lines):
        if line.is_route:
            end = next(
                (
                    other.time
                    for other in lines[number + 1 :]
                    if other.peer == line.peer and (other.prefix == line.prefix or other.ends_session)
                ),
                lines[-1].time,
            )
            found.append((line, end))
    return found


def seen(found: Iterable[tuple[object, Line, int]]) -> dict[object, tuple[str, str]]:
    """Of each key when its first route was told and when its last one ended, as rows write it."""
    times: dict[object, list[int]] = defaultdict(list)
    for key, line, end in found:
        times[key] += [line.time, end]
    return {key: (show_time(min(those)), show_time(max(those))) for key, those in times.items()}


def carried(found: Iterable[tuple[object, Line]]) -> dict[object, tuple[int, int, int]]:
    """Routes, prefixes and peers of each key."""
    lines_of: dict[object, list[Line]] = defaultdict(list)
    for key, line in found:
        lines_of[key].append(line)
    return {
        key: (len(lines), len({line.prefix for line in lines}), len({line.peer for line in lines}))
        for key, lines in lines_of.items()
    }
