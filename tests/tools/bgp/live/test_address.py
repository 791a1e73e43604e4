import pytest

from herdwick.tools.bgp.live.address import RIS_LIVE_URL, check_address
from herdwick.tools.errors import BackendError


def refusal_of(url: str) -> str | None:
    try:
        check_address(url)
    except BackendError as refused:
        return refused.kind
    return None


@pytest.mark.parametrize("url", [RIS_LIVE_URL, "ws://127.0.0.1:1/", "wss://[::1]:8443/v1?client=x"])
def test_addresses_of_websockets(url: str) -> None:
    assert refusal_of(url) is None


@pytest.mark.parametrize(
    "url", ["http://h/", "ws://", "h", "wss://u:p@h/", "ws://h:99999/", "ws://h:x/", "ws://h:0/", "ws://h/#a"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    assert refusal_of(url) == "bad_url"


def test_of_a_refused_address_no_secret_is_shown() -> None:
    with pytest.raises(BackendError) as refused:
        check_address("wss://me:hunter2@live.example/ws?token=SECRET")

    assert refused.value.message == "'wss://live.example/ws' is no address of a websocket."
