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


class GraphReader:
    """A graph opened for reading, with as many connections as there are queries at the same time.

    Args:
        path: The graph file.
        busy_timeout_s: How long a query waits for a lock that another process holds.

    Raises:
        DataError: The file is missing, no graph, damaged, locked, or of another schema version.
    """

    def __init__(self, path: Path, busy_timeout_s: float = 5.0) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._lock = threading.Lock()
        self._closed = False
        self._idle = [open_graph(path, busy_timeout_s)]

    def rows(self, query: str, *parameters: str | int) -> list[Any]:
        """All rows a query yields.

        Raises:
            DataError: The file is damaged or locked, or the reader was closed.
        """
        connection = self._take()
        try:
            return connection.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise as_data_error(error, self.path) from error
        finally:
            self._give_back(connection)

    @cached_property
    def meta(self) -> dict[str, str]:
        """What the build noted about the graph: counts, label, date."""
        return dict(self.rows("SELECT key, value FROM meta"))

    def close(self) -> None:
        """Closes the file, once running queries have ended; closing twice is harmless."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise DataError("closed_graph", f"{self.path.name} was closed.", "Open the toolkit again.")
            if self._idle:
                return self._idle.pop()
        return open_graph(self.path, self._busy_timeout_s)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)
