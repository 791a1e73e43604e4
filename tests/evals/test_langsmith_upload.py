"""Runs uploaded to a server on loopback that keeps datasets, experiments and feedback as LangSmith does."""

import json
import re
import uuid
from dataclasses import dataclass, field

import pytest
from langsmith import Client
from werkzeug import Response

from herdwick.evals.asking import ask_all
from herdwick.evals.langsmith import evaluate_run
from herdwick.evals.langsmith_upload import BATCH
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings
from herdwick.evals.runner import run_suite
from herdwick.tools.errors import BackendError

SETTINGS = Settings(
    suite="x", questions="f1", graph="", model="m", strategy="s", base="", adapter="abc", endpoint=""
)
ROWS = tuple(
    Row(id=name, domain="aminer", question=f"{name}?", answer=3, plan=("searchPerson",)) for name in "abc"
)
SECRET = "sk-secret"
WHEN = "2026-01-01T00:00:00Z"


@dataclass
class Kept:
    """What the server has."""

    datasets: dict = field(default_factory=dict)
    examples: list = field(default_factory=list)
    projects: list = field(default_factory=list)
    runs: dict = field(default_factory=dict)
    feedback: list = field(default_factory=list)
    parts: list = field(default_factory=list)
    refuses: str = ""
    forgets: bool = False
    says: str = ""

    def handle(self, request):
        if self.refuses and request.path.startswith(self.refuses):
            return Response(f"bad key {SECRET}", status=403)
        if self.says:
            return Response(self.says, content_type="application/json")
        asked = request.get_json(silent=True)
        match request.method, request.path:
            case "GET", "/datasets":
                name = request.args["name"]
                return _json([self.datasets[name]] if name in self.datasets else [])
            case "POST", "/datasets":
                made = {"id": str(uuid.uuid4()), "name": asked["name"], "created_at": WHEN}
                self.datasets[asked["name"]] = made
                return _json(made)
            case "GET", "/examples":
                wanted = request.args["dataset"]
                first = int(request.args.get("offset", 0))
                return _json([one for one in self.examples if one["dataset_id"] == wanted][first:])
            case "POST", "/examples/bulk":
                made = [one | {"id": one.get("id") or str(uuid.uuid4()), "created_at": WHEN} for one in asked]
                self.parts.append(made)
                self.examples += [] if self.forgets else made
                return _json(made)
            case "POST", "/sessions":
                self.projects.append(asked | {"tenant_id": str(uuid.uuid4()), "start_time": WHEN})
                return _json(self.projects[-1])
            case "POST", "/runs":
                self.runs[asked["id"]] = asked
            case "POST", "/feedback":
                self.feedback.append(asked)
                return _json(asked)
            case "PATCH", path if path.startswith("/runs/"):
                self.runs[path.removeprefix("/runs/")] |= asked
            case "PATCH", _:
                self.projects[-1] |= {name: value for name, value in asked.items() if value is not None}
                return _json(self.projects[-1])
        return _json({})


def _json(content):
    return Response(json.dumps(content), content_type="application/json")


@pytest.fixture
def kept(httpserver):
    server = Kept()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(server.handle)
    return server


@pytest.fixture
def upload(httpserver, kept, tmp_path, answered):
    """Uploads a run of rows, of which the second is answered wrongly, as the environment's client would."""

    def upload(rows=ROWS, out="run", **settings):
        url = httpserver.url_for("").rstrip("/")
        client = Client(api_key=SECRET, **{"api_url": url, "auto_batch_tracing": False} | settings)
        folder = RunFolder.open(tmp_path / out, SETTINGS)
        ask_all(rows, lambda row: answered(4 if row.id == "b" else 3), folder)
        return evaluate_run(folder, rows, upload=client)

    return upload


def test_rows_become_a_dataset_and_answers_an_experiment(kept, upload):
    found = upload()
    (dataset,) = kept.datasets.values()
    (project,) = kept.projects
    assert dataset["name"] == "herdwick-x-f1"
    assert [example["inputs"]["question"] for example in kept.examples] == ["a?", "b?", "c?"]
    assert (project["name"], project["reference_dataset_id"]) == (found["experiment"], dataset["id"])
    assert project["extra"]["metadata"]["adapter"] == "abc"
    assert found["answer_right"] == {"right": 2, "n": 3}
    right = [one["score"] for one in kept.feedback if one["key"] == "answer_right"]
    assert sorted(right) == [0, 1, 1]
    asked = [run for run in kept.runs.values() if run["session_name"] == project["name"]]
    answers = {run["outputs"]["id"]: run["outputs"]["answer"] for run in asked}
    assert answers == {"a": 3, "b": 4, "c": 3}


def test_another_run_refers_to_the_same_examples(kept, upload):
    upload(ROWS[:2])
    first = [example["id"] for example in kept.examples]
    upload(ROWS, out="again")
    assert [example["id"] for example in kept.examples][:2] == first
    assert (len(kept.examples), len(kept.datasets), len(kept.projects)) == (3, 1, 2)


@pytest.mark.parametrize("batching", [False, True])
@pytest.mark.parametrize("path", ["/datasets", "/examples", "/sessions", "/runs", "/feedback"])
def test_a_server_that_refuses_is_an_error_without_the_key(kept, upload, capfd, path, batching):
    kept.refuses = path
    with pytest.raises(BackendError) as failure:
        upload(auto_batch_tracing=batching)
    assert failure.value.kind == "langsmith_failed"
    assert SECRET not in str(failure.value) + "".join(capfd.readouterr())


@pytest.mark.parametrize("reply", ["<html>", "[1]", "{}", '[{"a": 1}]', "null"])
def test_a_server_that_is_another_is_an_error(kept, upload, reply):
    kept.says = reply
    with pytest.raises(BackendError) as failure:
        upload()
    assert failure.value.kind == "langsmith_failed"


def test_an_address_that_is_none_is_an_error(upload):
    with pytest.raises(BackendError) as failure:
        upload(api_url="nonsense")
    assert failure.value.kind == "langsmith_failed"


def test_a_server_that_lists_nothing_is_an_error(kept, upload):
    kept.forgets = True
    with pytest.raises(BackendError, match="does not list 3 examples") as failure:
        upload()
    assert failure.value.kind == "langsmith_failed"


def test_very_many_rows_are_sent_in_parts(kept, upload):
    rows = tuple(ROWS[0].model_copy(update={"id": str(number)}) for number in range(BATCH + 1))
    upload(rows)
    assert [len(part) for part in kept.parts] == [BATCH, 1]
    assert len(kept.examples) == BATCH + 1


def test_without_a_key_nothing_is_asked(monkeypatch, tmp_path):
    monkeypatch.delenv("LANGSMITH_API_KEY", raising=False)
    with pytest.raises(BackendError) as failure:
        run_suite("soaybench", out=tmp_path / "run", langsmith=True, upload=True)
    assert failure.value.kind == "key_missing"
    assert not (tmp_path / "run").exists()
