"""URLs as messages show them: without what may be secret in them.

shown_url("wss://me:hunter2@live.example/ws?token=SECRET")      # "wss://live.example/ws"
shown_url("https://me:hun/ter2@broker.example/")                # "https://…": nobody knows where it ends
"""

import re

_SCHEME = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?")
_NOT_AUTHORITY = re.compile(r"[/?#\\]")
_MAX_CHARS = 200


def shown_url(url: str) -> str:
    """`url`, which may be wrong, without user, password, query and fragment."""
    written = _SCHEME.match(url)
    scheme = written[0] if written else ""
    rest = url[len(scheme) :]
    end = found.start() if (found := _NOT_AUTHORITY.search(rest)) else len(rest)
    authority, path = rest[:end].rpartition("@")[2], rest[end:]
    if "@" in path:
        # Part of it may be a password with a character that should have been quoted.
        return f"{scheme}…"
    return f"{scheme}{authority}{re.split('[?#]', path, maxsplit=1)[0]}"[:_MAX_CHARS]
