"""Queries a graph file from any thread.

reader = GraphReader(Path("graph.sqlite"))
reader.rows("SELECT rank FROM person WHERE id = ?", "p1")
reader.read(TypeAdapter(list[tuple[str, Json[list[str]]]]), "SELECT name, interests FROM person")
reader.meta.people

SQLite keeps whatever it is given in any column, so what is in a file must be looked at before it is used.
"""

import sqlite3
import threading
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, Json, TypeAdapter, ValidationError

from herdwick.tools.aminer.local.graph_file import (
    ANSWER_LIMIT_S,
    as_data_error,
    damaged_graph,
    open_graph,
    time_limit,
)
from herdwick.tools.errors import DataError

Row = TypeVar("Row")

Count = Annotated[int, Field(ge=0, lt=2**53)]
"""How many of something a graph has: a number that can be computed with as a float."""


class GraphMeta(BaseModel):
    """What the build noted about a graph.

    Attributes:
        people: Number of persons.
        papers: Number of papers.
        relations: Number of relation lines used.
        synthetic: Whether the graph is made up.
        mean_words: Mean number of words in titles, keywords and abstracts.
        built: When the build ended, ISO 8601.
    """

    model_config = ConfigDict(frozen=True)

    people: Count
    papers: Count
    relations: Count
    synthetic: bool
    mean_words: Json[tuple[FiniteFloat, FiniteFloat, FiniteFloat]]
    built: str


class GraphReader:
    """A graph opened for reading, with as many connections as there are queries at the same time.

    Args:
        path: The graph file.
        busy_timeout_s: How long a query waits for a lock that another process holds.
        answer_limit_s: How long a query may take.

    Raises:
        DataError: The file is missing, no graph, damaged, locked, or of another schema version.
    """

    def __init__(
        self, path: Path, busy_timeout_s: float = 5.0, answer_limit_s: float = ANSWER_LIMIT_S
    ) -> None:
        self.path = path
        self._answer_limit_s = answer_limit_s
        self._busy_timeout_s = busy_timeout_s
        self._lock = threading.Lock()
        self._closed = False
        self._idle = [open_graph(path, busy_timeout_s)]

    def rows(self, query: str, *parameters: str | int) -> list[Any]:
        """All rows a query yields, whatever is in them.

        Raises:
            DataError: The file is damaged, locked or too slow, or the reader was closed.
        """
        connection = self._take()
        try:
            with time_limit(connection, self._answer_limit_s):
                return connection.execute(query, parameters).fetchall()
        except sqlite3.Error as error:
            raise as_data_error(error, self.path) from error
        finally:
            self._give_back(connection)

    def read(self, shape: TypeAdapter[list[Row]], query: str, *parameters: str | int) -> list[Row]:
        """All rows a query yields, which are as `shape` says.

        Raises:
            DataError: As `rows`, or a row is different.
        """
        found = self.rows(query, *parameters)
        try:
            return shape.validate_python(found, strict=True)
        except ValidationError as error:
            raise self._wrong_content(error) from error

    @cached_property
    def meta(self) -> GraphMeta:
        """What the build noted about the graph."""
        found = dict(self.rows("SELECT key, value FROM meta"))
        try:
            return GraphMeta.model_validate(found)
        except ValidationError as error:
            raise self._wrong_content(error) from error

    def close(self) -> None:
        """Closes the file, once running queries have ended; closing twice is harmless."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    def _wrong_content(self, error: ValidationError) -> DataError:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return damaged_graph(self.path, f"{first['msg']} (at {'.'.join(map(str, first['loc']))})")

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
