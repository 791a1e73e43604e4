"""The command line: `herdwick`."""

import sys
from collections.abc import Sequence

INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; `app` says what the exit codes mean.

    Args:
        arguments: What follows `herdwick`; the process's own when None.

    Returns:
        The exit code.
    """
    try:
        # Here, since people who mistyped press Ctrl-C while Python is still importing.
        from herdwick.agents.cli.app import run_command

        return run_command(arguments)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
