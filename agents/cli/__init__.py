"""The command line: `herdwick`."""

from herdwick.agents.cli.app import main

__all__ = ["main"]
