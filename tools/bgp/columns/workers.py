"""Processes that convert files, several at once.

    convert_apart(paths, home, 4, watcher)        # all are in the cache when it returns

Not multiprocessing, which runs the caller's own script once more. A worker is `python -m
herdwick.tools.bgp.columns CACHE`; it is given names of files on stdin and answers on stdout, in lines of
JSON: `{"bytes": 262144}` while it reads, then `{"done": true}` or `{"error": [kind, message, hint]}`.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Protocol

from herdwick.tools.errors import DataError


class Watcher(Protocol):
    """Is told how far the files are, from any thread."""

    def read(self, path: Path, size_bytes: int) -> None:
        """So many bytes of a file have been read."""
        ...

    def finish(self, path: Path) -> None:
        """A file is complete."""
        ...


_COMMAND = (sys.executable, "-P", "-m", "herdwick.tools.bgp.columns")


def convert_apart(paths: Sequence[Path], home: Path, workers: int, watcher: Watcher) -> None:
    """Convert `paths` into the cache `home`, in no particular order.

    Raises:
        DataError: One of them cannot be converted; the others may be or not.
    """
    todo, lock = iter(paths), threading.Lock()
    processes = [_start(home) for _ in range(min(workers, len(paths)))]
    try:
        with ThreadPoolExecutor(len(processes)) as pool:
            running = [pool.submit(_serve, process, _shared(todo, lock), watcher) for process in processes]
            try:
                for ended in wait(running, return_when=FIRST_EXCEPTION).done:
                    ended.result()
            except BaseException:
                # Then the other threads end too, for nothing answers them any more.
                for process in processes:
                    process.kill()
                raise
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _start(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(  # noqa: S603
        [*_COMMAND, str(home.absolute())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="ascii",
    )


def _shared(paths: Iterator[Path], lock: threading.Lock) -> Iterator[Path]:
    """The next of `paths` that no other thread has had."""
    while True:
        with lock:
            path = next(paths, None)
        if path is None:
            return
        yield path


def _serve(process: "subprocess.Popen[str]", paths: Iterator[Path], watcher: Watcher) -> None:
    """Give `process` one path after the other."""
    for path in paths:
        answer = _ask(process, path, watcher)
        if "error" in answer:
            raise DataError(*answer["error"])
        watcher.finish(path)


def _ask(process: "subprocess.Popen[str]", path: Path, watcher: Watcher) -> dict[str, list[str]]:
    """What `process` finally says of `path`."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process has no pipes")
    try:
        # Escaped, so that names of any bytes stand in ASCII.
        process.stdin.write(json.dumps(str(path.absolute())) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            answer = json.loads(line)
            if "bytes" not in answer:
                return dict(answer)
            watcher.read(path, answer["bytes"])
    except BrokenPipeError:
        pass  # Told below, like an end without an answer.
    raise DataError(
        "conversion_ended",
        f"The process that converted {path} ended with {process.wait()}.",
        "There may be too little memory; convert fewer files at once.",
    )
