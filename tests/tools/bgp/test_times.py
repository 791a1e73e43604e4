import re

import pytest

from herdwick.tools.bgp.times import (
    SPELLED,
    from_edge,
    is_clock,
    is_empty_window,
    on_day,
    parse_time,
    show_time,
    with_day,
)
from herdwick.tools.errors import DataError


@pytest.mark.parametrize("text", ["00:05", "0:05", "23:59:59", "00:05 UTC", "00:05Z", "00:05:30.5"])
def test_times_of_day(text: str) -> None:
    assert is_clock(text)
    assert parse_time(on_day(text, "2015-04-01")) >= parse_time("2015-04-01")


@pytest.mark.parametrize(
    "text", ["2015-04-01", "2015-04-01 00:05", "65000:120", "00", "noon", "00:05 CET", "1:30 pm"]
)
def test_no_times_of_day(text: str) -> None:
    assert not is_clock(text)


@pytest.mark.parametrize(
    ("text", "edge"),
    [
        ("last minute", ("last", 60)),
        ("Last five minutes", ("last", 300)),
        ("past 2 hours", ("last", 7_200)),
        ("final 90 secs", ("last", 90)),
        ("first 30 seconds", ("first", 30)),
        ("opening hour", ("first", 3_600)),
        ("00:05", None),
        ("last year", None),
        ("in the last minute", None),
    ],
)
def test_times_counted_from_an_edge_of_the_data(text: str, edge: tuple[str, int] | None) -> None:
    assert from_edge(text) == edge


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
        ("last 5 minutes", "00:05", False),
        ("2015-04-02", "first minute", False),
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
        ("2015-04-01T00:00:00Z/2015-04-01T00:05:00Z", ["2015-04-01T00:00:00Z", "2015-04-01T00:05:00Z"]),
        ("00:00/00:05 and 00:06..00:07", ["00:00", "00:05", "00:06", "00:07"]),
        ("after 2015-04-01t00:05z, till 00:06utc.", ["2015-04-01t00:05z", "00:06utc"]),
        ("until 1:30 pm, or 0:05 CET", ["1:30 pm", "0:05 CET"]),
        ("at 12:30 Zurich time", ["12:30"]),
        ("in the last five minutes, or the first 30 seconds", ["last five minutes", "first 30 seconds"]),
        ("the past hour; the final 2-minute window", ["past hour", "final 2-minute"]),
        ("the last prefix of the first peer, minutes later", []),
    ],
)
def test_times_in_questions(question: str, times: list[str]) -> None:
    assert re.findall(SPELLED, question) == times


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2015-04-01 00:05 Z", 1427846700),
        ("2015-04-01t00:05z", 1427846700),
        ("2015-04-01 0:05 utc", 1427846700),
        ("2015-04-01T2:05+02:00", 1427846700),
        ("1427846700.5", 1427846700.5),
    ],
)
def test_times_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["1427846400000", "9" * 400, "²" * 9, "2015-04-01 00:05 CET", "1:30 pm", "٢" * 10]
)
def test_what_is_no_time_or_beyond_all_calendars_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="is no time"):
        parse_time(text)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59", "0001-01-01", "253402300799"])
def test_the_first_and_last_moments_of_the_calendar_can_be_shown(text: str) -> None:
    assert parse_time(show_time(parse_time(text))) == parse_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59-05:00",
        "9999-12-31T23:59:59.999999",  # As a float it is the year 10000.
        "0001-01-01T00:00:00+05:00",
        "253402300800",
        "0000-01-01",
    ],
)
def test_what_is_outside_the_years_1_to_9999_in_utc_is_refused(text: str) -> None:
    with pytest.raises(DataError, match=re.escape(f"{text!r} is no time")):
        parse_time(text)


@pytest.mark.parametrize("text", ["2015-04-01" + " " * 65_536 + "x", "1" * 5_000, "00:05:00." + "0" * 60])
def test_what_is_too_long_for_a_time_is_refused_without_repeating_all_of_it(text: str) -> None:
    with pytest.raises(DataError, match=re.escape(f"{text[:64]!r}… is no time")):
        parse_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "2015-04-01 00:05",
        "2015/4/1 00:05",
        "April 1, 2015 00:05",
        "1 April 2015 at 0:05 UTC",
        "1st of Apr. 2015, 00:05Z",
        "2015-04-01T00:05:00Z",
        "2015-04-01t00:05z",
    ],
)
def test_days_in_words_and_digits(text: str) -> None:
    assert parse_time(text) == 1_427_846_700
    assert re.findall(SPELLED, f"Was it there at {text}?") == [text]


@pytest.mark.parametrize("text", ["31 February 2015", "2015/13/01", "April 2015", "0 May 2015"])
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(DataError):
        parse_time(text)


@pytest.mark.parametrize(
    ("times", "meant"),
    [
        (["2014-12-31", "00:00", "0:05 UTC"], ["2014-12-31", "2014-12-31 00:00", "2014-12-31 00:05 UTC"]),
        (["April 1, 2015", "00:05"], ["April 1, 2015", "2015-04-01 00:05"]),
        (["2014-12-31", "2015-01-01", "00:00"], ["2014-12-31", "2015-01-01", "00:00"]),
        (["2014-12-31 00:00", "00:05"], ["2014-12-31 00:00", "00:05"]),
        (["00:05"], ["00:05"]),
        (["31 February 2015", "00:05"], ["31 February 2015", "00:05"]),
    ],
)
def test_a_day_that_is_named_once(times: list[str], meant: list[str]) -> None:
    assert with_day(times) == meant
