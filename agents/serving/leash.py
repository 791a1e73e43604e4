"""Runs a command that must not outlive whoever started it: `python leash.py GRACE_S COMMAND…`.

The command gets SIGTERM when standard input ends, which it does when the starter closes it or is gone,
however that came about; and SIGKILL when it is still there `GRACE_S` seconds later. Processes that the
command left behind are killed with it. Its exit code becomes that of this process; a signal counts as 128 and
its number.

It stands alone, on the standard library, so that it costs nothing beside the command.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading


def main(grace_s: float, command: list[str]) -> int:
    """Run `command` to its end or until standard input ends."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be started: {error.strerror}\n")
        return 127
    threading.Thread(target=_end_with_input, args=(process, grace_s), daemon=True).start()
    code = process.wait()
    _signal_group(process, signal.SIGKILL)
    return code if code >= 0 else 128 - code


def _end_with_input(process: "subprocess.Popen[bytes]", grace_s: float) -> None:
    while os.read(0, 4096):
        pass
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(grace_s)
    except subprocess.TimeoutExpired:
        _signal_group(process, signal.SIGKILL)


def _signal_group(process: "subprocess.Popen[bytes]", number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
