import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from herdwick.evals.predictions import Prediction
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings
from herdwick.tools.errors import DataError

SETTINGS = Settings(
    suite="aminer_x",
    questions="q",
    graph="g",
    model="embedded",
    strategy="one-shot",
    base="b",
    adapter="a",
    endpoint="",
)


@pytest.fixture
def prediction(answered):
    def make(name, value=1):
        return Prediction(id=name, **answered(value).model_dump())

    return make


def test_a_new_folder_is_made_with_its_settings_and_no_predictions(tmp_path):
    folder = RunFolder.open(tmp_path / "runs" / "a", SETTINGS)
    assert folder.predictions == {}
    assert json.loads((folder.path / "run.json").read_text()) == SETTINGS.model_dump()


def test_what_was_added_is_there_when_the_run_goes_on(tmp_path, prediction):
    RunFolder.open(tmp_path, SETTINGS).add(prediction("a"))
    RunFolder.open(tmp_path, SETTINGS).add(prediction("b"))
    assert RunFolder.open(tmp_path, SETTINGS).predictions == {"a": prediction("a"), "b": prediction("b")}


def test_a_prediction_is_one_line_with_the_answer_object_and_the_id(tmp_path, prediction):
    RunFolder.open(tmp_path, SETTINGS).add(prediction("a", ["x\ny"]))
    (line,) = (tmp_path / "predictions.jsonl").read_text().splitlines()
    assert json.loads(line) == prediction("a", ["x\ny"]).model_dump()


@pytest.mark.parametrize("rest", ['{"id": "b", "quest', "\ufffd"])
def test_a_line_cut_short_is_dropped_and_written_over(tmp_path, prediction, rest):
    RunFolder.open(tmp_path, SETTINGS).add(prediction("a"))
    with (tmp_path / "predictions.jsonl").open("a", encoding="utf-8") as file:
        file.write(rest)
    folder = RunFolder.open(tmp_path, SETTINGS)
    folder.add(prediction("b"))
    assert list(RunFolder.open(tmp_path, SETTINGS).predictions) == ["a", "b"]


def test_a_first_line_cut_short_is_dropped_and_written_over(tmp_path, prediction):
    folder = RunFolder.open(tmp_path, SETTINGS)
    (tmp_path / "predictions.jsonl").write_text('{"id"')
    assert RunFolder.open(tmp_path, SETTINGS).predictions == {}
    folder.add(prediction("a"))
    assert list(RunFolder.existing(tmp_path).predictions) == ["a"]


def test_reading_a_run_changes_nothing_of_it(tmp_path, prediction):
    RunFolder.open(tmp_path, SETTINGS).add(prediction("a"))
    with (tmp_path / "predictions.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "b", "que')
    before = (tmp_path / "predictions.jsonl").read_bytes()
    assert list(RunFolder.existing(tmp_path).predictions) == ["a"]
    assert list(RunFolder.open(tmp_path, SETTINGS).predictions) == ["a"]
    assert (tmp_path / "predictions.jsonl").read_bytes() == before


def test_two_processes_do_not_write_into_one_folder(tmp_path, prediction):
    folder, other = RunFolder.open(tmp_path, SETTINGS), RunFolder.open(tmp_path, SETTINGS)
    with folder.alone():
        folder.add(prediction("a"))
        with pytest.raises(DataError) as caught, other.alone():
            pass
    assert caught.value.kind == "in_use"
    with other.alone():
        assert list(other.predictions) == ["a"]


def test_another_run_in_the_folder_is_refused_and_says_what_differs(tmp_path):
    RunFolder.open(tmp_path, SETTINGS)
    with pytest.raises(DataError) as caught:
        RunFolder.open(tmp_path, SETTINGS.model_copy(update={"model": "vllm", "graph": "h"}))
    assert caught.value.kind == "other_run"
    assert "differs in graph and model" in caught.value.message


def test_changed_prompts_are_another_run(tmp_path):
    RunFolder.open(tmp_path, SETTINGS)
    with pytest.raises(DataError, match="differs in prompts"):
        RunFolder.open(tmp_path, SETTINGS.model_copy(update={"prompts": "reworded"}))


def test_a_retrained_adapter_is_another_run(tmp_path):
    RunFolder.open(tmp_path, SETTINGS)
    with pytest.raises(DataError) as caught:
        RunFolder.open(tmp_path, SETTINGS.model_copy(update={"adapter": "retrained"}))
    assert "differs in adapter" in caught.value.message
    assert caught.value.hint == "Give another --out folder, or remove this one to start again."


@pytest.mark.parametrize("without", ["base", "adapter", "endpoint", "suite"])
def test_settings_that_leave_something_open_are_another_run(tmp_path, without):
    (tmp_path / "run.json").write_text(SETTINGS.model_dump_json(exclude={without}))
    with pytest.raises(DataError) as caught:
        RunFolder.open(tmp_path, SETTINGS)
    assert caught.value.kind == "other_run"
    assert "remove this one" in caught.value.hint


def test_a_damaged_prediction_is_named_and_nothing_is_lost(tmp_path, prediction):
    RunFolder.open(tmp_path, SETTINGS).add(prediction("a"))
    path = tmp_path / "predictions.jsonl"
    damaged = "{}\n" + path.read_text()
    path.write_text(damaged)
    with pytest.raises(DataError) as caught:
        RunFolder.open(tmp_path, SETTINGS)
    assert caught.value.kind == "bad_prediction"
    assert "line 1" in caught.value.message
    assert path.read_text() == damaged


def test_a_folder_that_cannot_be_made_is_a_data_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError) as caught:
        RunFolder.open(tmp_path / "file" / "run", SETTINGS)
    assert caught.value.kind == "out_unwritable"


