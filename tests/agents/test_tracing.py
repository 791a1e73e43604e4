"""Traces: what a LangSmith-compatible callback gets to see of a question."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from langchain_core.tracers import LangChainTracer
from langchain_core.tracers.base import BaseTracer
from langsmith import Client

from herdwick.agents import build_solver
from herdwick.agents.models import load_model

QUESTION = "How many papers has Ada Quill?"
WRONG = 'searchPerson\nfinal_result = searchPerson(name="Ada Quill")[0]["papers"]\n'
REPLY = 'searchPerson\nfinal_result = searchPerson(name="Ada Quill")[0]["num_pubs"]\n'
SECRET = "hw-very-secret"


class Recorder(BaseTracer):
    """Keeps the finished root runs."""

    def __init__(self):
        super().__init__()
        self.roots = []

    def _persist_run(self, run):
        self.roots.append(run)


@pytest.fixture
def solver(scripted, graph, monkeypatch):
    monkeypatch.setenv("HERDWICK_API_KEY", SECRET)
    model = load_model(scripted.url, max_retries=0)
    with build_solver("aminer", model, style="short", graph=graph) as built:
        yield built
    model.close()


def tree(run):
    return (run.name, [tree(child) for child in run.child_runs])


EXPECTED = (
    "herdwick-aminer",
    [
        ("draft", [("OpenAI", [])]),
        ("check", []),
        ("draft", [("OpenAI", [])]),
        ("check", []),
        ("run", []),
    ],
)


def test_steps_appear_as_a_tree(scripted, solver):
    scripted.says(WRONG, REPLY)
    recorder = Recorder()
    solver.invoke(QUESTION, {"callbacks": [recorder]})
    assert tree(recorder.roots[0]) == EXPECTED


async def test_steps_appear_as_a_tree_in_async_use(scripted, solver):
    scripted.says(WRONG, REPLY)
    recorder = Recorder()
    await solver.ainvoke(QUESTION, {"callbacks": [recorder]})
    assert tree(recorder.roots[0]) == EXPECTED


def test_steps_appear_as_a_tree_when_streamed(scripted, solver):
    scripted.says(WRONG, REPLY)
    recorder = Recorder()
    list(solver.stream(QUESTION, {"callbacks": [recorder]}))
    assert tree(recorder.roots[0]) == EXPECTED


def test_root_says_what_was_asked_of_whom(scripted, solver):
    scripted.says(REPLY)
    recorder = Recorder()
    answer = solver.invoke({"question": QUESTION}, {"callbacks": [recorder], "tags": ["nightly"]})
    root = recorder.roots[0]
    assert root.inputs == {"question": QUESTION}
    assert root.outputs["output"] == answer
    assert root.metadata["herdwick_domain"] == "aminer"
    assert root.metadata["herdwick_strategy"] == "one-shot"
    assert root.tags == ["nightly"]
    assert [set(child.tags) - {"nightly"} for child in root.child_runs] == [
        {"draft:1"},
        {"check:1"},
        {"run:1"},
    ]


def test_failed_step_shows_its_error(scripted, solver):
    scripted.says(WRONG, REPLY)
    recorder = Recorder()
    solver.invoke(QUESTION, {"callbacks": [recorder]})
    errors = [bool(child.error) for child in recorder.roots[0].child_runs]
    assert errors == [False, True, False, False, False]


def test_each_question_of_a_batch_is_its_own_trace(scripted, solver):
    scripted.answer_with = lambda _: REPLY
    recorder = Recorder()
    solver.batch([QUESTION, QUESTION], {"callbacks": [recorder]})
    assert [run.name for run in recorder.roots] == ["herdwick-aminer"] * 2


def test_chain_above_owns_the_trace(scripted, solver):
    scripted.says(REPLY)
    recorder = Recorder()
    (solver | (lambda answer: answer.text)).invoke(QUESTION, {"callbacks": [recorder]})
    assert recorder.roots[0].child_runs[0].name == "herdwick-aminer"


@pytest.fixture
def collector():
    """A loopback server that takes what a LangSmith client uploads."""
    bodies = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def _take(self):
            bodies.append(
                self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("utf-8", "replace")
            )
            self.send_response(202)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_PATCH = _take  # noqa: N815 - names of the standard library

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", bodies
    server.shutdown()
    server.server_close()
    thread.join()


def test_langsmith_gets_every_run_and_no_secret(scripted, solver, collector, replies):
    url, bodies = collector
    client = Client(api_url=url, api_key="ls-key", auto_batch_tracing=False)
    tracer = LangChainTracer(client=client, project_name="test")
    scripted.says(REPLY)
    solver.invoke(QUESTION, {"callbacks": [tracer]})
    scripted.says(replies.Status(401, {"message": "Incorrect API key"}))
    solver.invoke(QUESTION, {"callbacks": [tracer]})
    client.flush()
    runs = [json.loads(body) for body in bodies if body.startswith("{")]
    assert {"herdwick-aminer", "draft", "OpenAI", "check", "run"} <= {run.get("name") for run in runs}
    assert scripted.keys == [f"Bearer {SECRET}"] * 2
    assert SECRET not in "".join(bodies)


def test_no_secret_in_logs(scripted, solver, caplog, capfd):
    caplog.set_level("DEBUG")
    scripted.says(REPLY)
    solver.invoke(QUESTION)
    captured = capfd.readouterr()
    assert scripted.keys == [f"Bearer {SECRET}"]
    assert "POST" in caplog.text
    assert SECRET not in caplog.text + captured.out + captured.err
