"""LangChain's standard suites over every BGP tool, on the lab capture and a loopback RIS Live server."""

import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from herdwick.tools.bgp import BGPToolkit
from herdwick.tools.bgp.specs import FUNCTIONS
from herdwick.tools.bgp.toolkit import SAMPLE

from .live.conftest import LiveServer, sends, update

EXAMPLES: dict[str, Any] = {
    "asn": 64503,
    "prefix": "10.200.6.0/24",
    "community": "65535:666",
    "time": "2026-01-01T00:01:00",
    "from_a": "2026-01-01T00:00:00",
    "until_a": "2026-01-01T00:02:00",
    "from_b": "2026-01-01T00:02:00",
    "until_b": "2026-01-01T00:04:00",
    "a": "lab00",
    "b": "lab01",
    "seconds": 1,
}


@cache
def live() -> LiveServer:
    return LiveServer(sends(update(EXAMPLES["prefix"])))


@pytest.fixture(scope="module", autouse=True)
def live_server_ends() -> Iterator[None]:
    yield
    live().close()


@cache
def tools() -> dict[str, BaseTool]:
    # A second collector, to compare the capture's with.
    other = Path(tempfile.mkdtemp()) / "lab01"
    shutil.copytree(SAMPLE / "lab00", other)
    toolkit = BGPToolkit(
        files=[SAMPLE / "lab00", other],
        rpki=SAMPLE / "vrps.json",
        relationships=SAMPLE / "relationships.txt",
        live_url=live().url,
    )
    return {tool.name: tool for tool in toolkit.get_tools()}


class OfFunction:
    """What both suites need to know of a tool: its name and how it may be called."""

    function: ClassVar[str]

    @property
    def tool_constructor(self) -> BaseTool:
        return tools()[self.function]

    @property
    def tool_invoke_params_example(self) -> dict[str, Any]:
        fields = tools()[self.function].args_schema.model_fields
        # Sessions have no prefix.
        return {
            name: value for name, value in EXAMPLES.items() if name in fields and self.function != "sessions"
        }


# One pair of classes for each function: the suites are classes, and pytest collects them by name.
for spec in FUNCTIONS:
    title = spec.name.title().replace("_", "")
    globals()[f"Test{title}Unit"] = type(
        f"Test{title}Unit", (OfFunction, ToolsUnitTests), {"function": spec.name}
    )
    globals()[f"Test{title}"] = type(
        f"Test{title}", (OfFunction, ToolsIntegrationTests), {"function": spec.name}
    )
