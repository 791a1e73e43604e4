"""What is closed at the end of a `with`.

class Archive(Closing):
    def close(self) -> None:
        …
"""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """A context manager that is itself what is used, and is closed whatever happens."""

    @abstractmethod
    def close(self) -> None:
        """Let go of everything; closing twice is harmless."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
