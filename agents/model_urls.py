"""URLs of models: read into base URLs, and shown without what may be secret in them.

base_url("http://127.0.0.1:8000")                      # "http://127.0.0.1:8000/v1"
public_name("m@http://127.0.0.1:8000/v1?key=secret")   # "m@http://127.0.0.1:8000/v1"
"""

import re
import urllib.parse

import httpx2

from herdwick.agents.errors import UsageError


def base_url(url: str) -> str:
    """`url` up to and including `/v1` or whatever path it has, without query and fragment.

    Raises:
        UsageError: It is no URL, or carries a password; neither is quoted.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        if parts.username is not None or parts.password is not None:
            raise UsageError(
                "password_in_url",
                "The model's URL carries a user name or password.",
                "Leave it out of the URL and set HERDWICK_API_KEY.",
            )
        path = parts.path.rstrip("/") or "/v1"
        base = urllib.parse.urlunsplit((parts.scheme, parts.netloc, path, "", ""))
        # urllib checks brackets and port, the HTTP library characters, and a lookup the length of labels.
        usable = parts.port != 0 and httpx2.URL(base).host.encode("idna")
    except (ValueError, httpx2.InvalidURL) as error:
        raise _no_url() from error
    if not usable:
        raise _no_url()
    return base


def public_name(name: str) -> str:
    """A model's name as it may be shown: of a URL, nothing that may be a password or a key.

    Unlike `base_url` it takes any text, since what cannot be read has to be shown as well.
    """
    start, separator, rest = name.partition("://")
    if "@" in rest:
        # Where a password ends is anybody's guess in a URL that may be wrong.
        return f"{start}{separator}…"
    return start + separator + re.split(r"[?#]", rest, maxsplit=1)[0]


def _no_url() -> UsageError:
    return UsageError("bad_url", "The model's URL cannot be read.", "Write it as http://host:port/v1.")
