"""Stubs of a second, made-up domain with types the first does not have."""

import ast
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from herdwick.tools.domain import Domain
from herdwick.tools.errors import DomainError
from herdwick.tools.functions import Entity, FunctionSpec
from herdwick.tools.sandbox.stubs import domain_stubs

Number = Annotated[int, Entity("Number", in_question=True)]
SiteId = Annotated[int, Entity("SiteId")]


class Inner(BaseModel):
    site: SiteId
    since: date


class Site(BaseModel):
    number: Number
    tags: list[str] = []
    pair: tuple[int, str]
    inner: Inner | None
    children: list["Site"] = []
    state: Literal["up", "down"]
    notes: dict[str, float]
    extra: Any


class FindArgs(BaseModel):
    number: Number
    labels: list[str] = Field(default=[])
    exact: bool = False


class SiteArgs(BaseModel):
    site: SiteId


DOMAIN = Domain(
    name="sites",
    summary="",
    functions=(
        FunctionSpec("find", "", FindArgs, list[Site]),
        FunctionSpec("neighbours", "", SiteArgs, dict[str, Site]),
    ),
    options=BaseModel,
    open=lambda _: None,
)
LINES = domain_stubs(DOMAIN).splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "class Number(int): ...",
        "class SiteId: ...",
        "    number: Number",
        "    tags: list[str]",
        "    pair: list[int | str]",
        "    inner: Inner | None",
        "    children: list[Site]",
        "    state: Literal['up', 'down']",
        "    notes: dict[str, float]",
        "    extra: Any",
        "    since: Any",
        "def find(number: int, labels: list[str] = ..., exact: bool = ...) -> list[Site]: ...",
        "def neighbours(site: SiteId) -> dict[str, Site]: ...",
    ],
)
def test_stub_line(line):
    assert LINES.count(line) == 1


def test_stubs_are_python_with_each_type_and_function_once():
    defined = [node.name for node in ast.parse("\n".join(LINES)).body if hasattr(node, "name")]
    assert sorted(defined) == ["Inner", "Number", "Site", "SiteId", "find", "neighbours"]


def test_an_argument_that_may_be_left_out_takes_a_plain_value() -> None:
    class Wanted(BaseModel):
        number: Number | None = None
        others: list[Number] = []

    spec = FunctionSpec("wanted", "…", Wanted, list[Number])
    stubs = domain_stubs(Domain("made_up", "…", (spec,), BaseModel, open=lambda _: pytest.fail("opened")))

    assert "def wanted(number: int | None = ..., others: list[int] = ...) -> list[Number]: ..." in stubs


def test_two_results_of_one_name_are_refused() -> None:
    def model(**fields: Any) -> type[BaseModel]:
        return create_model("Row", **fields)

    class Nothing(BaseModel):
        pass

    specs = (
        FunctionSpec("one", "…", Nothing, model(a=(int, ...))),
        FunctionSpec("two", "…", Nothing, model(b=(str, ...))),
    )
    with pytest.raises(DomainError, match="are called Row"):
        domain_stubs(Domain("made_up", "…", specs, BaseModel, open=lambda _: pytest.fail("opened")))
