"""Elems in columns: converted once for each file's content, queried with Polars afterwards."""
