"""What is said where the libraries of the server are not installed.

with server_extra():
    from herdwick.agents.server.run import run_server
"""

from collections.abc import Iterator
from contextlib import contextmanager

from herdwick.agents.errors import UsageError


@contextmanager
def server_extra() -> Iterator[None]:
    """Turn a missing library of the extra `serve` into how to install it.

    Raises:
        UsageError: `server_not_installed`.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("herdwick"):
            raise
        raise UsageError(
            "server_not_installed",
            f"The server needs {error.name}, which is not installed.",
            "In the checkout, run: pip install -e '.[serve]'",
        ) from error
