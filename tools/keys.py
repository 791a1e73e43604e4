"""Keys of services: read from the environment only, and kept out of everything that is shown or stored.

key = read_key("AMINER_API_KEY")      # SecretStr("**********"), or None
"""

import os

from pydantic import SecretStr

from herdwick.tools.errors import BackendError


def read_key(variable: str) -> SecretStr | None:
    """The key in an environment variable, None where it is unset or blank.

    Raises:
        BackendError: `bad_key`; it holds characters that no key has. Left in, they would end up in the HTTP
            library's own error text, with the key around them.
    """
    key = os.environ.get(variable, "").strip()
    if not key:
        return None
    if not key.isascii() or not key.isprintable() or " " in key:
        raise BackendError(
            "bad_key",
            f"{variable} does not hold a key: it has spaces, line breaks or non-ASCII characters.",
            f"Set {variable} again, to the key alone.",
        )
    return SecretStr(key)
