import pytest

from herdwick.agents.durations import durations_in


@pytest.mark.parametrize(
    ("question", "seconds"),
    [
        ("in 30-second bins", [30]),
        ("thirty-second slots, ten seconds each", [30, 10]),
        ("half a minute, half-hour, a quarter of an hour, quarter-hour", [30, 1800, 900]),
        ("bins of 5min, 10s and 2 h", [300, 10, 7200]),
        ("per 90 sec. or an hour", [90, 3600]),
        ("One minute, 1-minute", [60]),
        ("the second of 10, 00:30 seconds, AS64496s, 10/8 s, minutes 5", []),
        ("asecond, a day", [86400]),
    ],
)
def test_what_questions_say(question: str, seconds: list[int]) -> None:
    assert [*durations_in(question)] == seconds


def test_the_number_is_known_where_there_is_one() -> None:
    assert durations_in("half an hour in steps of 2 minutes") == {1800: None, 120: 2}
