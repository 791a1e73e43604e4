import pytest

from herdwick.agents.errors import UsageError
from herdwick.agents.server.rate import RateLimit


def test_a_client_may_send_as_many_as_the_rate_says():
    limit = RateLimit("2/hour")
    assert [limit.wait_s("a"), limit.wait_s("a"), limit.wait_s("b")] == [None, None, None]
    assert 3590 <= (limit.wait_s("a") or 0) <= 3601


def test_looking_does_not_count():
    limit = RateLimit("1/hour")
    assert [limit.wait_s("a", counts=False), limit.wait_s("a")] == [None, None]
    assert (limit.wait_s("a", counts=False) or 0) >= 3590


def test_without_a_rate_all_are_allowed():
    limit = RateLimit("")
    assert {limit.wait_s("a") for _ in range(1000)} == {None}


@pytest.mark.parametrize("rate", ["often", "2", "2/fortnight"])
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(UsageError) as failure:
        RateLimit(rate)
    assert failure.value.kind == "bad_rate"
