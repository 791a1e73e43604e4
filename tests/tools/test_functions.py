"""What is read from a function's annotations."""

from typing import Annotated

from pydantic import BaseModel, Field

from herdwick.tools.functions import Entity, FunctionSpec, entities_in

CityId = Annotated[str, Entity("CityId")]
CityName = Annotated[str, Entity("CityName", in_question=True)]


class City(BaseModel):
    city_id: CityId
    name: CityName
    twins: list[CityId] | None = None


class ByName(BaseModel):
    name: CityName = Field(description="Name.")
    limit: int = 10


class ById(BaseModel):
    city_id: CityId = Field(description="Id.")


SEARCH = FunctionSpec("searchCity", "Cities by name.", ByName, list[City])
TWINS = FunctionSpec("getTwins", "Twin towns.", ById, dict[str, list[City]])


def test_entities_are_found_through_containers_unions_and_models() -> None:
    assert {entity.name for entity in entities_in(dict[str, list[City] | None])} == {"CityId", "CityName"}


def test_a_plain_value_is_no_entity() -> None:
    assert SEARCH.parameters["limit"] is None
    assert SEARCH.consumes == {"CityName"}


def test_only_what_a_question_can_supply_starts_a_plan() -> None:
    assert SEARCH.starts_plans
    assert not TWINS.starts_plans


def test_results_are_serialised_by_their_annotation() -> None:
    value = {"a": [City(city_id="1", name="Ulm")]}
    assert TWINS.result_adapter.dump_python(value, mode="json") == {
        "a": [{"city_id": "1", "name": "Ulm", "twins": None}]
    }
