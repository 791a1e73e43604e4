r"""File names in messages and records.

    shown(Path(os.fsdecode(b"caf\xe9.sqlite")))     # r'caf\udce9.sqlite'

A name is bytes to the system. What of it is no UTF-8 reaches Python as lone surrogates, which neither a
terminal nor JSON can take.
"""

from pathlib import Path


def shown(name: Path | str) -> str:
    """`name` with what is no text as escapes."""
    return str(name).encode("utf-8", errors="backslashreplace").decode("utf-8")
