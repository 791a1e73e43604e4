import dataclasses
import json
from importlib import resources
from pathlib import Path

import pytest

from herdwick.evals.suite import load_suite, suite_names
from herdwick.tools.aminer import AMinerToolkit
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_every_shipped_suite_has_questions_and_every_file_of_questions_is_one():
    folder = Path(str(resources.files("herdwick.evals"))) / "suites"
    assert suite_names() == tuple(sorted(path.stem for path in folder.glob("*.jsonl")))
    assert "aminer_dev" in suite_names()


def test_own_questions_may_be_called_after_a_suite_but_are_not_about_its_data(tmp_path):
    data = tmp_path / "mine.jsonl"
    data.write_text(json.dumps({"id": "1", "question": "Who?"}), encoding="utf-8")
    assert load_suite("bgp-mine", data=data).domain.name == "bgp"
    own = load_suite("aminer_mine", data=data)
    assert (own.domain.name, own.options) == ("aminer", {})


def test_rows_may_ask_about_another_domain_than_their_suite(tmp_path):
    data = tmp_path / "mine.jsonl"
    rows = [{"id": "1", "question": "Who?"}, {"id": "2", "question": "How many?", "domain": "bgp"}]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    graph = tmp_path / "g.sqlite"
    graph.write_text("a graph")
    suite = load_suite("aminer_mine", data=data, graph=graph)
    assert [suite.domain_of(row).name for row in suite.rows] == ["aminer", "bgp"]
    assert [suite.options_for(row) for row in suite.rows] == [{"graph": graph}, {}]


def test_a_suite_brings_its_questions_and_a_graph_labelled_synthetic():
    suite = load_suite("aminer_dev")
    with AMinerToolkit(graph=suite.options["graph"]) as toolkit:
        data = toolkit.data()
    assert suite.domain.name == "aminer"
    assert data["synthetic"] is True
    assert data["records"]["people"] == 600
    assert data["records"]["papers"] == 2_000


def test_a_graph_is_built_once(cache):
    graph = load_suite("aminer_dev").options["graph"]
    built = graph.stat().st_mtime_ns
    assert load_suite("aminer_dev").options["graph"] == graph
    assert graph.stat().st_mtime_ns == built
    assert graph.is_relative_to(cache)


def test_own_questions_and_an_own_graph_take_the_place_of_the_suites(tmp_path):
    data = tmp_path / "mine.jsonl"
    data.write_text(json.dumps({"id": "1", "question": "Who?"}), encoding="utf-8")
    graph = tmp_path / "g.sqlite"
    graph.write_text("one graph")
    suite = load_suite("aminer_mine", data=data, graph=graph)
    assert [row.question for row in suite.rows] == ["Who?"]
    assert suite.options == {"graph": graph}
    graph.write_text("two graph")
    assert suite.data != load_suite("aminer_mine", data=data, graph=graph).data


def test_a_graph_that_is_not_there_is_an_error(tmp_path):
    data = tmp_path / "mine.jsonl"
    data.write_text(json.dumps({"id": "1", "question": "Who?"}), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_suite("aminer_mine", data=data, graph=tmp_path / "none.sqlite")
    assert caught.value.kind == "data_unreadable"


def test_the_suites_data_is_told_by_its_dump_not_by_when_its_graph_was_built():
    first = load_suite("aminer_dev")
    first.options["graph"].unlink()
    assert load_suite("aminer_dev").data == first.data != ""


def test_a_domain_that_opens_no_folders_leaves_them_alone(monkeypatch):
    plain = dataclasses.replace(get_domain("aminer"), options_of_dump=None)
    monkeypatch.setattr("herdwick.evals.suite.get_domain", lambda name: plain)
    assert load_suite("aminer_dev").options == {}


def test_a_suite_without_a_dump_uses_the_domains_default_data(tmp_path):
    data = tmp_path / "mine.jsonl"
    data.write_text(json.dumps({"id": "1", "question": "Who?"}), encoding="utf-8")
    assert load_suite("aminer", data=data).options == {}


def test_an_unknown_suite_is_answered_with_the_known_ones():
    with pytest.raises(DataError) as caught:
        load_suite("aminer_nothing")
    assert caught.value.kind == "unknown_suite"
    assert "aminer_dev" in caught.value.hint


def test_own_questions_need_a_domain_in_the_suites_name(tmp_path):
    with pytest.raises(DataError) as caught:
        load_suite("poetry", data=tmp_path / "mine.jsonl")
    assert caught.value.kind == "unknown_suite"
    assert "aminer" in caught.value.hint


def test_a_plan_of_a_function_that_there_is_not_is_an_error(tmp_path):
    data = tmp_path / "rows.jsonl"
    data.write_text(json.dumps({"id": "a", "question": "?", "plan": ["searchPerson", "getFriends"]}))
    with pytest.raises(DataError, match=r"rows\.jsonl, row 'a': the plan names 'getFriends'") as failure:
        load_suite("aminer", data=data)
    assert "getCoauthors" in failure.value.hint


def test_the_data_that_is_asked_about_by_default_tells_runs_apart(tmp_path, monkeypatch):
    (tmp_path / "one").write_text("first")
    changed = dataclasses.replace(get_domain("bgp"), default_data=tmp_path)
    shipped = load_suite("bgp_dev").files
    knowledge = load_suite("bgp-knowledge").files

    monkeypatch.setattr("herdwick.evals.suite.get_domain", lambda name: changed)
    first = load_suite("bgp_dev").files
    (tmp_path / "one").write_text("second")
    second = load_suite("bgp_dev").files

    assert len({shipped, first, second, ""}) == 4
    assert knowledge == load_suite("bgp-knowledge").files == ""


def test_data_that_is_named_is_not_the_default():
    assert load_suite("aminer_dev").files == ""
    assert load_suite("aminer_dev").data != ""
