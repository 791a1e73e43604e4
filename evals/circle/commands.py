"""Runs `herdwick` commands as a user does, and reads the JSON that they print.

    figures = run_command("selfinstruct", "inspect", "items.jsonl")
    answer = run_command("ask", "aminer", question, codes=(0, 1))

Progress of a command goes to this process's stderr. A command never outlives this process: the next one would
find its files in use.
"""

import json
import subprocess
import sys
from typing import Any

from herdwick.agents.serving import leash
from herdwick.tools.errors import ExternalError

GRACE_S = 10
"""How long a command may take to end when this process ends, in seconds."""


class CircleStopped(ExternalError):
    """A command of the circle failed; what was done before is kept."""


def command_line(*arguments: str) -> list[str]:
    """`herdwick` with arguments, by this interpreter."""
    return [sys.executable, "-m", "herdwick.agents.cli", *arguments]


def run_command(*arguments: str, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
    """Run one command with `--json`.

    Args:
        *arguments: What follows `herdwick`.
        codes: Exit codes after which the command did what it should.

    Returns:
        The object on the last line of its stdout.

    Raises:
        CircleStopped: It failed, or printed no JSON.
    """
    # What follows `--` is no option.
    end = arguments.index("--") if "--" in arguments else len(arguments)
    command = command_line(*arguments[:end], "--json", *arguments[end:])
    leashed = [sys.executable, "-I", leash.__file__, str(GRACE_S), *command]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and command
        leashed,
        # It ends when this end of the pipe is closed, whatever closes it.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        # A terminal's Ctrl-C goes to all of a group; when to stop is decided here.
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read()
        code = process.wait()
    found = _last_object(printed)
    named = f"`herdwick {' '.join(arguments[:3])} …`"
    if code in codes and found is not None:
        return found
    match found:
        case {"error": {"kind": str(kind), "message": str(message), **more}}:
            raise CircleStopped(kind, f"{named}: {message}", str(more.get("hint", "")))
        case _:
            raise CircleStopped(
                "command_failed",
                f"{named} ended with {code}.",
                "What it said is above; the same command goes on from here.",
            )


def _last_object(printed: str) -> dict[str, Any] | None:
    lines = printed.strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
