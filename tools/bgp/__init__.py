"""Internet routing: typed functions over BGP data in MRT files, archives and live streams.

from herdwick.tools.bgp import BGPToolkit
tools = BGPToolkit(files=["updates.20150401.0000.gz"]).get_tools()
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from herdwick.tools.bgp.toolkit import BGPToolkit

__all__ = ["BGPToolkit"]


def __getattr__(name: str) -> Any:
    # LangChain and Polars take most of a second to import; `herdwick --help` must not pay for them.
    if name == "BGPToolkit":
        from herdwick.tools.bgp.toolkit import BGPToolkit

        return BGPToolkit
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
