"""The SQL of graphs, and what of a file's schema is not theirs.

    connection.executescript(sql("schema"))
    foreign_to_graphs(connection)           # "view 'person'", or None

A graph may come from anybody. Views, triggers and generated columns are programs that run when the file is
read, so nothing is accepted but the tables and indexes that a build makes.
"""

import re
import sqlite3
from contextlib import closing
from functools import cache
from importlib.resources import files

_Part = tuple[str, str, str, str]
"""Type, name, table and statement of a table or an index."""

_TEXT_OR_COMMENT = re.compile(r"('[^']*')|--[^\n]*")


def sql(name: str) -> str:
    """The SQL script `sql/NAME.sql`."""
    return (files("herdwick.tools.aminer.local") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def foreign_to_graphs(connection: sqlite3.Connection) -> str | None:
    """Something in a schema that no build makes, or something missing, in words.

    Raises:
        sqlite3.Error: The schema cannot be read.
    """
    found, expected = _parts(connection), _parts_of_a_graph()
    for kind, name, *_ in sorted(found - expected):
        return f"a {kind} {name[:60]!r} that is not a graph's"
    for kind, name, *_ in sorted(expected - found):
        return f"no {kind} {name!r}"
    return None


@cache
def _parts_of_a_graph() -> frozenset[_Part]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(sql("schema"))
        connection.executescript(sql("finish"))
        return _parts(connection)


def _parts(connection: sqlite3.Connection) -> frozenset[_Part]:
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return frozenset(
        (str(kind), str(name), str(table), _without_comments(str(statement)))
        for kind, name, table, statement in rows
    )


def _without_comments(statement: str) -> str:
    """What remains when comments are edited or lines wrapped: SQLite keeps statements as they were written.

    Other quotes and `/*` comments stay in the text, so none can hide anything: a graph's schema has none.
    """
    return " ".join(_TEXT_OR_COMMENT.sub(lambda match: match[1] or " ", statement).split())
