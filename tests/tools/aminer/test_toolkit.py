"""The AMiner toolkit over a local graph."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from langchain_core.messages import ToolMessage
from pydantic import ValidationError

from herdwick.tools.aminer import AMinerToolkit
from herdwick.tools.aminer.domain import DOMAIN, FUNCTIONS, AMinerOptions
from herdwick.tools.aminer.local.build import build_graph
from herdwick.tools.aminer.models import Coauthor
from herdwick.tools.errors import DataError, ToolFailure


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    authors, papers = tmp_path / "authors.jsonl", tmp_path / "papers.jsonl"
    people = [{"id": "a1", "name": "Ada Mercer", "org": "MIT"}, {"id": "a2", "name": "Bo Lindqvist"}]
    authors.write_text("\n".join(map(json.dumps, people)))
    papers.write_text(json.dumps({"id": "p1", "title": "On Looms", "authors": people}))
    return build_graph([authors], [papers], out=tmp_path / "graph.sqlite").graph


@pytest.fixture
def toolkit(graph: Path):
    with AMinerToolkit(graph=graph) as opened:
        yield opened


def call(toolkit: AMinerToolkit, function: str, **arguments: str) -> ToolMessage:
    (tool,) = [tool for tool in toolkit.get_tools() if tool.name == function]
    return tool.invoke({"type": "tool_call", "id": "1", "name": function, "args": arguments})


def test_it_offers_the_seven_functions_in_the_domains_order(toolkit):
    assert [tool.name for tool in toolkit.get_tools()] == [spec.name for spec in FUNCTIONS]
    assert len(toolkit.get_tools()) == 7


def test_every_tool_and_every_argument_is_described(toolkit):
    for tool in toolkit.get_tools():
        assert tool.description
        assert all(field.description for field in tool.args_schema.model_fields.values())


def test_a_tool_gives_text_and_the_typed_value(toolkit):
    message = call(toolkit, "getCoauthors", person_id="a1")
    assert json.loads(message.content) == [
        {"person_id": "a2", "name": "Bo Lindqvist", "relation": "coauthor"}
    ]
    assert message.artifact == [Coauthor(person_id="a2", name="Bo Lindqvist")]


def test_an_empty_search_is_an_empty_list_and_no_error(toolkit):
    message = call(toolkit, "searchPerson", name="Nobody At All")
    assert (message.content, message.artifact, message.status) == ("[]", [], "success")


def test_an_unknown_id_is_told_to_the_model(toolkit):
    message = call(toolkit, "getPersonPubs", person_id="nobody")
    assert message.status == "error"
    assert message.content.startswith("getPersonPubs: there is no person 'nobody' in graph.sqlite.")


def test_a_search_without_criteria_is_told_to_the_model(toolkit):
    message = call(toolkit, "searchPerson")
    assert message.status == "error"
    assert message.content == "searchPerson: arguments: give at least one of name, organization and interest"


def test_a_graph_that_vanishes_from_use_is_told_to_the_model(toolkit):
    toolkit.close()
    message = call(toolkit, "getPersonInterest", person_id="a1")
    assert message.status == "error"
    assert "was closed" in message.content


def test_programs_get_the_failure_itself(toolkit):
    (tool,) = [tool for tool in toolkit.get_tools() if tool.name == "getPublication"]
    with pytest.raises(ToolFailure) as caught:
        tool.call(pub_id="p9")
    assert caught.value.kind == "unknown_id"


async def test_tools_answer_asynchronously(toolkit):
    (tool,) = [tool for tool in toolkit.get_tools() if tool.name == "searchPublication"]
    assert json.loads(await tool.ainvoke({"publication_info": "on looms"})) == [
        {"pub_id": "p1", "title": "On Looms", "year": 0}
    ]


def test_the_data_names_the_graph_without_its_folder(toolkit, graph):
    assert toolkit.data()["graph"] == "graph.sqlite"
    assert str(graph.parent) not in json.dumps(toolkit.data())


def test_a_graph_may_be_given_as_text(graph):
    with AMinerToolkit(graph=str(graph)) as toolkit:
        assert toolkit.data()["records"] == {"people": 2, "papers": 1, "relations": 0}


def test_a_missing_graph_is_an_error_when_the_toolkit_is_opened(tmp_path):
    with pytest.raises(DataError) as caught:
        AMinerToolkit(graph=tmp_path / "nowhere.sqlite")
    assert caught.value.kind == "missing_graph"


def test_an_unknown_option_is_refused():
    with pytest.raises(ValidationError, match="grpah"):
        AMinerToolkit(grpah="graph.sqlite")


def test_the_domain_opens_the_same_toolkit(graph):
    with DOMAIN.open(AMinerOptions(graph=graph)) as toolkit:
        assert isinstance(toolkit, AMinerToolkit)
        assert toolkit.graph == graph


def test_a_local_toolkit_loads_no_http_client(graph):
    program = (
        "import sys; from herdwick.tools.aminer import AMinerToolkit; "
        f"AMinerToolkit(graph={str(graph)!r}).get_tools(); print('pyalex' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_a_toolkit_takes_what_options_take():
    assert set(AMinerToolkit.model_fields) == set(AMinerOptions.model_fields)


@pytest.mark.parametrize("made", [AMinerOptions, AMinerToolkit])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"cache": "recorded", "replay": True},
            "the backend local makes no HTTP calls; name another backend",
        ),
        ({"base_url": "http://127.0.0.1:9"}, "the backend local makes no HTTP calls"),
        ({"budget": 1}, "the backend local makes no HTTP calls"),
        ({"backend": "openalex", "graph": "g.sqlite"}, "the backend openalex reads no graph; leave out"),
    ],
)
def test_options_that_the_backend_would_ignore_are_refused(made, options, message):
    with pytest.raises(ValidationError, match=message):
        made(**options)


def test_options_may_be_given_at_their_defaults():
    given = AMinerOptions(backend="local", cache=None, replay=False, budget=5)
    assert given == AMinerOptions()
