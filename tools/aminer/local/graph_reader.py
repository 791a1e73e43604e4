"""Queries a graph file from any thread.

reader = GraphReader(Path("graph.sqlite"))
reader.rows("SELECT name FROM person WHERE id = ?", "p1")
reader.meta["people"]
"""

import sqlite3
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

from herdwick.tools.aminer.local.graph_file import as_data_error, open_graph
from herdwick.tools.errors import DataError

_CACHE_KIB = 16 * 1024


class GraphReader:
    """A graph opened for reading, with a connection for each thread that asks.

    Args:
        path: The graph file.
        busy_timeout_s: How long a query waits for a lock that another process holds.

    Raises:
        DataError: The file is missing, no graph, damaged, locked, or of another schema version.
    """

    def __init__(self, path: Path, busy_timeout_s: float = 5.0) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._local = threading.local()
        self._lock = threading.Lock()
        self._opened: list[sqlite3.Connection] = []
        self._closed = False
        self._connection()

    def rows(self, query: str, *parameters: str | int) -> list[Any]:
        """All rows a query yields.

        Raises:
            DataError: The file is damaged or locked, or the reader was closed.
        """
        connection = self._connection()
        try:
            return connection.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            if self._closed:
                raise self._closed_error() from error
            raise as_data_error(error, self.path) from error

    @cached_property
    def meta(self) -> dict[str, str]:
        """What the build noted about the graph: counts, label, date."""
        return dict(self.rows("SELECT key, value FROM meta"))

    def close(self) -> None:
        """Closes the connections of all threads; closing twice is harmless."""
        with self._lock:
            self._closed = True
            while self._opened:
                self._opened.pop().close()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            return connection
        with self._lock:
            if self._closed:
                raise self._closed_error()
            connection = open_graph(self.path, self._busy_timeout_s)
            self._opened.append(connection)
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._local.connection = connection
        return connection

    def _closed_error(self) -> DataError:
        return DataError("closed_graph", f"{self.path.name} was closed.", "Open the toolkit again.")
