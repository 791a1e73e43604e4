import pytest

from herdwick.tools.shown_url import shown_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.bgpkit.com/v3/broker", "https://api.bgpkit.com/v3/broker"),
        ("ws://[::1]:8443/v1", "ws://[::1]:8443/v1"),
        ("https://me:hunter2@broker.example/v3", "https://broker.example/v3"),
        ("https://me:hunter2@broker.example", "https://broker.example"),
        ("wss://live.example/ws?token=SECRET", "wss://live.example/ws"),
        ("wss://live.example?token=SECRET", "wss://live.example"),
        ("wss://live.example/ws#SECRET", "wss://live.example/ws"),
        ("me:hunter2@broker.example/v3?token=SECRET", "broker.example/v3"),
        ("broker.example?url=http://x&token=SECRET", "broker.example"),
        ("https://me:hun/ter2@broker.example/", "https://…"),
        ("https://me:hun?ter2@broker.example/", "https://…"),
        ("https:/me:hunter2@broker.example/", "…"),
        ("https://h/?mail=me@x&token=SECRET", "https://…"),
        ("", ""),
        ("x" * 500, "x" * 200),
    ],
)
def test_what_may_be_secret_is_left_out(url: str, shown: str) -> None:
    assert shown_url(url) == shown
