from collections import defaultdict
from statistics import median

import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.flapping import Damping, Flaps, damping, flaps
from herdwick.tools.bgp.times import parse_time, show_time


def gaps_of(lines) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """For each peer and prefix when it was withdrawn and announced again."""
    gone: dict[tuple[str, str], float] = {}
    found = defaultdict(list)
    for line in lines:
        key = line.peer, line.prefix
        if line.kind == "W":
            gone.setdefault(key, line.time)
        elif line.kind == "A" and key in gone:
            found[key].append((gone.pop(key), line.time))
    return found


def damped(events: list[tuple[float, float]], half_life: float = 900) -> float:
    """The highest penalty: at each event what all before it have left."""
    return max(
        sum(cost * 2 ** ((then - now) / half_life) for then, cost in events[: number + 1])
        for number, (now, _) in enumerate(events)
    )


def test_a_flap_is_an_announcement_after_a_withdrawal(lab, lines) -> None:
    expected = gaps_of(lines)

    rows = flaps(lab, Flaps(top=1000))

    assert len(rows) == len(expected) > 40
    for row in rows:
        times = expected[row.peer_address, row.prefix]
        gaps = [end - start for start, end in times]
        assert row.flaps == len(gaps)
        assert (row.min_gap_seconds, row.max_gap_seconds) == (min(gaps), max(gaps))
        assert row.median_gap_seconds == median(gaps)
        assert (row.first, row.last) == (show_time(times[0][0]), show_time(times[-1][1]))
    assert [row.flaps for row in rows] == sorted((row.flaps for row in rows), reverse=True)


def test_the_flap_of_the_scenario(lab) -> None:
    first, second = flaps(lab, Flaps(prefix="10.200.8.0/24"))

    assert (first.peer_address, first.flaps, first.median_gap_seconds) == ("198.51.100.11", 6, 5)
    assert (second.peer_address, second.flaps) == ("198.51.100.14", 3)
    assert (first.first, first.last) == ("2026-01-01T00:01:00Z", "2026-01-01T00:01:55Z")


def test_only_routes_that_flap_often_enough(lab) -> None:
    assert {row.prefix for row in flaps(lab, Flaps(least=3))} == {"10.200.8.0/24"}


def test_withdrawals_of_an_as_are_its_flaps_too(lab, lines) -> None:
    prefixes = {line.prefix for line in lines if 65545 in line.origins}
    expected = sum(len(found) for (_, prefix), found in gaps_of(lines).items() if prefix in prefixes)

    assert sum(row.flaps for row in flaps(lab, Flaps(origin_asn=65545, top=1000))) == expected > 30


def test_a_gap_lasts_from_the_first_withdrawal_and_a_table_entry_does_not_end_it(invented) -> None:
    data = invented("""
        A 0 c 192.0.2.1 1 2001:db8::/32 1 2
        W 10 c 192.0.2.1 1 2001:db8::/32
        W 15 c 192.0.2.1 1 2001:db8::/32
        R 20 c 192.0.2.1 1 2001:db8::/32 1 2
        A 40 c 192.0.2.1 1 2001:db8::/32 1 2
        A 50 c 192.0.2.1 1 2001:db8::/32 1 2
    """)

    (row,) = flaps(data, Flaps())

    assert (row.flaps, row.min_gap_seconds, row.first, row.last) == (1, 30, show_time(10), show_time(40))


def test_peers_of_one_as_and_collectors_flap_each_for_itself(invented) -> None:
    data = invented("""
        W 0 c1 192.0.2.1 1 10.0.0.0/8
        A 1 c1 192.0.2.2 1 10.0.0.0/8 1 2
        A 2 c2 192.0.2.1 1 10.0.0.0/8 1 2
        A 3 c1 192.0.2.1 1 10.0.0.0/8 1 2
    """)

    (row,) = flaps(data, Flaps())

    assert (row.collector, row.peer_address, row.max_gap_seconds) == ("c1", "192.0.2.1", 3)


