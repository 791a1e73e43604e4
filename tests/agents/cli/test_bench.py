import json

import pytest

from herdwick.agents.answer import Answer
from herdwick.agents.cli.bench import read_questions, sample_questions
from herdwick.agents.cli.bench_ask import plain_completion_s
from herdwick.agents.cli.bench_import import process_seconds
from herdwick.agents.errors import UsageError
from herdwick.agents.models import load_model
from herdwick.tools.aminer.local.store import LocalBackend
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
