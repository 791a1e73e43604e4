"""The AMiner functions as a LangChain toolkit.

tools = AMinerToolkit(graph="graph.sqlite").get_tools()
"""

from pathlib import Path
from typing import Literal, Self

from langchain_core.tools import BaseTool
from langchain_core.tools.base import BaseToolkit
from pydantic import ConfigDict, JsonValue, PrivateAttr

from herdwick.tools.aminer.backend import AMinerBackend
from herdwick.tools.aminer.domain import FUNCTIONS, AMinerOptions
from herdwick.tools.tool import FunctionTool


class AMinerToolkit(BaseToolkit):
    """The seven functions over one backend; a context manager.

    Attributes:
        backend: Source of the data.
        graph: Graph file of the local backend; the synthetic sample when None.
        base_url: Another address for an HTTP backend.
        cache: Folder for cached HTTP responses.
        replay: Answer from the cache only.
        budget: Most to spend on paid calls, in CNY.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: Literal["local", "aminer", "archive", "openalex"] = "local"
    graph: Path | None = None
    base_url: str | None = None
    cache: Path | None = None
    replay: bool = False
    budget: float = 5.0
    _source: AMinerBackend = PrivateAttr()

    def model_post_init(self, context: object, /) -> None:
        """Open the backend.

        Raises:
            DataError: The graph cannot be read.
            BackendError: The backend cannot be set up, such as for want of a key.
        """
        del context
        self._source = open_backend(AMinerOptions(**self.model_dump()))

    def get_tools(self) -> list[BaseTool]:
        """The seven functions, in the domain's order."""
        return [FunctionTool.of(spec, getattr(self._source, spec.name)) for spec in FUNCTIONS]

    def data(self) -> dict[str, JsonValue]:
        """What was really read."""
        return self._source.data()

    def close(self) -> None:
        """Release the backend."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def open_backend(options: AMinerOptions) -> AMinerBackend:
    """The backend that `options` describe; modules of the others are not imported."""
    if options.backend == "local":
        from herdwick.tools.aminer.local.store import LocalBackend

        return LocalBackend(options.graph)
    from herdwick.tools.aminer.http import open_http_backend

    return open_http_backend(options)
