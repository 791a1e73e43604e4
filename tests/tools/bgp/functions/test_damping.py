from collections import defaultdict

import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.damping import Damping, damping
from herdwick.tools.bgp.times import parse_time, show_time


def damped(events: list[tuple[float, float]], half_life: float = 900) -> float:
    """The highest penalty: at each event what all before it have left."""
    return max(
        sum(cost * 2 ** ((then - now) / half_life) for then, cost in events[: number + 1])
        for number, (now, _) in enumerate(events)
    )


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
        if line.is_route:
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


@pytest.mark.parametrize(
    ("longest", "limit"), [(None, 50_000), (3600, 12_000), (360_000, 50_000)], ids=["none", "hour", "days"]
)
def test_a_penalty_has_a_limit(invented, longest: int | None, limit: int) -> None:
    data = invented("W 0 c 192.0.2.1 1 10.0.0.0/8\nA 0 c 192.0.2.1 1 10.0.0.0/8 1\n" * 60)

    (row,) = damping(data, Damping(max_suppress_seconds=longest))

    assert row.max_penalty == limit
    if longest == 3600:
        assert row.usable_from == show_time(3600)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"reuse_below": 7000}, "reuse_below"),
        ({"suppress_above": 12_000, "max_suppress_seconds": 3600}, "nothing would be suppressed"),
        ({"suppress_above": 50_000}, "nothing would be suppressed"),
        # The route would be usable again in a year that no calendar has.
        ({"half_life_seconds": 10**12}, "half_life_seconds"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(wrong, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Damping(**wrong)
