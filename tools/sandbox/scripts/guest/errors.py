"""Stands in for `herdwick.tools.errors` inside the sandbox, which has no LangChain.

The modules handed to scripts raise these; the host turns them back into its own. Same names, same arguments.
"""


class HerdwickError(Exception):
    """Anything the sandbox's modules can explain; see the original for the attributes."""

    def __init__(self, kind: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class DataError(HerdwickError):
    """Data a script should read is missing, damaged, or not what it asks for."""
