"""Makes a file in a folder beside the place it is meant for, and puts it there when it is complete.

    check_output(out, inputs)
    with workshop(out) as folder:
        (folder / "graph.sqlite").write_bytes(...)
        publish(folder / "graph.sqlite", out)

What a killed process left behind is cleared away by the next that makes a file of the same name. A lock in
each folder tells them from those in use; it is held until the file has its name.
"""

import contextlib
import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from herdwick.tools.aminer.local.file_names import shown
from herdwick.tools.errors import DataError

_LOCK = "in-use"


def target_of(out: Path) -> Path:
    """The file that is written when `out` is asked for: `out`, or what it points to.

    Raises:
        DataError: `out` names no file.
    """
    if not out.name or "\0" in str(out):
        raise DataError("bad_output", f"{str(out)!r} is no name of a file.", "Give the name of a file.")
    try:
        return out.resolve() if out.is_symlink() else out
    except (OSError, RuntimeError) as error:  # A circle of links: which of the two depends on the Python.
        raise DataError("bad_output", f"{shown(out.name)} leads nowhere.", "Give another name.") from error


def check_output(out: Path, inputs: Iterable[Path]) -> None:
    """Makes sure that writing `out` destroys nothing but an older file.

    Raises:
        DataError: `out` is something else than a file, or one of `inputs`.
    """
    if not out.exists():
        return
    if not out.is_file():
        what = "a folder" if out.is_dir() else "a pipe or a device"
        raise DataError("bad_output", f"{shown(out.name)} is {what}.", "Give another name for the output.")
    if any(path.exists() and path.samefile(out) for path in inputs):
        raise DataError(
            "output_is_input",
            f"{shown(out.name)} would be overwritten, but it is one of the files to read.",
            "Give another name for the output.",
        )


@contextmanager
def workshop(out: Path) -> Iterator[Path]:
    """A temporary folder beside `out`, removed in the end.

    Raises:
        OSError: The folder of `out` is missing or cannot be written.
    """
    prefix = f".{out.name}.building-"
    for left in out.parent.glob(f"{glob.escape(prefix)}*"):
        if _is_abandoned(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=out.parent) as name, _in_use(Path(name)):
        yield Path(name)


def publish(made: Path, name: Path) -> None:
    """Puts a file under its name, replacing another, safe against power loss."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(name)


@contextmanager
def _in_use(folder: Path) -> Iterator[None]:
    # The lock gets its name once it is held: a folder without one may be about to get it.
    unnamed = folder / f"{_LOCK}.new"
    with unnamed.open("wb") as lock:
        # On a file system without locks nobody can tell, and nobody clears anything away.
        with contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        unnamed.rename(folder / _LOCK)
        yield


def _is_abandoned(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