@pytest.mark.parametrize("announcement", [0, 1000], ids=["cisco", "juniper"])
def test_penalties_are_sums_of_what_is_left_of_each(lab, lines, announcement: int) -> None:
    table, gone, events = {}, set(), defaultdict(list)
    for line in lines:
        key, route = (line.peer, line.prefix), (line.path, line.rest[3:5])
        if line.kind == "W":
            events[key].append((line.time, 1000))
            gone.add(key)
        elif line.kind == "A" and key in gone:
            events[key].append((line.time, announcement))
        elif line.kind == "A" and key in table and table[key] != route:
            events[key].append((line.time, 500))
        if line.kind in "RA":
            table[key] = route
            gone.discard(key)
    expected = {key: damped(found) for key, found in events.items()}

    rows = damping(lab, Damping(announcement_penalty=announcement, least_penalty=500, top=1000))

    assert {(row.peer_address, row.prefix): row.max_penalty for row in rows} == pytest.approx(
        {key: value for key, value in expected.items() if value >= 500}, abs=0.01
    )
    assert len(rows) > 40
    assert [row.max_penalty for row in rows] == sorted((row.max_penalty for row in rows), reverse=True)


def test_the_flap_of_the_scenario_is_damped_by_the_thresholds_of_old_only(lab) -> None:
    old = damping(lab, Damping(prefix="10.200.8.0/24", suppress_above=2000))
    new = damping(lab, Damping(prefix="10.200.8.0/24"))

    assert [row.suppressed for row in old] == [True, True]
    assert [row.suppressed for row in new] == [False, False]
    assert new[0].withdrawals == new[0].announcements == 6
    assert new[0].suppressed_from is new[0].usable_from is None


def test_a_suppressed_route_is_used_again_when_its_penalty_has_decayed(invented) -> None:
    text = "".join(
        f"W {10 * n} c 192.0.2.1 1 10.0.0.0/8\nA {10 * n + 5} c 192.0.2.1 1 10.0.0.0/8 1 2\n"
        for n in range(8)
    )

    (row,) = damping(invented(text), Damping())

    assert row.suppressed_from == show_time(60)
    left = sum(1000 * 2 ** ((10 * n - parse_time(row.usable_from)) / 900) for n in range(8))
    assert left == pytest.approx(750, abs=0.01)


def test_the_end_of_the_last_suppression_is_told_when_it_is_over(invented) -> None:
    data = invented("""
        W 0 c 192.0.2.1 1 10.0.0.0/8
        A 1 c 192.0.2.1 1 10.0.0.0/8 1 2
        W 2 c 192.0.2.1 1 10.0.0.0/8
        A 1000000 c 192.0.2.1 1 10.0.0.0/8 1 2
    """)

    (row,) = damping(data, Damping(suppress_above=1500, least_penalty=1000))

    left = sum(1000 * 2 ** ((gone - parse_time(row.usable_from)) / 900) for gone in (0, 2))
    assert left == pytest.approx(750, abs=0.01)


def test_the_same_route_again_costs_nothing_and_each_attribute_counts(invented) -> None:
    data = invented("""
        R 0 c 192.0.2.1 1 10.0.0.0/8 1 2 local_pref=100
        A 1 c 192.0.2.1 1 10.0.0.0/8 1 2
        A 1 c 192.0.2.1 1 10.0.0.0/8 1 2 med=1
        A 1 c 192.0.2.1 1 10.0.0.0/8 1 2 med=1 communities=1:1
        A 1 c 192.0.2.1 1 10.0.0.0/8 1 2 med=1 communities=1:1
        A 1 c 192.0.2.1 1 10.0.0.0/8 1 2 2 med=1 communities=1:1
        A 1 c 192.0.2.2 1 10.0.0.0/8 1 3
    """)

    (row,) = damping(data, Damping(least_penalty=1))

    assert (row.changes, row.max_penalty) == (3, 1500)


def test_a_penalty_has_a_limit(invented) -> None:
    data = invented(
        "".join("W 0 c 192.0.2.1 1 10.0.0.0/8\nA 0 c 192.0.2.1 1 10.0.0.0/8 1\n" for _ in range(60))
    )

    assert damping(data, Damping())[0].max_penalty == 50_000


def test_thresholds_must_be_in_order() -> None:
    with pytest.raises(ValidationError, match="reuse_below"):
        Damping(reuse_below=7000)
