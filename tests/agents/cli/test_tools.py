import json

import pytest

from herdwick.tools.domain import get_domain


def test_list_names_every_function_of_every_domain(invoke):
    shown = invoke("tools", "list").stdout
    assert all(spec.name in shown for spec in get_domain("aminer").functions)
    assert "Research interests of a person. Needs person_id." in shown


def test_show_tells_all_about_one_function(invoke):
    shown = invoke("tools", "show", "bgp.moas").stdout
    spec = get_domain("bgp").function("moas")
    assert spec.description in shown
    assert all(name in shown for name in spec.args_schema.model_fields)
    assert "siblings" in shown
    assert "origin_asns  list of ASN" in shown


def test_show_as_json_has_the_schemas(invoke):
    result = invoke("tools", "show", "getPublication", "--json")
    assert json.loads(result.stdout)["arguments"]["required"] == ["pub_id"]


def test_show_of_an_unknown_function_is_told_which_there_are(invoke):
    result = invoke("tools", "show", "getEverything")
    assert result.exit_code == 2
    assert "There is no function 'getEverything'. Use one of: searchPerson, " in result.stderr


def test_list_as_json_has_the_schemas(invoke):
    result = invoke("tools", "list", "aminer", "--json")
    functions = {entry["name"]: entry for entry in json.loads(result.stdout)["functions"]}
    assert list(functions) == [spec.name for spec in get_domain("aminer").functions]
    assert functions["getPublication"]["arguments"]["required"] == ["pub_id"]
    assert functions["getCoauthors"]["result"]["type"] == "array"
    assert result.stdout.count("\n") == 1


def test_list_of_an_unknown_domain_is_wrong_usage(invoke):
    result = invoke("tools", "list", "nosuch", "--json")
    assert (result.exit_code, json.loads(result.stdout)["error"]["kind"]) == (2, "unknown_domain")


@pytest.mark.parametrize("name", ["getPersonPubs", "aminer.getPersonPubs"])
def test_call_prints_the_typed_value(invoke, graph, name):
    result = invoke("tools", "call", name, '{"person_id": "p1"}', "--graph", graph, "--json")
    (paper,) = json.loads(result.stdout)
    assert (paper["pub_id"], paper["title"], paper["year"], result.exit_code) == ("w1", "On Reeds", 2001, 0)
    assert result.stdout.count("\n") == 1


def test_call_takes_arguments_from_standard_input(invoke, graph):
    result = invoke("tools", "call", "searchPerson", "-", "--graph", graph, stdin='{"name": "ada quill"}')
    assert [person["person_id"] for person in json.loads(result.stdout)] == ["p1"]


def test_an_empty_search_is_an_empty_list_not_a_failure(invoke, graph):
    result = invoke("tools", "call", "searchPerson", '{"name": "Nobody"}', "--graph", graph, "--json")
    assert (result.stdout, result.exit_code) == ("[]\n", 0)


def test_an_unknown_id_cannot_be_answered(invoke, graph):
    result = invoke("tools", "call", "getCoauthors", '{"person_id": "zz"}', "--graph", graph, "--json")
    assert (json.loads(result.stdout)["error"]["kind"], result.exit_code) == ("unknown_id", 1)


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ("{", "bad_json"),
        pytest.param("[" * 100_000, "bad_json", id="deep"),
        ("[1]", "bad_json"),
        ("{}", "bad_arguments"),
        ('{"person_id": 7}', "bad_arguments"),
        ('{"id": "p1"}', "bad_arguments"),
    ],
)
def test_arguments_it_does_not_take_are_wrong_usage(invoke, graph, arguments, kind):
    result = invoke("tools", "call", "getCoauthors", arguments, "--graph", graph, "--json")
    assert (json.loads(result.stdout)["error"]["kind"], result.exit_code) == (kind, 2)


def test_a_function_that_is_not_there_is_told_which_are(invoke):
    result = invoke("tools", "call", "getEverything", "{}")
    assert result.exit_code == 2
    assert "There is no function 'getEverything'. Use one of: searchPerson, " in result.stderr


def test_an_argument_called_self_is_one_that_is_not_taken(invoke, graph):
    result = invoke("tools", "call", "searchPerson", '{"self": "x"}', "--graph", graph)
    assert result.exit_code == 2
    assert "self" in result.stderr
