import json
import subprocess
import sys

import jsonschema
import pytest

from herdwick.agents.answer import answer_schema
from herdwick.tools.bgp.options import BGPOptions

QUESTION = "How many citations does Ada Quill have?"


def timeless(answer: dict) -> dict:
    """An answer without what differs from one run to the next."""
    calls = [{**call, "seconds": 0} for call in answer["calls"]]
    return {**answer, "timings": None, "calls": calls}


def test_ask_gives_the_answer_object_of_the_command_line(serve, scripted, ada, graph):
    scripted.says(ada, ada)
    response = serve().ask(domain="aminer")
    command = ["ask", "aminer", QUESTION, "--graph", str(graph), "--model", scripted.url, "--json"]
    typed = subprocess.run(
        [sys.executable, "-m", "herdwick.agents.cli", *command], capture_output=True, check=True, timeout=60
    )
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    jsonschema.validate(response.json(), answer_schema())
    assert response.json()["answer"] == 340
    assert timeless(response.json()) == timeless(json.loads(typed.stdout))


def test_a_question_that_names_no_domain_goes_where_its_words_belong(serve, scripted, ada, graph):
    from herdwick.tools.aminer.domain import AMinerOptions

    scripted.says(ada)
    running = serve(domains={"aminer": AMinerOptions(graph=graph), "bgp": BGPOptions()})
    answer = running.ask("How many citations does the author Ada Quill have?").json()
    assert (answer["domain"], answer["answer"]) == ("aminer", 340)


def test_what_one_domain_refuses_the_next_is_asked(serve, scripted, ada, graph):
    from herdwick.tools.aminer.domain import AMinerOptions

    scripted.answer_with = lambda body: (
        "REFUSAL: off_topic" if body["model"] == "aminer" else "moas\nfinal_result = 3"
    )
    scripted.models = {"aminer": "vllm", "bgp": "vllm"}
    running = serve(domains={"aminer": AMinerOptions(graph=graph), "bgp": BGPOptions()}, max_repairs=0)
    running.ask("Who or what?")
    assert [request["model"] for request in scripted.requests] == ["aminer", "bgp"]


def test_an_unanswerable_question_is_no_failure_of_http(serve, scripted):
    scripted.says("searchPerson\nfinal_result = searchPerson(name='Nobody')[0]['name']")
    response = serve(max_repairs=0).ask()
    assert response.status_code == 200
    assert response.json()["status"] == "error"


def test_a_model_that_is_down_is_a_503_with_the_answer_object(serve, scripted, replies):
    scripted.says(*[replies.Status(500)] * 5)
    response = serve(max_repairs=0).ask()
    assert response.status_code == 503
    assert response.json()["error"]["kind"] == "endpoint_failed"
    assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"{", 422, "bad_request"),
        (b'{"domain": "aminer"}', 422, "bad_request"),
        (b'{"question": 7}', 422, "bad_request"),
        (b'{"question": "   "}', 422, "question_empty"),
        (b'{"question": "Who?", "domain": "weather"}', 422, "unknown_domain"),
        (b'{"question": "Who?", "colour": "red"}', 422, "bad_option"),
        (b'{"question": "Who?", "graph": "x.sqlite"}', 403, "files_not_allowed"),
        (b'{"question": "Who?", "base_url": "http://127.0.0.1:1"}', 403, "option_not_allowed"),
        (b'{"question": "Who?", "budget": 1000}', 403, "option_not_allowed"),
    ],
)
def test_wrong_requests_are_told_as_answer_objects(serve, scripted, body, status, kind):
    response = serve().client.post("/ask", content=body, headers={"Content-Type": "application/json"})
    jsonschema.validate(response.json(), answer_schema())
    assert (response.status_code, response.json()["error"]["kind"]) == (status, kind)
    assert scripted.requests == []


def test_unknown_paths_are_told_as_answer_objects(serve):
    response = serve().client.get("/nothing/here")
    assert (response.status_code, response.json()["error"]["kind"]) == (404, "bad_request")


def test_a_method_that_a_path_does_not_have_is_told_with_those_it_has(serve):
    response = serve().client.get("/ask")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


def test_a_question_longer_than_allowed_never_reaches_the_model(serve, scripted):
    response = serve(max_question_chars=20).ask("x" * 21)
    assert (response.status_code, response.json()["error"]["kind"]) == (413, "question_too_long")
    assert scripted.requests == []


def test_the_deadline_ends_a_question_in_time(serve, scripted, replies):
    scripted.says(replies.Slow(5))
    response = serve(deadline_s=0.5).ask()
    assert (response.status_code, response.json()["error"]["kind"]) == (504, "deadline_exceeded")
    assert response.elapsed.total_seconds() < 4


def test_files_inside_the_data_folder_may_be_named(serve, scripted, ada, data_folder):
    scripted.says(ada)
    answer = serve(data_folder=data_folder).ask(graph="mine.sqlite").json()
    assert (answer["answer"], answer["data"]["graph"]) == (340, "mine.sqlite")


@pytest.mark.parametrize(
    "name", ["../secret.sqlite", "link.sqlite", "/etc/passwd", "gone.sqlite", "a\0b", "x" * 5000]
)
def test_files_outside_the_data_folder_may_not(serve, scripted, data_folder, name):
    response = serve(data_folder=data_folder).ask(graph=name)
    assert (response.status_code, response.json()["error"]["kind"]) == (403, "file_not_allowed")
    assert scripted.requests == []


def test_health_says_what_can_be_asked(serve):
    response = serve().client.get("/health")
    assert response.status_code == 200
    assert response.json() == {
        "live": True,
        "ready": True,
        "model_loaded": True,
        "model_restarts": 0,
        "answering": 0,
        "waiting": 0,
    }


def test_metrics_count_requests_answers_and_steps(serve, scripted, ada):
    scripted.says(ada)
    running = serve()
    running.ask()
    running.client.get("/somewhere/else")
    assert running.metric('herdwick_requests_total{path="/ask",status="200"}') == 1
    assert running.metric('herdwick_requests_total{path="other",status="404"}') == 1
    assert running.metric('herdwick_answers_total{domain="aminer",kind=""}') == 1
    assert running.metric('herdwick_step_seconds_count{step="draft"}') == 1
    assert running.metric("herdwick_model_loaded") == 1


def test_openapi_lists_the_routes_and_the_options_that_requests_may_choose(serve, data_folder):
    described = serve(data_folder=data_folder).client.get("/openapi.json").json()
    assert {"/ask", "/health", "/metrics", "/api/soayllama/getcode", "/api/soayllama/purequery"} <= {
        *described["paths"]
    }
    assert "`aminer`: `graph`" in described["paths"]["/ask"]["post"]["description"]
