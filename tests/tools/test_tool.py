"""A domain function as a LangChain tool."""

from typing import Annotated

import pytest
from langchain_core.messages import ToolMessage
from pydantic import BaseModel, Field

from herdwick.tools.errors import BackendError, ToolFailure
from herdwick.tools.functions import Entity, FunctionSpec
from herdwick.tools.tool import MAX_CONTENT_CHARS, FunctionTool


class Args(BaseModel):
    city_id: Annotated[str, Entity("CityId")] = Field(min_length=1, description="City.")


class City(BaseModel):
    name: str


SPEC = FunctionSpec("getCity", "One city.", Args, City)


def known_cities(city_id: str) -> City:
    if city_id != "ulm":
        raise ToolFailure("unknown_id", f"There is no city {city_id!r}.", "Search first.")
    return City(name="Ulm")


TOOL = FunctionTool.of(SPEC, known_cities)


def call(arguments: dict[str, str]) -> ToolMessage:
    message = TOOL.invoke({"type": "tool_call", "id": "1", "name": "getCity", "args": arguments})
    assert isinstance(message, ToolMessage)
    return message


def test_a_model_sees_text_and_a_program_gets_the_typed_value() -> None:
    message = call({"city_id": "ulm"})
    assert message.content == '{"name": "Ulm"}'
    assert message.artifact == City(name="Ulm")


def test_a_failure_is_told_to_the_model_and_crashes_nothing() -> None:
    message = call({"city_id": "atlantis"})
    assert message.status == "error"
    assert message.content == "There is no city 'atlantis'. (Search first.)"


def test_arguments_that_do_not_fit_are_told_to_the_model() -> None:
    assert call({"city_id": ""}).status == "error"


def test_an_argument_may_have_any_name() -> None:
    with pytest.raises(ToolFailure) as caught:
        TOOL.call(self="ulm")
    assert caught.value.kind == "bad_arguments"


def test_programs_get_the_failure_itself() -> None:
    with pytest.raises(ToolFailure) as caught:
        TOOL.call(city_id="atlantis")
    assert caught.value.kind == "unknown_id"
    with pytest.raises(ToolFailure, match="city_id") as caught:
        TOOL.call(town="ulm")
    assert caught.value.kind == "bad_arguments"


def test_a_failing_service_does_not_crash_an_agent() -> None:
    def down(city_id: str) -> City:
        raise BackendError("unreachable", "The service is down.", "Try later.")

    tool = FunctionTool.of(SPEC, down)
    message = tool.invoke({"type": "tool_call", "id": "1", "name": "getCity", "args": {"city_id": "ulm"}})
    assert message.status == "error"
    assert "The service is down" in message.content


def test_a_long_result_is_cut_for_models_and_says_so() -> None:
    tool = FunctionTool.of(SPEC, lambda city_id: City(name="x" * MAX_CONTENT_CHARS))
    message = tool.invoke({"type": "tool_call", "id": "1", "name": "getCity", "args": {"city_id": "ulm"}})
    assert len(message.content) < MAX_CONTENT_CHARS + 100
    assert message.content.endswith("more characters not shown)")
    assert message.artifact.name == "x" * MAX_CONTENT_CHARS


async def test_tools_are_asynchronous_too() -> None:
    assert await TOOL.ainvoke({"city_id": "ulm"}) == '{"name": "Ulm"}'
