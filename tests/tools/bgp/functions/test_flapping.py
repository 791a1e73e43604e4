from collections import defaultdict
from statistics import median

from herdwick.tools.bgp.functions.flapping import Flaps, flaps
from herdwick.tools.bgp.times import show_time


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
