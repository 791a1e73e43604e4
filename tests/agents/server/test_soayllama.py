import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from herdwick.agents.prompt_files import prompt
from herdwick.agents.server.soayllama import question_in

QUESTION = "How many citations does Ada Quill have?"
CODE = 'final_result = searchPerson(name="Ada Quill")[0]["num_citation"]'
RAW = f"Route: searhPerson\nCode:\n{CODE}\n-----\n"


def test_purequery_gives_plan_and_program_and_runs_nothing(serve, scripted, ada):
    scripted.says(ada)
    response = serve().client.get("/api/soayllama/purequery", params={"query": QUESTION})
    assert response.status_code == 200
    assert response.json() == {"message": "success", "route": "searchPerson", "code": CODE}


def test_getcode_asks_a_model_of_ours_the_question_of_the_prompt(serve, scripted, ada):
    scripted.says(ada)
    whole = prompt("soay/aminer", question=QUESTION)
    response = serve().client.post("/api/soayllama/getcode", json={"query": whole})
    assert response.json() == {"message": "success", "route": "searchPerson", "code": CODE}
    assert scripted.requests[0]["prompt"] == [f"Query: {QUESTION}\nSolution:\n"]


def test_getcode_keeps_the_place_in_which_it_learnt_the_style(serve, scripted, ada, wait_until, monkeypatch):
    scripted.answer_with = lambda _: ada
    running = serve(slots=1, max_queue=1)
    endpoint, may_learn = running.app.model.endpoint, threading.Event()

    def learn(domain):
        may_learn.wait(60)
        return endpoint(domain)

    monkeypatch.setattr(running.app.model, "endpoint", learn)
    with ThreadPoolExecutor() as clients:
        for state, query in (("answering", "First?"), ("waiting", "Second?")):
            clients.submit(running.client.post, "/api/soayllama/getcode", json={"query": query})
            wait_until(lambda state=state: running.health()[state] == 1)
        may_learn.set()
    assert [request["prompt"] for request in scripted.requests] == [
        ["Query: First?\nSolution:\n"],
        ["Query: Second?\nSolution:\n"],
    ]


def test_getcode_sends_a_soayllama_checkpoint_the_prompt_as_it_came(serve, scripted):
    scripted.models = {"soayllama_v2_7b": "vllm"}
    scripted.says(RAW)
    whole = f"{prompt('soay/aminer', question=QUESTION)} and a tail"
    running = serve(model=f"soayllama_v2_7b@{scripted.url}")
    response = running.client.post("/api/soayllama/getcode", json={"query": whole})
    assert response.json() == {"message": "success", "route": "searchPerson", "code": CODE}
    assert scripted.requests[0]["prompt"] == [whole]
    assert (scripted.requests[0]["max_tokens"], scripted.requests[0]["temperature"]) == (512, 0)


def test_purequery_asks_a_soayllama_checkpoint_with_the_published_prompt(serve, scripted):
    scripted.models = {"soayllama_v2_7b": "vllm"}
    scripted.says(RAW)
    running = serve(model=f"soayllama_v2_7b@{scripted.url}")
    response = running.client.get("/api/soayllama/purequery", params={"query": QUESTION})
    assert response.json()["route"] == "searchPerson"
    assert scripted.requests[0]["prompt"] == [prompt("soay/aminer", question=QUESTION)]


def test_the_question_of_the_published_prompt_is_found():
    assert question_in(prompt("soay/aminer", question=QUESTION)) == QUESTION
    assert question_in("No such prompt.") == "No such prompt."


def test_a_reply_without_a_program_is_told_in_the_message(serve, scripted):
    scripted.says("I do not know.")
    response = serve(max_repairs=0).client.get("/api/soayllama/purequery", params={"query": QUESTION})
    assert response.status_code == 200
    assert (response.json()["route"], response.json()["code"]) == ("", "")
    assert response.json()["message"] != "success"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/soayllama/purequery", None, 422),
        ("POST", "/api/soayllama/getcode", {}, 422),
        ("POST", "/api/soayllama/getcode", {"query": "x" * 4001}, 413),
        ("GET", "/api/soayllama/getcode", None, 405),
    ],
)
def test_failures_have_the_shape_of_that_service(serve, method, path, body, status):
    response = serve().client.request(method, path, json=body)
    assert response.status_code == status
    assert {*response.json()} == {"message", "route", "code"}


def test_a_model_that_is_down_is_a_503_in_that_shape(serve, scripted, replies):
    scripted.says(*[replies.Status(500)] * 4)
    response = serve(max_repairs=0).client.get("/api/soayllama/purequery", params={"query": QUESTION})
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.json()["code"] == ""


def test_a_server_without_that_domain_has_no_such_paths(serve):
    from herdwick.tools.bgp.options import BGPOptions

    response = serve(domains={"bgp": BGPOptions()}).client.get("/api/soayllama/purequery?query=Who")
    assert response.status_code == 404


@pytest.mark.parametrize("path", ["purequery", "getcode"])
def test_a_strategy_without_programs_is_told_to_be_none(serve, scripted, path):
    client = serve(strategy="tool-calling").client
    url = f"/api/soayllama/{path}"
    response = (
        client.post(url, json={"query": QUESTION})
        if path == "getcode"
        else client.get(url, params={"query": QUESTION})
    )
    assert (response.status_code, "retry-after" in response.headers) == (501, False)
    assert "tool-calling writes no programs" in response.json()["message"]
    assert not scripted.requests
