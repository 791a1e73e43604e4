"""Whole runs over rows with files of their own: everything is real but the model, which is scripted."""

import json
import shutil
import subprocess
import sys

import pytest

from herdwick.evals.askers import Askers
from herdwick.evals.metrics import Share
from herdwick.evals.runner import run_suite
from herdwick.tools.bgp.toolkit import SAMPLE
from herdwick.tools.errors import DataError

UPDATES, TABLE = "updates.20260101.0000.gz", "rib.20260101.0000.gz"
COUNTED = {"updates": 762, "table": 0, "lab": 762}
"""Announcements among the updates, in the first table, and in the lab capture, which is there by default."""
ROWS = (
    {"id": "a", "question": "How many announcements? (1)", "files": [UPDATES], "answer": COUNTED["updates"]},
    {"id": "b", "question": "How many announcements? (2)", "files": [UPDATES], "answer": COUNTED["updates"]},
    {"id": "c", "question": "How many announcements? (3)", "files": ["sub"], "answer": COUNTED["table"]},
    {"id": "d", "question": "How many announcements? (4)", "answer": COUNTED["lab"]},
    {"id": "e", "question": "How many announcements? (5)", "files": [UPDATES], "answer": COUNTED["updates"]},
)
REPLY = 'count_updates\nfinal_result = sum(row["announcements"] for row in count_updates())'


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def data(tmp_path):
    """Questions beside the updates of the lab capture, and a folder with its first table."""
    folder = tmp_path / "questions"
    (folder / "sub").mkdir(parents=True)
    shutil.copy(SAMPLE / "lab00" / UPDATES, folder / UPDATES)
    shutil.copy(SAMPLE / "lab00" / TABLE, folder / "sub" / TABLE)
    return write(folder / "rows.jsonl", *ROWS)


@pytest.fixture
def prompts():
    """What the model was asked."""
    return []


@pytest.fixture
def model(serve, prompts):
    def reply(prompt):
        prompts.append(prompt)
        return REPLY

    return serve("bgp", reply)


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def predictions_in(out):
    return [json.loads(line) for line in (out / "predictions.jsonl").read_text("utf-8").splitlines()]


def test_each_row_is_answered_from_its_own_files(tmp_path, data, model):
    out = tmp_path / "run"
    metrics = run_suite("bgp", data=data, model=model, out=out)

    predictions = predictions_in(out)
    assert [prediction["id"] for prediction in predictions] == ["a", "b", "c", "d", "e"]
    read = [prediction["data"]["files"] for prediction in predictions]
    assert (read[0], read[1], read[2], len(read[3]), read[4]) == ([UPDATES], [UPDATES], [TABLE], 3, [UPDATES])
    assert metrics.all.strict == Share(5, 5)
    assert len(json.loads((out / "metrics.json").read_text("utf-8"))["run"]["files"]) == 64


def test_the_model_is_loaded_once_and_a_solver_opened_for_each_run_of_equal_files(
    tmp_path, data, model, monkeypatch
):
    from herdwick import agents

    opened = []

    def build_solver(domain, *, model, **options):
        opened.append((model, options.get("files")))
        return original(domain, model=model, **options)

    original = agents.build_solver
    monkeypatch.setattr(agents, "build_solver", build_solver)
    run_suite("bgp", data=data, model=model, out=tmp_path / "run")

    updates, table = (data.parent / UPDATES,), (data.parent / "sub",)
    assert [files for _, files in opened] == [updates, table, None, updates]
    assert len({id(loaded) for loaded, _ in opened}) == 1


@pytest.mark.slow
def test_a_run_that_is_killed_between_sets_of_files_goes_on_without_loss_or_double(tmp_path, data, serve):
    out = tmp_path / "run"
    asked = []
    running = []

    def reply(prompt):
        asked.append(next(row["id"] for row in ROWS if row["question"] in prompt))
        if len(asked) in (2, 4):
            running[-1].kill()
        return REPLY

    url = serve("bgp", reply)
    program = "import sys; from herdwick.agents.cli.app import cli; cli(sys.argv[1:])"
    arguments = ["eval", "run", "bgp", "--data", data, "--model", url, "--out", out]
    codes = []
    for _ in range(3):
        running.append(subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)]))
        codes.append(running[-1].wait(timeout=120))

    assert codes == [-9, -9, 0]
    assert asked == ["a", "b", "b", "c", "c", "d", "e"]
    assert [prediction["id"] for prediction in predictions_in(out)] == ["a", "b", "c", "d", "e"]
    answers = [prediction["answer"] for prediction in predictions_in(out)]
    assert answers == [row["answer"] for row in ROWS]


def test_a_run_goes_on_with_the_files_of_the_row_it_stopped_at(tmp_path, data, model, monkeypatch, prompts):
    out = tmp_path / "run"
    run_suite("bgp", data=data, model=model, out=out, limit=2)
    opened = []
    ask = Askers.ask

    def note(askers, row):
        opened.append(row.id)
        return ask(askers, row)

    monkeypatch.setattr(Askers, "ask", note)
    assert run_suite("bgp", data=data, model=model, out=out).all.strict == Share(5, 5)
    assert (opened, len(prompts)) == (["c", "d", "e"], 5)


def test_a_missing_file_is_told_before_anything_is_asked(tmp_path, data, model, prompts):
    write(data, *ROWS, {"id": "f", "question": "How many?", "files": ["sub/none.gz"]})
    with pytest.raises(DataError) as caught:
        run_suite("bgp", data=data, model=model, out=tmp_path / "run", limit=1)
    assert caught.value.kind == "no_file"
    assert "row 'f': there is no file sub/none.gz" in caught.value.message
    assert (prompts, (tmp_path / "run").exists()) == ([], False)


@pytest.mark.parametrize("name", [UPDATES, f"sub/{TABLE}"])
def test_a_changed_file_makes_another_run(tmp_path, data, model, prompts, name):
    run = {"data": data, "model": model, "out": tmp_path / "run"}
    run_suite("bgp", limit=1, **run)
    shutil.copy(SAMPLE / "lab00" / "rib.20260101.0004.gz", data.parent / name)
    with pytest.raises(DataError) as caught:
        run_suite("bgp", **run)
    assert caught.value.kind == "other_run"
    assert "differs in files" in caught.value.message
    assert len(prompts) == 1


def test_a_run_that_does_not_know_its_default_data_is_not_continued(tmp_path, data, model):
    write(data, ROWS[3])
    run = {"data": data, "model": model, "out": tmp_path / "run"}
    run_suite("bgp", limit=0, **run)
    record = tmp_path / "run" / "run.json"
    earlier = json.loads(record.read_text("utf-8"))
    del earlier["files"]
    record.write_text(json.dumps(earlier), encoding="utf-8")
    with pytest.raises(DataError, match="differs in files"):
        run_suite("bgp", **run)


def test_people_are_not_asked_about_files(tmp_path, data, model, prompts):
    with pytest.raises(DataError) as caught:
        run_suite("aminer", data=data, model=model, out=tmp_path / "run")
    assert caught.value.kind == "unsupported_row"
    assert "row 'a'" in caught.value.message
    assert prompts == []
