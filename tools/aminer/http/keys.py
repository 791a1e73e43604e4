"""Keys that a service cannot do without.

key = require_key("AMINER_API_KEY", "The AMiner open platform")
"""

from pydantic import SecretStr

from herdwick.tools.errors import BackendError
from herdwick.tools.keys import read_key


def require_key(variable: str, service: str) -> SecretStr:
    """The key in an environment variable.

    Args:
        variable: The environment variable.
        service: What the key is for.

    Raises:
        BackendError: `missing_key` or `bad_key`.
    """
    key = read_key(variable)
    if key is None:
        raise BackendError(
            "missing_key",
            f"{service} needs an API key, and {variable} is not set.",
            f"Set {variable}, replay a recorded cache, or use another backend.",
        )
    return key
