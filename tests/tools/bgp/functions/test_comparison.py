from ipaddress import ip_network

import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.comparison import (
    CompareCollectors,
    CompareWindows,
    compare_collectors,
    compare_windows,
)
from herdwick.tools.bgp.times import show_time

from .playing import START, Table, tables


def seen(lines, start: int, end: int) -> set:
    """(peer, prefix, path, origins) held at any time of the window, by playing the capture."""
    found: set = set()
    held: Table = {}

    def keep() -> None:
        for (peer, prefix), line in held.items():
            found.add((peer, prefix, " ".join(line.path), tuple(line.origins)))

    for second, following in tables(line for line in lines if line.time < end):
        if second > start:
            keep()
        held = following
    keep()
    return found


def by(rows: set, key, value) -> dict:
    groups: dict = {}
    for row in rows:
        groups.setdefault(key(row), set()).update(value(row))
    return groups


def window(a: tuple[int, int], b: tuple[int, int], **more) -> CompareWindows:
    times = zip(("from_a", "until_a", "from_b", "until_b"), (*a, *b), strict=True)
    return CompareWindows(**{name: show_time(START + time) for name, time in times}, **more)


@pytest.mark.parametrize(
    ("a", "b"), [((0, 20), (30, 70)), ((0, 60), (60, 240)), ((115, 116), (173, 174)), ((0, 10), (230, 240))]
)
def test_windows_differ_as_the_capture_shows_when_played(lab, lines, a, b) -> None:
    in_a, in_b = (seen(lines, START + start, START + end) for start, end in (a, b))

    found = compare_windows(lab, window(a, b, top=1000))

    sides = ((found.earlier, found.gone, in_a, in_b, a), (found.later, found.new, in_b, in_a, b))
    for side, only, here, there, (start, end) in sides:
        values = [{p for _, p, _, _ in rows} for rows in (here, there)]
        origins = [{asn for *_, asns in rows for asn in asns} for rows in (here, there)]
        paths = [{path for _, _, path, _ in rows} for rows in (here, there)]
        updates = [line.kind for line in lines if START + start <= line.time < START + end]
        assert side.model_dump() == {
            "peers": len({row[0] for row in here}),
            "prefixes": len(values[0]),
            "origins": len(origins[0]),
            "paths": len(paths[0]),
            "announcements": updates.count("A"),
            "withdrawals": updates.count("W"),
        }
        assert set(only.prefix_list) == values[0] - values[1]
        assert only.origin_list == sorted(origins[0] - origins[1])
        assert only.path_list == sorted(paths[0] - paths[1])
        assert [only.prefixes, only.origins, only.paths] == [
            len(only.prefix_list),
            len(only.origin_list),
            len(only.path_list),
        ]

    paths_a, paths_b = (by(rows, lambda r: r[:2], lambda r: [r[2]]) for rows in (in_a, in_b))
    assert found.routes_compared == len(paths_a.keys() & paths_b.keys())
    assert found.paths_changed == sum(paths_a[key] != paths_b[key] for key in paths_a.keys() & paths_b.keys())
    origins_a, origins_b = (by(rows, lambda r: r[1], lambda r: r[3]) for rows in (in_a, in_b))
    assert {row.prefix: (set(row.origins_before), set(row.origins_after)) for row in found.changed} == {
        prefix: (origins_a[prefix], origins_b[prefix])
        for prefix in origins_a.keys() & origins_b.keys()
        if origins_a[prefix] != origins_b[prefix]
    }


def test_the_hijack_and_the_new_prefix_of_the_scenario_show(lab) -> None:
    hijack = compare_windows(lab, window((0, 20), (30, 70), prefix="192.0.2.0/24"))
    new = compare_windows(lab, window((0, 190), (190, 240), prefix="10.200.23.0/24"))

    assert [row.model_dump() for row in hijack.changed] == [
        {"prefix": "192.0.2.0/24", "origins_before": [64499], "origins_after": [64499, 65551]}
    ]
    assert hijack.new.origin_list == [65551]
    assert new.new.prefix_list == ["10.200.23.0/24"]
    assert (new.earlier.prefixes, new.later.prefixes) == (0, 1)


def test_what_is_new_does_not_depend_on_which_window_is_named_first(lab) -> None:
    earlier, later = (0, 60), (180, 240)

    found = compare_windows(lab, window(later, earlier, top=1000))

    assert found == compare_windows(lab, window(earlier, later, top=1000))
    assert "10.200.23.0/24" in found.new.prefix_list
    assert "10.200.6.0/24" in found.gone.prefix_list


COLLECTORS = """
    R 0 c1 192.0.2.1 1 10.0.0.0/8 1 {2,3}
    A 1 c1 192.0.2.1 1 10.1.0.0/16 1 1 4
    A 2 c1 192.0.2.2 1 10.1.0.0/16 1 4
    A 3 c1 192.0.2.1 1 2001:db8::/32
    A 1 c2 192.0.2.1 1 10.0.0.0/8 1 {2,3}
    A 2 c2 192.0.2.1 1 10.1.0.0/16 1 5
    A 3 c2 192.0.2.1 1 2001:db8:1::/48 1 (65001) 6
    W 9 c2 192.0.2.1 1 2001:db8:1::/48
    A 9 c3 192.0.2.1 1 172.16.0.0/12 1 7
"""


def test_collectors_are_compared_by_prefix(invented) -> None:
    found = compare_collectors(invented(COLLECTORS), CompareCollectors(a="c1", b="c2"))

    assert found.model_dump() == {
        "a": {"peers": 2, "prefixes": 3, "origins": 3, "paths": 4, "announcements": 3, "withdrawals": 0},
        "b": {"peers": 1, "prefixes": 3, "origins": 4, "paths": 3, "announcements": 3, "withdrawals": 1},
        "only_a": {
            "prefixes": 1,
            "prefix_list": ["2001:db8::/32"],
            "origins": 1,
            "origin_list": [4],
            "paths": 3,
            "path_list": ["", "1 1 4", "1 4"],
        },
        "only_b": {
            "prefixes": 1,
            "prefix_list": ["2001:db8:1::/48"],
            "origins": 2,
            "origin_list": [5, 6],
            "paths": 2,
            "path_list": ["1 (65001) 6", "1 5"],
        },
        "routes_compared": 2,
        "paths_changed": 1,
        "origins_changed": 1,
        "changed": [{"prefix": "10.1.0.0/16", "origins_a": [4], "origins_b": [5]}],
    }


def test_lists_are_as_long_as_asked_and_counts_are_whole(lab) -> None:
    found = compare_windows(lab, window((0, 20), (90, 240), top=2))

    assert found.new.prefixes > len(found.new.prefix_list) == 2
    networks = [ip_network(prefix) for prefix in found.new.prefix_list]
    assert networks == sorted(networks)


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (CompareWindows, {"from_a": "2026-01-01", "until_a": "2026-01-02", "from_b": "2026-01-03"}),
        (
            CompareWindows,
            {
                "from_a": "2026-01-02",
                "until_a": "2026-01-01",
                "from_b": "2026-01-01",
                "until_b": "2026-01-02",
            },
        ),
        (CompareCollectors, {"a": "c1", "b": "c1"}),
        (CompareCollectors, {"a": "c1", "b": "c2", "collector": "c1"}),
    ],
)
def test_there_must_be_two_sides(model, wrong) -> None:
    with pytest.raises(ValidationError):
        model(**wrong)
