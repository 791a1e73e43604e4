"""The SQLite file a graph is kept in: its version, and what can be wrong with it.

    with closing(open_graph(path)) as connection:
        connection.execute("SELECT name FROM person")

Files are opened read-only. Whatever is wrong is a `DataError` that names the file and says what to do. A file
may come from anybody: what is in it neither runs nor takes more than a set time and space.
"""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from herdwick.tools.aminer.local.file_names import shown
from herdwick.tools.aminer.local.graph_schema import foreign_to_graphs
from herdwick.tools.errors import DataError

SCHEMA_VERSION = 2
"""Kept in SQLite's `user_version`; raised with every change of `sql/` or of what `folding` returns."""

APPLICATION_ID = 0x48574752
"""`HWGR`, kept in SQLite's `application_id`: tells graphs from other databases."""

ANSWER_LIMIT_S = 30.0
"""Longest time for one query: among millions of papers one takes about 0.1 s, on a slow disk some seconds."""

_REBUILD = "Build it again with `herdwick graph build`."
_CACHE_KIB = 16 * 1024
_HEADER = b"SQLite format 3\0"
_MAX_VALUE_BYTES = 64 * 1024 * 1024
"""Of a text or a row: a line of a dump has at most 4 MiB."""
_STEPS_BETWEEN_LOOKS = 10_000
"""Of SQLite's virtual machine, between looks at the clock: about a millisecond."""


def uri(path: Path, mode: str) -> str:
    """`path` as SQLite takes it whatever the bytes of its name; `mode` is `ro` or `rwc`."""
    return f"file:{quote(os.fsencode(path.absolute()))}?mode={mode}"


def open_graph(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """A read-only connection to a graph that was checked.

    It may be used and closed by another thread than the one that opened it, by one at a time.

    Args:
        path: The graph file.
        busy_timeout_s: How long to wait for a lock that another process holds.

    Raises:
        DataError: The file is missing, no graph, damaged, locked, or of another schema version.
    """
    _check_file(path)
    try:
        connection = sqlite3.connect(
            uri(path, "ro"), uri=True, timeout=busy_timeout_s, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise as_data_error(error, path) from error
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
        with time_limit(connection, ANSWER_LIMIT_S):
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            _check_version(connection, path)
            _check_schema(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise as_data_error(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def time_limit(connection: sqlite3.Connection, limit_s: float) -> Iterator[None]:
    """Ends the queries within it at a time, or when the user interrupts.

    Raises:
        sqlite3.OperationalError: The time is over; its code is `SQLITE_INTERRUPT`.
        KeyboardInterrupt: The user has interrupted a query.
    """
    end = time.monotonic() + limit_s
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    except sqlite3.Error as error:
        # A signal handler that runs within the progress handler cannot raise out of it: the query just ends.
        if _code(error) == sqlite3.SQLITE_INTERRUPT and time.monotonic() <= end:
            raise KeyboardInterrupt from error
        raise
    finally:
        connection.set_progress_handler(None, 0)


def stamp(connection: sqlite3.Connection) -> None:
    """Marks a new database as a graph of this version."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def as_data_error(error: sqlite3.Error, path: Path) -> DataError:
    """What an error of SQLite means to the user of a graph."""
    code = _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DataError(
            "locked_graph",
            f"{shown(path.name)} is locked by another process.",
            "Wait until that process has finished writing, or use a copy of the file.",
        )
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
        return DataError(
            "unreadable_graph", f"{shown(path.name)} cannot be read: {error}.", "Check its permissions."
        )
    if code == sqlite3.SQLITE_INTERRUPT:
        return DataError(
            "slow_graph",
            f"{shown(path.name)} gave no answer in time.",
            f"Copy it to a faster disk; if it is on one, it is damaged. {_REBUILD}",
        )
    return damaged_graph(path, str(error))


def damaged_graph(path: Path, what: str) -> DataError:
    """The error for a graph whose content is not what a build writes."""
    return DataError("damaged_graph", f"{shown(path.name)} is damaged: {shown(what)}.", _REBUILD)


def _code(error: sqlite3.Error) -> int:
    # Python leaves the attribute off errors of its own, such as the use of a closed connection.
    extended: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return extended & 0xFF


def _check_file(path: Path) -> None:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe or a device"
            raise DataError(
                "unreadable_graph", f"{shown(path.name)} is {what}.", "Give a file that holds a graph."
            )
        with path.open("rb") as file:
            header = file.read(100)
    except (FileNotFoundError, ValueError) as error:  # ValueError: a NUL in the name.
        raise DataError(
            "missing_graph",
            f"There is no graph {shown(path.name)}.",
            "Check the path, build a graph with `herdwick graph build`, or leave it out to use the sample.",
        ) from error
    except OSError as error:
        raise DataError(
            "unreadable_graph",
            f"{shown(path.name)} cannot be read: {error.strerror}.",
            "Give a file you may read.",
        ) from error
    if not header.startswith(_HEADER[: max(1, len(header))]):
        raise DataError("not_a_graph", f"{shown(path.name)} is not a graph.", _REBUILD)
    # SQLite itself notices a missing tail only when a query needs it. Offsets: sqlite.org/fileformat.html.
    page_bytes = int.from_bytes(header[16:18], "big")
    expected = (65536 if page_bytes == 1 else page_bytes) * int.from_bytes(header[28:32], "big")
    if len(header) < 100 or found.st_size < expected:
        raise DataError("damaged_graph", f"{shown(path.name)} is cut short.", f"Copy it again. {_REBUILD}")


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise DataError("not_a_graph", f"{shown(path.name)} is a database, but not a graph.", _REBUILD)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise DataError(
            "newer_graph",
            f"{shown(path.name)} has schema version {version}; this Herdwick reads {SCHEMA_VERSION}.",
            "Upgrade Herdwick, or build the graph again with this version.",
        )
    if version < SCHEMA_VERSION:
        raise DataError(
            "older_graph", f"{shown(path.name)} has schema version {version}, not {SCHEMA_VERSION}.", _REBUILD
        )


def _check_schema(connection: sqlite3.Connection, path: Path) -> None:
    foreign = foreign_to_graphs(connection)
    if foreign:
        raise damaged_graph(path, f"it has {foreign}")
