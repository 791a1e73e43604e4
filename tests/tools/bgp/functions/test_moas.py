from collections import defaultdict

from herdwick.tools.bgp.functions.moas import Moas, moas

from .playing import tables


def test_several_origins_at_once_are_found_second_by_second(lab, lines) -> None:
    """Plays the capture and looks at every second who originates what."""
    seen: dict[str, set[int]] = defaultdict(set)
    for _, held in tables(lines):
        origins = defaultdict(set)
        for (_, prefix), line in held.items():
            origins[prefix] |= set(line.origins)
        for prefix, asns in origins.items():
            if len(asns) > 1:
                seen[prefix] |= asns

    assert {row.prefix: set(row.origin_asns) for row in moas(lab, Moas())} == seen


def test_the_hijack_of_the_scenario_has_its_times(lab) -> None:
    (row,) = moas(lab, Moas(prefix="192.0.2.0/24"))

    assert row.model_dump() == {
        "prefix": "192.0.2.0/24",
        "origin_asns": [64499, 65551],
        "kind": "moas",
        "peers": 3,
        "first_seen": "2026-01-01T00:00:30Z",
        "last_seen": "2026-01-01T00:01:10Z",
    }


def test_sets_and_siblings_are_set_apart(lab) -> None:
    kinds = {row.prefix: row.kind for row in moas(lab, Moas(siblings=[[64506, 64507, 64999]]))}

    assert kinds["10.210.0.0/22"] == "as_set"
    assert kinds["203.0.113.0/24"] == "siblings"
    assert kinds["10.200.1.0/24"] == "moas"


def test_a_window_before_the_second_origin_shows_one(lab) -> None:
    assert moas(lab, Moas(prefix="192.0.2.0/24", until_time="2026-01-01T00:00:30")) == []
