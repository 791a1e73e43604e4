"""The exceptions of `herdwick.tools`, one family.

Every error carries a machine-readable `kind`, a message, and a hint that says what to do next; the three
go unchanged into the answer object's `error`.
"""

from langchain_core.tools import ToolException

from herdwick.tools.call_record import CallRecord


class HerdwickError(Exception):
    """Anything Herdwick can explain to its user.

    Attributes:
        kind: Short stable identifier, `snake_case`.
        message: What went wrong, in one sentence.
        hint: What to do next; empty when nothing can be done.
        calls: What had been called until then, in order, where the error ended a program or an agent. They
            were made and may have been paid for, so they belong into the answer.
    """

    def __init__(self, kind: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.hint = hint
        self.calls: tuple[CallRecord, ...] = ()

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    @property
    def external(self) -> bool:
        """Whether a file, service, machine or setting failed, rather than a question or a program.

        The same question may be answered once that is mended.
        """
        return False


class ExternalError(HerdwickError):
    """The family of what lies outside questions and programs."""

    @property
    def external(self) -> bool:
        """Always."""
        return True


class DomainError(ExternalError):
    """A domain is unknown, or is described inconsistently."""


class DataError(ExternalError):
    """Data the tools should read is missing, damaged, locked or of another version."""


class BackendError(ExternalError):
    """A remote service failed, refused, or exceeded its budget."""


class ProgramError(HerdwickError):
    """A program was refused before it ran, or failed while running."""

    @property
    def external(self) -> bool:
        """When it failed for want of a sandbox to run in."""
        return self.kind == "sandbox_unavailable"


class PlotError(ExternalError):
    """A picture cannot be drawn: nothing to draw, no library for it, or no place for the file."""


class ToolFailure(HerdwickError, ToolException):
    """A tool call that failed in a way a model or program can act on, such as an unknown id.

    It is a LangChain `ToolException`, so an agent sees the text instead of crashing.
    """
