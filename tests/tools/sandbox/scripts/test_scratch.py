"""The scratch space of a running sandbox, seen from outside; scripts that flood it are in test_hostile.py."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from herdwick.tools.sandbox.scripts import run_isolated
from herdwick.tools.sandbox.scripts.scratch import files_made

MAKING = """
import os, time
os.mkdir('folder')
open('folder/a', 'w').close()
open('b', 'w').close()
time.sleep(1.5)
"""


def test_files_and_folders_are_counted_while_a_script_runs():
    run = threading.Thread(target=run_isolated, args=(MAKING,))
    run.start()
    counts = set()
    while run.is_alive():
        counts |= {files_made(int(pid)) for pid in children_named("bwrap")}
        time.sleep(0.05)
    assert 3 in counts


def test_of_a_process_that_is_no_sandbox_nothing_is_known():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert files_made(process.pid) is None
        process.communicate(b"\n")
    assert files_made(process.pid) is None


def children_named(name):
    """Of this process, whichever of its threads started them."""
    tasks = (f"/proc/self/task/{task}/children" for task in os.listdir("/proc/self/task"))
    for path in tasks:
        # Threads and processes may end meanwhile.
        with contextlib.suppress(OSError), open(path) as file:
            for pid in file.read().split():
                if Path(f"/proc/{pid}/comm").read_text().strip() == name:
                    yield pid
