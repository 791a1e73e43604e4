import json
import re

import pytest

from herdwick.agents.answer import Answer
from herdwick.agents.cli.bench import read_questions, sample_questions
from herdwick.agents.cli.bench_ask import plain_completion_s
from herdwick.agents.cli.bench_import import process_seconds
from herdwick.agents.errors import UsageError
from herdwick.agents.models import load_model
from herdwick.tools.aminer.local.store import LocalBackend
from herdwick.tools.bgp import BGPToolkit
from herdwick.tools.bgp.engine.sources import find_files
from herdwick.tools.bgp.toolkit import SAMPLE
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import HerdwickError


def test_ask_measures_first_and_warm_questions_and_a_peer(
    invoke, scripted, model, graph, tmp_path, ada_citations
):
    scripted.answer_with = lambda body: ada_citations
    suite = tmp_path / "suite.jsonl"
    suite.write_text('{"id": "1", "question": "How many citations does Ada Quill have?"}\n')
    options = ("--graph", graph, "--model", model, "--suite", suite, "--questions", 2, "--first-runs", 1)
    result = invoke("bench", "ask", "aminer", *options, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    figures = json.loads(result.stdout)
    assert (figures["model"], figures["answered"]) == (model, 2)
    runs = {part: figures[part]["runs"] for part in ("first", "warm", "draft", "without_model", "peer")}
    assert runs == {"first": 1, "warm": 2, "draft": 2, "without_model": 2, "peer": 2}
    assert min(figures["ratio"], figures["peak_memory_mb"]) > 0
    # One in the new process, one to warm up, two measured.
    assert sum("structured_outputs" in body for body in scripted.requests) == 4


def test_the_peer_writes_as_many_tokens_as_the_solution_has(scripted, model):
    scripted.answer_with = lambda body: "word"
    endpoint = load_model(model).endpoint("aminer")
    answer = Answer(
        question="Q",
        domain="aminer",
        strategy="one-shot",
        model=model,
        text="x",
        status="ok",
        plan=["searchPerson"],
        program="final_result = 1",
    )
    assert plain_completion_s(endpoint, answer) > 0
    counted, written = scripted.requests
    assert (counted["prompt"], counted["max_tokens"]) == ("searchPerson\nfinal_result = 1", 1)
    assert written["max_tokens"] == 1  # what the scripted server says it counted
    assert written["ignore_eos"] is True
    assert "structured_outputs" not in written


def test_import_compares_with_python_itself(invoke):
    figures = json.loads(invoke("bench", "import", "--runs", 1, "--json").stdout)
    starts = {start["name"]: start for start in figures["starts"]}
    assert list(starts) == [
        "python -c pass",
        "import herdwick.tools",
        "herdwick --help",
        "herdwick ask --help",
    ]
    assert starts[figures["peer"]]["ratio"] == 1


def test_a_process_that_fails_is_not_a_measurement():
    with pytest.raises(HerdwickError) as failure:
        process_seconds(["-c", "import sys; sys.exit('oh no')"])
    assert failure.value.message.endswith("ended with exit code 1: oh no")


def test_graph_measures_every_function(invoke):
    result = invoke("bench", "graph", "--people", 60, "--papers", 100, "--calls", 5, "--json")
    figures = json.loads(result.stdout)
    assert {timing["function"] for timing in figures["timings"]} == {
        spec.name for spec in get_domain("aminer").functions
    }
    assert figures["report"]["people"] == 60


@pytest.mark.parametrize("content", ["", "not json\n", '{"id": "1"}\n', "[1]\n"])
def test_a_suite_without_questions_is_wrong_usage(tmp_path, content):
    suite = tmp_path / "suite.jsonl"
    suite.write_text(content)
    with pytest.raises(UsageError):
        read_questions(suite)


def test_the_questions_that_ship_are_about_people_of_the_sample():
    backend = LocalBackend()
    names = ("Arash Jafari", "Yu-Chen Lü", "Zdeňka Jelínek", "Борис Воробей", "Pasquale Esposito")
    questions = "\n".join(sample_questions(get_domain("aminer")))
    assert all(name in questions and backend.searchPerson(name=name) for name in names)
    backend.close()


def test_a_password_in_the_models_url_is_not_quoted(invoke, graph):
    options = ("--graph", graph, "--model", "http://bob:s3cret@127.0.0.1:1/v1", "--first-runs", 1)
    result = invoke("bench", "ask", "aminer", *options, "--questions", 2, "--json")
    assert json.loads(result.stdout)["error"]["kind"] == "password_in_url"
    assert "s3cret" not in result.output


def test_a_model_that_cannot_be_used_is_an_error_and_no_measurement(invoke, graph):
    options = ("--graph", graph, "--model", "http://127.0.0.1:1/v1", "--first-runs", 1, "--questions", 2)
    result = invoke("bench", "ask", "aminer", *options, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["kind"] == "endpoint_down"


def test_bgp_measures_files_second_questions_and_live_messages(invoke):
    lab = next(iter(find_files([SAMPLE / "lab00"]))).path
    result = invoke("bench", "bgp", lab, "--runs", 2, "--messages", 200, "--json")
    figures = json.loads(result.stdout)
    (row,) = figures["files"]
    assert (figures["peer"], row["file"]) == ("ftlbgp", lab.name)
    assert min(row["first_s"], row["second_s"], row["second_ratio"]) > 0
    assert figures["live"]["messages"] == 200
    assert min(figures["live"].values()) > 0


def test_bgp_shows_a_table_of_files_and_one_of_messages(invoke):
    lab = next(iter(find_files([SAMPLE / "lab00"]))).path
    result = invoke("bench", "bgp", lab, "--runs", 1, "--messages", 200)
    assert all(word in result.stdout for word in (lab.name, "200 messages", "json.loads"))


def test_the_questions_that_ship_are_about_the_lab_capture():
    with BGPToolkit() as toolkit:
        seen = toolkit.dataset.elems().collect()
    questions = sample_questions(get_domain("bgp"))
    named = re.findall(r"AS(\d+)|(\d+\.\d+\.\d+\.0/24)", "\n".join(questions))
    known = {str(asn) for path in seen["as_path"].drop_nulls() for asn in re.findall(r"\d+", path)}
    known |= {*seen["prefix"].drop_nulls()}
    assert len({*questions}) == 20
    assert {asn or prefix for asn, prefix in named} <= known
