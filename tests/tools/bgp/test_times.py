import re

import pytest

from herdwick.tools.bgp.times import SPELLED, is_clock, is_empty_window, on_day, parse_time


@pytest.mark.parametrize("text", ["00:05", "0:05", "23:59:59", "00:05 UTC", "00:05Z", "00:05:30.5"])
def test_times_of_day(text: str) -> None:
    assert is_clock(text)
    assert parse_time(on_day(text, "2015-04-01")) >= parse_time("2015-04-01")


@pytest.mark.parametrize("text", ["2015-04-01", "2015-04-01 00:05", "65000:120", "00", "noon", "00:05 CET"])
def test_no_times_of_day(text: str) -> None:
    assert not is_clock(text)


@pytest.mark.parametrize(
    ("start", "end", "empty"),
    [
        ("00:05", "00:06", False),
        ("9:05", "10:00", False),
        ("00:06", "00:05 UTC", True),
        ("00:05", "00:05:00", True),
        ("2015-04-01", "2015-04-02", False),
        ("2015-04-02", "2015-04-01 23:59", True),
        ("2015-04-02", "00:05", False),
    ],
)
def test_empty_windows(start: str, end: str, empty: bool) -> None:
    assert is_empty_window(start, end) is empty


@pytest.mark.parametrize(
    ("question", "times"),
    [
        ("between 00:01 and 00:02:30 UTC?", ["00:01", "00:02:30 UTC"]),
        ("from 2015-04-01 00:00 to 2015-04-01T00:05:00Z.", ["2015-04-01 00:00", "2015-04-01T00:05:00Z"]),
        ("on 2015-04-01, after 1427846400", ["2015-04-01", "1427846400"]),
        ("2015-04-01T02:00:00+02:00", ["2015-04-01T02:00:00+02:00"]),
        ("00:00-00:01 and 00:02 - 00:03", ["00:00", "00:01", "00:02", "00:03"]),
        ("2015-04-01 00:00-00:05", ["2015-04-01 00:00", "00:05"]),
        ("community 65000:12 or 65000:120:30 in 2001:db8:10:20::/64", []),
        ("AS1400000000 and 10.12.0.0/16", []),
    ],
)
def test_times_in_questions(question: str, times: list[str]) -> None:
    assert re.findall(SPELLED, question) == times
