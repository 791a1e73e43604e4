"""LangChain's standard suites over every tool of every domain.

AMiner's tools read the synthetic sample, BGP's the lab capture and a loopback RIS Live server.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from herdwick.tools.aminer import AMinerToolkit
from herdwick.tools.bgp import BGPToolkit
from herdwick.tools.bgp.toolkit import SAMPLE
from herdwick.tools.domain import get_domain

from .bgp.live.conftest import LiveServer, sends, update

PREFIX = "10.200.6.0/24"


@cache
def live() -> LiveServer:
    return LiveServer(sends(update(PREFIX)))


@pytest.fixture(scope="module", autouse=True)
def live_server_ends() -> Iterator[None]:
    yield
    live().close()


@cache
def tools(domain: str) -> dict[str, BaseTool]:
    if domain == "aminer":
        return by_name(AMinerToolkit().get_tools())
    # A second collector, to compare the capture's with.
    other = Path(tempfile.mkdtemp()) / "lab01"
    shutil.copytree(SAMPLE / "lab00", other)
    toolkit = BGPToolkit(
        files=[SAMPLE / "lab00", other],
        rpki=SAMPLE / "vrps.json",
        relationships=SAMPLE / "relationships.txt",
        live_url=live().url,
    )
    return by_name(toolkit.get_tools())


def by_name(found: Iterable[BaseTool]) -> dict[str, BaseTool]:
    return {tool.name: tool for tool in found}


@cache
def values(domain: str) -> dict[str, Any]:
    """A good value for each argument that is needed or that says which answer is meant."""
    if domain == "aminer":
        person = tools(domain)["searchPerson"].call(interest="Machine Learning")[0]
        paper = tools(domain)["getPersonPubs"].call(person_id=person.person_id)[0]
        return {
            "interest": "machine learning",
            "publication_info": "Graph Theory",
            "person_id": person.person_id,
            "pub_id": paper.pub_id,
        }
    return {
        "asn": 64503,
        "prefix": PREFIX,
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


def arguments(domain: str, name: str) -> dict[str, Any]:
    fields = tools(domain)[name].args_schema.model_fields
    # Sessions have no prefix.
    return {field: value for field, value in values(domain).items() if field in fields and name != "sessions"}


def cases() -> Iterator[tuple[str, type]]:
    """A class of each suite for each tool: pytest collects the suites as classes, by name."""
    for domain in ("aminer", "bgp"):
        for spec in get_domain(domain).functions:
            for suite in (ToolsUnitTests, ToolsIntegrationTests):
                name = f"Test{suite.__name__}_{domain}_{spec.name}"
                yield name, type(name, (suite,), of_tool(domain, spec.name))


def of_tool(domain: str, name: str) -> dict[str, property]:
    """What the suites ask a class for."""
    return {
        "tool_constructor": property(lambda _: tools(domain)[name]),
        "tool_invoke_params_example": property(lambda _: arguments(domain, name)),
    }


globals().update(cases())