def test_metrics_replace_older_ones(tmp_path):
    folder = RunFolder.open(tmp_path, SETTINGS)
    folder.write_metrics({"a": 1})
    folder.write_metrics({"a": "é"})
    assert json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8")) == {"a": "é"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metrics.json", "run.json"]


@pytest.mark.parametrize("taken", ["predictions.jsonl", "metrics.json"])
def test_what_cannot_be_written_is_a_data_error(tmp_path, prediction, taken):
    folder = RunFolder.open(tmp_path, SETTINGS)
    (tmp_path / taken).mkdir()
    with pytest.raises(DataError) as caught:
        folder.write_metrics({}) if taken == "metrics.json" else folder.add(prediction("a"))
    assert caught.value.kind == "out_unwritable"
    assert folder.predictions == {}


def test_of_two_runs_that_begin_at_once_one_has_the_folder(tmp_path):
    ready = threading.Barrier(8, timeout=10)

    def begin(number):
        ready.wait()
        try:
            return RunFolder.open(tmp_path / "run", SETTINGS.model_copy(update={"seed": number}))
        except DataError as error:
            return error.kind

    with ThreadPoolExecutor(8) as pool:
        begun = [*pool.map(begin, range(8))]

    (folder,) = [one for one in begun if one != "other_run"]
    assert RunFolder.existing(tmp_path / "run").settings == folder.settings


def test_a_folder_that_became_another_runs_meanwhile_is_not_written_to(tmp_path):
    folder = RunFolder.open(tmp_path, SETTINGS)
    (tmp_path / "run.json").unlink()
    RunFolder.open(tmp_path, SETTINGS.model_copy(update={"seed": 5}))
    with pytest.raises(DataError) as caught, folder.alone():
        pass
    assert caught.value.kind == "other_run"


def test_rows_are_read_as_they_were_written(tmp_path):
    folder = RunFolder.open(tmp_path, SETTINGS)
    rows = (
        Row(id="none", question="?", answer=None),
        Row(id="unjudged", question="?"),
        Row(id="plan", question="?", plan=("searchPerson",), hop=1, tags=("a",), template="t"),
        Row(id="refused", question="?", answer={"refuse": True}),
    )
    folder.write_rows(rows)
    assert folder.rows() == rows
    assert [row.expected for row in folder.rows()] == [row.expected for row in rows]
    assert folder.rows()[0].expected is not None


def test_figures_hold_no_number_that_is_none(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        RunFolder.open(tmp_path, SETTINGS).write_metrics({"share": float("nan")})
    assert not (tmp_path / "metrics.json").exists()
