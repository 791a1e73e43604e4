"""The AMiner functions as a LangChain toolkit.

tools = AMinerToolkit(graph="graph.sqlite").get_tools()
"""

from typing import Self

from langchain_core.tools import BaseTool
from langchain_core.tools.base import BaseToolkit
from pydantic import JsonValue, PrivateAttr

from herdwick.tools.aminer.backend import AMinerBackend
from herdwick.tools.aminer.domain import FUNCTIONS, AMinerOptions
from herdwick.tools.tool import FunctionTool


class AMinerToolkit(BaseToolkit, AMinerOptions):
    """The seven functions over the backend that its options describe; a context manager."""

    _source: AMinerBackend = PrivateAttr()

    def model_post_init(self, context: object, /) -> None:
        """Open the backend.

        Raises:
            DataError: The graph cannot be read.
            BackendError: The backend cannot be set up, such as for want of a key.
        """
        del context
        self._source = open_backend(self)

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
