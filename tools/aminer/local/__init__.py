"""The embedded graph: SQLite with FTS5, built from AMiner/OAG dumps or generated."""
