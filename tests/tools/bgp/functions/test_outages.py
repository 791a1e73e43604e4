import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.outages import Outages, outages
from herdwick.tools.bgp.times import parse_time

from .playing import tables


def series(lines, owners) -> dict:
    """Owner → [(second, visible prefixes)], by playing the capture; `owners(line)` says whose a route is."""
    found: dict[object, list[tuple[int, set[str]]]] = {}
    for second, held in tables(lines):
        now: dict[object, set[str]] = {}
        for (_, prefix), line in held.items():
            for owner in owners(line):
                now.setdefault(owner, set()).add(prefix)
        for owner in now.keys() | found.keys():
            found.setdefault(owner, []).append((second, now.get(owner, set())))
    return found


def expected_outages(lines, owners, below=0.5, recovered=0.9, least=5) -> list:
    rows = []
    for owner, moments in series(lines, owners).items():
        most: set[str] = set()
        start, fewest = None, set()
        for second, visible in moments:
            if start is None and len(visible) >= len(most):
                most = visible
            elif start is None and len(most) >= least and len(visible) < below * len(most):
                start, fewest = second, visible
            elif start is not None and len(visible) >= recovered * len(most):
                rows.append((owner, start, second, len(most), len(fewest), sorted(most - fewest)))
                start = None
            elif start is not None and len(visible) < len(fewest):
                fewest = visible
        if start is not None:
            rows.append((owner, start, None, len(most), len(fewest), sorted(most - fewest)))
    return sorted(rows, key=str)


def shown(rows, owner: str) -> list:
    assert all(row.prefixes_lost >= len(row.lost) == min(row.prefixes_lost, 20) for row in rows)
    return sorted(
        (
            (
                getattr(row, owner),
                parse_time(row.start),
                None if row.end is None else parse_time(row.end),
                row.prefixes_before,
                row.prefixes_at_lowest,
                row.lost,
            )
            for row in rows
        ),
        key=str,
    )


def named(rows: list) -> list:
    return [(*row[:5], row[5][:20]) for row in rows]


@pytest.mark.parametrize(("below", "least"), [(0.5, 5), (0.95, 2), (1.0, 1)])
def test_outages_of_origins_second_by_second(lab, lines, below: float, least: int) -> None:
    expected = expected_outages(lines, lambda line: line.origins, below, max(below, 0.9), least)

    rows = outages(lab, Outages(below=below, recovered=max(below, 0.9), min_prefixes=least, top=1000))

    assert shown(rows, "origin_asn") == named(expected) != []


def test_outages_of_peers_second_by_second(lab, lines) -> None:
    expected = expected_outages(lines, lambda line: [line.peer])

    assert shown(outages(lab, Outages(by="peer_address")), "peer_address") == named(expected) != []


def test_the_outage_of_the_scenario(lab) -> None:
    (row,) = outages(lab, Outages())

    assert row.model_dump(exclude={"lost"}) == {
        "origin_asn": 65545,
        "collector": None,
        "peer_address": None,
        "peer_asn": None,
        "start": "2026-01-01T00:01:50Z",
        "end": "2026-01-01T00:02:20Z",
        "seconds": 30.0,
        "prefixes_before": 38,
        "prefixes_at_lowest": 0,
        "prefixes_lost": 38,
    }


def test_the_reset_of_a_session_is_an_outage_of_its_peer(lab) -> None:
    (row,) = outages(lab, Outages(by="peer_address"))

    assert (row.collector, row.peer_address, row.peer_asn) == ("lab00", "198.51.100.12", 65550)
    assert (row.start, row.prefixes_at_lowest) == ("2026-01-01T00:02:52Z", 0)


def test_only_outages_that_touch_the_window(lab) -> None:
    assert len(outages(lab, Outages(from_time="2026-01-01T00:02:00"))) == 1
    assert outages(lab, Outages(from_time="2026-01-01T00:02:20")) == []
    assert outages(lab, Outages(until_time="2026-01-01T00:01:50")) == []
    assert outages(lab, Outages(origin_asn=64496)) == []


PARTLY = """
    A 0 c 192.0.2.1 1 10.0.0.0/8 1 9
    A 0 c 192.0.2.2 1 10.0.0.0/8 1 9
    A 0 c 192.0.2.3 3 10.0.0.0/8 3 9
    A 0 c 192.0.2.3 3 2001:db8::/32 3 9
    W 5 c 192.0.2.1 1 10.0.0.0/8
    S 6 c 192.0.2.2 1 ESTABLISHED IDLE
    A 9 c 192.0.2.1 1 10.0.0.0/8 1 9
    W 11 c 192.0.2.3 3 2001:db8::/32
"""


def test_most_peers_are_more_than_half_of_those_that_ever_showed_the_prefix(invented) -> None:
    data = invented(PARTLY)
    asked = Outages(below=0.9, min_prefixes=2, recovered=1)

    (of_most,) = outages(
        data, asked.model_copy(update={"visible": "most", "until_time": "1970-01-01T00:00:10Z"})
    )
    (of_any,) = outages(data, asked)

    assert (of_most.start[-3:], of_most.end, of_most.lost) == ("06Z", "1970-01-01T00:00:09Z", ["10.0.0.0/8"])
    assert (of_any.start[-3:], of_any.end, of_any.lost) == ("11Z", None, ["2001:db8::/32"])


def test_an_outage_ends_no_sooner_than_it_begins() -> None:
    with pytest.raises(ValidationError, match="must not be less"):
        Outages(below=0.9, recovered=0.5)
