"""Which error a failure on the wire becomes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herdwick.tools.aminer.http.failures import status_failure
from herdwick.tools.http_failures import RetryableError, parse_retry_after

NOON = datetime(2026, 11, 3, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, "refused", False),
        (401, "unauthorized", False),
        (403, "unauthorized", False),
        (404, "not_found", False),
        (408, "timeout", True),
        (418, "refused", False),
        (429, "rate_limited", True),
        (500, "server_error", True),
        (503, "server_error", True),
    ],
)
def test_each_status_has_one_kind(status: int, kind: str, retryable: bool) -> None:
    failure = status_failure("GET /works at host", status)
    assert (failure.kind, isinstance(failure, RetryableError)) == (kind, retryable)
    assert failure.hint


def test_a_message_quotes_the_service_on_one_bounded_line() -> None:
    failure = status_failure("GET /works at host", 400, "no\nsuch\x1b[31m field " + "x" * 500)
    assert failure.message.startswith(
        "GET /works at host refused the request (HTTP 400): no such [31m field xxx"
    )
    assert failure.message.endswith("x….")
    assert len(failure.message) < 300


def test_a_rate_limit_says_when_to_try_again() -> None:
    assert "Try again in 90 s" in status_failure("GET /works at host", 429, retry_after_s=90.0).hint


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        ("Tue, 03 Nov 2026 12:00:30 GMT", 30.0),
        ("Tue, 03 Nov 2026 13:00:30 +0100", 30.0),
        ("Tuesday, 03-Nov-26 12:00:30 GMT", 30.0),
        ("Tue Nov  3 12:00:30 2026", 30.0),
        ("Tue, 03 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert parse_retry_after(header, NOON) == seconds


@given(st.text())
def test_no_retry_after_header_breaks_the_parser(header: str) -> None:
    seconds = parse_retry_after(header, NOON)
    assert seconds is None or seconds >= 0.0
