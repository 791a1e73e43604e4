"""LangChain's standard suites over all seven tools, on the synthetic sample."""

from functools import cache
from typing import ClassVar

import pytest
from langchain_core.tools import BaseTool
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from herdwick.tools.aminer import AMinerToolkit
from herdwick.tools.aminer.domain import FUNCTIONS


@cache
def tools() -> dict[str, BaseTool]:
    return {tool.name: tool for tool in AMinerToolkit().get_tools()}


@cache
def known_person() -> str:
    return tools()["searchPerson"].call(interest="Machine Learning")[0].person_id


@cache
def known_paper() -> str:
    return tools()["getPersonPubs"].call(person_id=known_person())[0].pub_id


class OfFunction:
    """What both suites need to know of a tool: its name and how it may be called."""

    function: ClassVar[str]

    @property
    def tool_constructor(self) -> BaseTool:
        return tools()[self.function]

    @property
    def tool_invoke_params_example(self) -> dict[str, str]:
        examples = {
            "searchPerson": {"interest": "machine learning"},
            "searchPublication": {"publication_info": "Graph Theory"},
            "getPublication": {"pub_id": known_paper()},
        }
        return examples.get(self.function, {"person_id": known_person()})


class TestSearchPersonUnit(OfFunction, ToolsUnitTests):
    function = "searchPerson"


class TestSearchPerson(OfFunction, ToolsIntegrationTests):
    function = "searchPerson"


class TestSearchPublicationUnit(OfFunction, ToolsUnitTests):
    function = "searchPublication"


class TestSearchPublication(OfFunction, ToolsIntegrationTests):
    function = "searchPublication"


class TestGetCoauthorsUnit(OfFunction, ToolsUnitTests):
    function = "getCoauthors"


class TestGetCoauthors(OfFunction, ToolsIntegrationTests):
    function = "getCoauthors"


class TestGetPersonInterestUnit(OfFunction, ToolsUnitTests):
    function = "getPersonInterest"


class TestGetPersonInterest(OfFunction, ToolsIntegrationTests):
    function = "getPersonInterest"


class TestGetPersonPubsUnit(OfFunction, ToolsUnitTests):
    function = "getPersonPubs"


class TestGetPersonPubs(OfFunction, ToolsIntegrationTests):
    function = "getPersonPubs"


class TestGetPersonBasicInfoUnit(OfFunction, ToolsUnitTests):
    function = "getPersonBasicInfo"


class TestGetPersonBasicInfo(OfFunction, ToolsIntegrationTests):
    function = "getPersonBasicInfo"


class TestGetPublicationUnit(OfFunction, ToolsUnitTests):
    function = "getPublication"


class TestGetPublication(OfFunction, ToolsIntegrationTests):
    function = "getPublication"


@pytest.mark.parametrize("suite", [ToolsUnitTests, ToolsIntegrationTests])
def test_every_function_goes_through_both_suites(suite):
    covered = {case.function for case in OfFunction.__subclasses__() if issubclass(case, suite)}
    assert covered == {spec.name for spec in FUNCTIONS}
