"""A network of the lab's own, with the addresses of the collector and the speakers.

    enter_own_network("herdwick.tools.bgp.sample.make")      # starts the program again, inside
    add_addresses()

The kernel keeps the namespace apart from the machine's network: nothing the daemons say leaves it. No
privileges are needed where unprivileged user namespaces are allowed.
"""

import os
import shutil
import subprocess
import sys

from herdwick.tools.bgp.sample.speakers import COLLECTOR_ADDRESSES, SPEAKERS
from herdwick.tools.errors import BackendError

_INSIDE = "HERDWICK_LAB_NETWORK"
_NAMESPACE = ("unshare", "--user", "--map-root-user", "--net")


def is_inside() -> bool:
    """Whether this process was started inside."""
    return _INSIDE in os.environ


def enter_own_network(module: str) -> None:
    """Replace this process with the same program inside a new network namespace; does not return.

    Args:
        module: What `python -m` started.

    Raises:
        BackendError: The system allows no namespaces.
    """
    unshare = shutil.which(_NAMESPACE[0])
    if (
        unshare is None
        or subprocess.run([unshare, *_NAMESPACE[1:], "true"], check=False, capture_output=True).returncode  # noqa: S603
    ):
        raise BackendError(
            "no_namespace",
            "A network namespace for the lab cannot be made.",
            "Install util-linux, and allow unprivileged user namespaces or run as root.",
        )
    command = [unshare, *_NAMESPACE[1:], sys.executable, "-m", module, *sys.argv[1:]]
    os.execve(unshare, command, os.environ | {_INSIDE: "1"})  # noqa: S606


def add_addresses() -> None:
    """Give the loopback interface of the namespace its addresses."""
    addresses = [
        *COLLECTOR_ADDRESSES.values(),
        *(address for speaker in SPEAKERS for address in (speaker.ipv4, speaker.ipv6)),
    ]
    _ip("link", "set", "lo", "up")
    for address in addresses:
        is_ipv6 = ":" in address
        _ip("address", "add", f"{address}/{64 if is_ipv6 else 24}", "dev", "lo", *["nodad"] * is_ipv6)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)  # noqa: S603, S607
