import statistics
from collections import Counter

import pytest
from pydantic import ValidationError

from herdwick.tools.bgp.functions.updates import (
    CountUpdates,
    UpdateRates,
    UpdateSeries,
    count_updates,
    update_rates,
    update_series,
)
from herdwick.tools.errors import ToolFailure

from .playing import START


def counted(lines) -> dict[str, tuple[int, int]]:
    kinds = Counter(line.kind for line in lines)
    return {"announcements": kinds["A"], "withdrawals": kinds["W"], "updates": kinds["A"] + kinds["W"]}


def updates(lines):
    return [line for line in lines if line.kind in "AW"]


def by(lab, key: str, **args) -> dict:
    rows = count_updates(lab, CountUpdates(by=key, top=1000, **args))
    return {row.key: row.model_dump(exclude={"key"}) for row in rows}


def test_all_updates(lab, lines) -> None:
    assert by(lab, "total") == {"total": counted(lines)}


@pytest.mark.parametrize(
    ("key", "of"),
    [
        ("peer_asn", lambda line: line.peer_asn),
        ("peer_address", lambda line: line.peer),
        ("prefix", lambda line: line.prefix),
        ("ip_version", lambda line: 6 if ":" in line.prefix else 4),
        ("collector", lambda line: "lab00"),
    ],
)
def test_updates_by_what_every_line_says(lab, lines, key: str, of) -> None:
    groups = {of(line) for line in updates(lines)}

    assert by(lab, key) == {g: counted([x for x in updates(lines) if of(x) == g]) for g in groups}


def test_a_withdrawal_counts_for_the_as_that_originated_the_route_before(lab, lines) -> None:
    state: dict[tuple[str, str], list[int]] = {}
    expected: Counter[tuple[int, str]] = Counter()
    for line in lines:
        if line.is_route:
            state[line.peer, line.prefix] = line.origins
        if line.kind in "AW":
            for asn in state.get((line.peer, line.prefix), []):
                expected[asn, line.kind] += 1

    assert {
        asn: (row["announcements"], row["withdrawals"]) for asn, row in by(lab, "origin_asn").items()
    } == {asn: (expected[asn, "A"], expected[asn, "W"]) for asn, _ in expected}


def test_an_origin_has_its_withdrawals_too(lab, lines) -> None:
    (row,) = by(lab, "total", origin_asn=65545).values()

    assert row == by(lab, "origin_asn")[65545]
    assert row["withdrawals"] > 0


@pytest.mark.parametrize("match", ["exact", "more", "less", "any"])
@pytest.mark.parametrize("prefix", ["10.200.6.0/23", "10.200.0.0/16", "2001:db8::/32", "0.0.0.0/0"])
def test_prefixes_lie_as_ipaddress_says(lab, lines, match: str, prefix: str) -> None:
    from ipaddress import ip_network

    def lies(text: str) -> bool:
        one, other = ip_network(text), ip_network(prefix)
        if one.version != other.version:
            return False
        inside, outside = one.subnet_of(other), other.subnet_of(one)
        return {"exact": one == other, "more": inside, "less": outside, "any": inside or outside}[match]

    chosen = [line for line in updates(lines) if lies(line.prefix)]

    assert by(lab, "total", prefix=prefix, match=match) == {"total": counted(chosen)}


def test_the_most_active_come_first_and_no_more_than_asked(lab) -> None:
    rows = count_updates(lab, CountUpdates(by="prefix", top=3))

    assert len(rows) == 3
    assert [row.updates for row in rows] == sorted((row.updates for row in rows), reverse=True)


def test_a_window_starts_at_its_start_and_ends_before_its_end(lab, lines) -> None:
    window = {"from_time": "2026-01-01T00:00:30", "until_time": "2026-01-01 00:01:10"}
    inside = [line for line in lines if START + 30 <= line.time < START + 70]

    assert by(lab, "total", **window) == {"total": counted(inside)}


def test_the_series_has_empty_bins_too(lab, lines) -> None:
    series = update_series(
        lab, UpdateSeries(bin_seconds=5, from_time="2025-12-31T23:59:50", until_time="2026-01-01T00:04")
    )

    assert [row.time for row in series][:3] == [
        "2025-12-31T23:59:50Z",
        "2025-12-31T23:59:55Z",
        "2026-01-01T00:00:00Z",
    ]
    assert len(series) == 50
    for number, row in enumerate(series):
        start = START - 10 + 5 * number
        chosen = [line for line in updates(lines) if start <= line.time < start + 5]
        assert row.model_dump(exclude={"time"}) == counted(chosen)


def test_without_a_window_the_series_covers_the_data(lab, lines) -> None:
    series = update_series(lab, UpdateSeries(bin_seconds=60))

    assert sum(row.updates for row in series) == len(updates(lines))
    assert series[0].time == "2026-01-01T00:00:00Z"


def test_what_most_of_comes_first(lab, lines) -> None:
    withdrawn = Counter(line.prefix for line in lines if line.kind == "W")

    rows = count_updates(lab, CountUpdates(by="prefix", order="withdrawals", top=3))

    assert [row.withdrawals for row in rows] == [count for _, count in withdrawn.most_common(3)]


def test_rates_are_those_of_the_bins(lab, lines) -> None:
    window = {"from_time": "2026-01-01T00:00", "until_time": "2026-01-01T00:04"}
    bins = Counter(int(line.time - START) // 10 for line in lines if line.kind == "W")
    counts = [bins[number] for number in range(24)]

    rates = {row.kind: row for row in update_rates(lab, UpdateRates(bin_seconds=10, **window))}

    assert {*rates} == {"announcements", "withdrawals", "updates"}
    found = rates["withdrawals"]
    assert (found.bins, found.min, found.max) == (24, min(counts), max(counts))
    assert found.mean == pytest.approx(statistics.fmean(counts))
    assert found.median == statistics.median(counts)


def test_no_data_has_no_rates(invented) -> None:
    assert update_rates(invented(""), UpdateRates()) == []


def test_too_many_bins_are_refused(lab) -> None:
    with pytest.raises(ToolFailure, match="bins of 1 seconds are more than"):
        update_series(lab, UpdateSeries(bin_seconds=1, from_time="2020-01-01", until_time="2026-01-01"))


@pytest.mark.parametrize(
    "window",
    [
        {"from_time": "0001-01-01", "until_time": "1000-01-01"},
        {"from_time": "9000-01-01", "until_time": "9999-12-31"},
    ],
)
def test_bins_outside_the_calendar_are_refused(lab, window: dict[str, str]) -> None:
    with pytest.raises(ToolFailure, match="before the year 1 or end after the year 9999"):
        update_series(lab, UpdateSeries(bin_seconds=31_536_000, **window))


@pytest.mark.parametrize(
    "wrong",
    [
        {"prefix": "10.0.0.0/33"},
        {"origin_asn": 2**32},
        {"origin_asn": "ASX"},
        {"from_time": "soon"},
        {"by": "colour"},
        {"from_time": "2026-01-02", "until_time": "2026-01-01"},
        {"from_time": "00:02", "until_time": "00:01:30 UTC"},
    ],
)
def test_arguments_are_checked(wrong) -> None:
    with pytest.raises(ValidationError):
        CountUpdates(**wrong)


def test_as_numbers_and_prefixes_are_understood_as_people_write_them() -> None:
    args = CountUpdates(origin_asn="AS64496", prefix="192.0.2.1/24")

    assert (args.origin_asn, args.prefix) == (64496, "192.0.2.0/24")
