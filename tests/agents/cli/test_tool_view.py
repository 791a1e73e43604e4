import io
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel
from rich.console import Console

from herdwick.agents.cli.tool_view import function_view, functions_view, type_words
from herdwick.tools.domain import get_domain
from herdwick.tools.functions import Entity

RiverId = Annotated[str, Entity("RiverId")]


class River(BaseModel):
    river_id: RiverId


def shown(view, width: int = 80) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=width).print(view)
    return [line.rstrip() for line in text.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (int, "int"),
        (RiverId, "RiverId"),
        (RiverId | None, "RiverId"),
        (list[RiverId], "list of RiverId"),
        (Literal["in", "out"], "in | out"),
        (list[River], "list of records"),
        (River | None, "record"),
    ],
)
def test_types_are_told_in_words(annotation, words):
    assert type_words(annotation) == words


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("name", ["aminer", "bgp"])
def test_every_function_is_listed_within_the_width(name, width):
    domain = get_domain(name)
    lines = shown(functions_view(domain), width)
    assert {spec.name for spec in domain.functions} <= {line.partition(" ")[0] for line in lines}
    assert max(map(len, lines)) <= width


def test_what_must_be_given_is_told():
    assert "neighbours" in [line.split()[0] for line in shown(functions_view(get_domain("bgp")), 200)]
    (line,) = [
        line for line in shown(functions_view(get_domain("bgp")), 200) if line.startswith("neighbours ")
    ]
    assert line.endswith("Needs asn.")


@pytest.mark.parametrize("spec", get_domain("bgp").functions, ids=lambda spec: spec.name)
def test_one_function_is_shown_whole_within_the_width(spec):
    lines = shown(function_view(get_domain("bgp"), spec))
    names = {line.split(" ")[0] for line in lines}
    assert names >= {*spec.args_schema.model_fields}
    assert max(map(len, lines)) <= 80


def test_fields_inside_of_a_field_stand_behind_a_dot():
    lines = shown(function_view(get_domain("bgp"), get_domain("bgp").function("as_graph")))
    assert ["edges.upstream_asn", "ASN"] in [line.split() for line in lines]


@pytest.mark.parametrize("name", ["aminer", "bgp"])
def test_every_function_says_what_it_returns(name):
    domain = get_domain(name)
    silent = [
        spec.name
        for spec in domain.functions
        if not any(line.startswith("Returns ") for line in shown(function_view(domain, spec)))
    ]
    assert silent == []
