"""The SQLite file a graph is kept in: its version, and what can be wrong with it.

    with closing(open_graph(path)) as connection:
        connection.execute("SELECT name FROM person")

Files are opened read-only. Whatever is wrong is a `DataError` that names the file and says what to do.
"""

import sqlite3
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from herdwick.tools.errors import DataError

SCHEMA_VERSION = 2
"""Kept in SQLite's `user_version`; raised with every change of `sql/` or of what `folding` returns."""

APPLICATION_ID = 0x48574752
"""`HWGR`, kept in SQLite's `application_id`: tells graphs from other databases."""

_REBUILD = "Build it again with `herdwick graph build`."
_CACHE_KIB = 16 * 1024
_HEADER = b"SQLite format 3\0"


def sql(name: str) -> str:
    """The SQL script `sql/NAME.sql`."""
    return (files("herdwick.tools.aminer.local") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


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
            f"file:{quote(str(path.absolute()))}?mode=ro",
            uri=True,
            timeout=busy_timeout_s,
            check_same_thread=False,
        )
    except sqlite3.Error as error:
        raise as_data_error(error, path) from error
    try:
        _check_version(connection, path)
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    except sqlite3.Error as error:
        connection.close()
        raise as_data_error(error, path) from error
    except DataError:
        connection.close()
        raise
    return connection


def stamp(connection: sqlite3.Connection) -> None:
    """Marks a new database as a graph of this version."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def is_locked(path: Path) -> bool:
    """Whether some process holds `path` exclusively."""
    try:
        with closing(sqlite3.connect(path, timeout=0)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return False


def as_data_error(error: sqlite3.Error, path: Path) -> DataError:
    """What an error of SQLite means to the user of a graph."""
    code = _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DataError(
            "locked_graph",
            f"{path.name} is locked by another process.",
            "Wait until that process has finished writing, or use a copy of the file.",
        )
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
        return DataError(
            "unreadable_graph", f"{path.name} cannot be read: {error}.", "Check its permissions."
        )
    return DataError("damaged_graph", f"{path.name} is damaged: {error}.", _REBUILD)


def _code(error: sqlite3.Error) -> int:
    # Python leaves the attribute off errors of its own, such as the use of a closed connection.
    extended: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return extended & 0xFF


def _check_file(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError as error:
        raise DataError(
            "missing_graph",
            f"There is no graph {path.name}.",
            "Check the path, build a graph with `herdwick graph build`, or leave it out to use the sample.",
        ) from error
    except OSError as error:
        raise DataError(
            "unreadable_graph", f"{path.name} cannot be read: {error.strerror}.", "Give a file you may read."
        ) from error
    if not header.startswith(_HEADER[: max(1, len(header))]):
        raise DataError("not_a_graph", f"{path.name} is not a graph.", _REBUILD)
    # SQLite itself notices a missing tail only when a query needs it. Offsets: sqlite.org/fileformat.html.
    page_bytes = int.from_bytes(header[16:18], "big")
    expected = (65536 if page_bytes == 1 else page_bytes) * int.from_bytes(header[28:32], "big")
    if len(header) < 100 or size < expected:
        raise DataError("damaged_graph", f"{path.name} is cut short.", f"Copy it again. {_REBUILD}")


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise DataError("not_a_graph", f"{path.name} is a database, but not a graph.", _REBUILD)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise DataError(
            "newer_graph",
            f"{path.name} has schema version {version}; this Herdwick reads {SCHEMA_VERSION}.",
            "Upgrade Herdwick, or build the graph again with this version.",
        )
    if version < SCHEMA_VERSION:
        raise DataError(
            "older_graph", f"{path.name} has schema version {version}, not {SCHEMA_VERSION}.", _REBUILD
        )
