"""Academic people and papers: seven typed functions over AMiner data.

from herdwick.tools.aminer import AMinerToolkit
tools = AMinerToolkit(graph="graph.sqlite").get_tools()
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from herdwick.tools.aminer.toolkit import AMinerToolkit

__all__ = ["AMinerToolkit"]


def __getattr__(name: str) -> Any:
    # LangChain takes most of a second to import; `herdwick --help` must not pay for it.
    if name == "AMinerToolkit":
        from herdwick.tools.aminer.toolkit import AMinerToolkit

        return AMinerToolkit
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
