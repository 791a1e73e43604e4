import json
import shlex

import pytest

from herdwick.agents.cli.examples import call_examples, examples_of, examples_of_all
from herdwick.agents.questions import one_line
from herdwick.agents.routing import find_route
from herdwick.tools.domain import Domain, get_domain, installed_domains
from herdwick.tools.examples import Asked, Examples

TEMPLATE = """\b
Examples:
  herdwick ask DOMAIN QUESTION
  PROGRAM | herdwick run DOMAIN -
  herdwick run DOMAIN s.py --script SCRIPT
  herdwick ask DOMAIN "…" --json"""


def domain(name: str, **examples) -> Domain:
    return Domain(name, "", (), type(None), open=lambda _: None, examples=Examples(**examples))


RIVERS = domain(
    "rivers",
    asked=(Asked("How deep is the Rhine?"), Asked("And here?", "--files a.csv")),
    program="final_result = 1",
    scripts=("--files a.csv",),
)


def test_a_line_is_there_for_each_example():
    assert examples_of(TEMPLATE, RIVERS).splitlines()[2:] == [
        '  herdwick ask rivers "How deep is the Rhine?"',
        '  herdwick ask rivers "And here?" --files a.csv',
        "  echo 'final_result = 1' | herdwick run rivers -",
        "  herdwick run rivers s.py --script --files a.csv",
        '  herdwick ask rivers "…" --json',
    ]


def test_without_examples_their_lines_are_left_out():
    assert examples_of(TEMPLATE, domain("birds")).splitlines()[2:] == ['  herdwick ask birds "…" --json']


def test_for_all_domains_each_has_its_first():
    assert examples_of_all(TEMPLATE, [domain("birds", asked=(Asked("Who sings?"),)), RIVERS]).splitlines()[
        2:
    ] == [
        '  herdwick ask birds "Who sings?"',
        '  herdwick ask rivers "How deep is the Rhine?"',
        "  echo 'final_result = 1' | herdwick run rivers -",
        "  herdwick run rivers s.py --script --files a.csv",
        '  herdwick ask birds "…" --json',
    ]


@pytest.mark.parametrize("name", ["aminer", "bgp"])
@pytest.mark.parametrize("command", [["ask"], ["run"]])
def test_help_of_a_domain_shows_no_example_of_another(invoke, command, name):
    shown = invoke(*command, name, "--help").stdout.partition("Examples:")[2]
    others = [
        asked.question
        for known in installed_domains()
        if known.name != name
        for asked in known.examples.asked
    ]
    assert [question for question in others if question in shown] == []
    assert f"herdwick {command[0]} {name} " in shown


def test_help_without_a_domain_shows_each(invoke):
    shown = invoke("ask", "--help").stdout
    assert all(known.examples.asked[0].question in shown for known in installed_domains())


@pytest.mark.parametrize("known", installed_domains(), ids=lambda known: known.name)
def test_the_examples_of_every_domain_are_right(invoke, known):
    assert known.examples.asked[0].options == ""
    assert find_route(one_line(known.examples.asked[0].question), installed_domains()).domains == (known,)
    result = invoke("run", known.name, "-", "--json", stdin=known.examples.program)
    assert json.loads(result.stdout)["answer"]


@pytest.mark.parametrize(
    ("name", "spec"),
    [(known.name, spec) for known in installed_domains() for spec in known.functions],
    ids=lambda value: getattr(value, "name", value),
)
def test_an_example_of_a_call_has_what_the_function_needs(name, spec):
    line = call_examples(get_domain(name), spec).splitlines()[3]
    given = json.loads(shlex.split(line)[-1])
    needed = {field for field, known in spec.args_schema.model_fields.items() if known.is_required()}
    assert needed <= given.keys()
    assert spec.args_schema.model_validate(given).model_fields_set == given.keys()
