"""Where RIS Live is, and what can be such an address; imports no network library.

check_address(RIS_LIVE_URL)
"""

from urllib.parse import urlsplit

from herdwick.tools.errors import BackendError
from herdwick.tools.shown_url import shown_url

RIS_LIVE_URL = "wss://ris-live.ripe.net/v1/ws/?client=herdwick"


def check_address(url: str) -> None:
    """Refuse what is no address of a websocket.

    Raises:
        BackendError: `bad_url`.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("ws", "wss") and bool(parts.hostname) and not parts.username
        # The number is checked when it is read.
        good = good and (parts.port is None or parts.port > 0) and not parts.fragment
    except ValueError:
        good = False
    if not good:
        raise BackendError(
            "bad_url",
            f"{shown_url(url)!r} is no address of a websocket.",
            "Write it as wss://host/path, without user and password.",
        )
