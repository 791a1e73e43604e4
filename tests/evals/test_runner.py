import json
from dataclasses import replace

import pytest

from herdwick.evals.asking import RunStopped, ask_all
from herdwick.evals.conclusion import conclude
from herdwick.evals.metrics import Share
from herdwick.evals.predictions import Prediction
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings
from herdwick.evals.runner import repeated, run_suite
from herdwick.evals.suite import load_suite
from herdwick.tools.errors import DataError
from herdwick.tools.file_hash import sha256_of

SETTINGS = Settings(
    suite="aminer_x",
    questions="q",
    graph="",
    model="test",
    strategy="one-shot",
    base="b",
    adapter="a",
    endpoint="",
)
ROWS = tuple(
    row.model_copy(update={"domain": "aminer"})
    for row in (
        Row(id="a", question="How many?", answer=3, plan=("searchPerson",), hop=1, tags=("own",)),
        Row(id="b", question="Who?", answer=["X", "Y"], plan=("searchPerson", "getCoauthors"), hop=2),
        Row(id="c", question="Weather?", answer={"refuse": True}, tags=("refusal",)),
        Row(id="d", question="Anything?"),
    )
)


@pytest.fixture
def answers(answered, failed):
    return {
        "How many?": answered(3, question="How many?"),
        "Who?": answered(["Y", "X"], ("searchPerson", "getCoauthors"), question="Who?"),
        "Weather?": failed("refused", question="Weather?"),
        "Anything?": answered("something", question="Anything?"),
    }


def metrics_in(folder):
    return json.loads((folder.path / "metrics.json").read_text(encoding="utf-8"))


def test_every_question_is_asked_once_and_kept_in_order(tmp_path, answers):
    folder = RunFolder.open(tmp_path, SETTINGS)
    asked = []

    def ask(row):
        asked.append(row.question)
        return answers[row.question]

    ask_all(ROWS, ask, folder)
    ask_all(ROWS, ask, folder)
    assert asked == ["How many?", "Who?", "Weather?", "Anything?"]
    assert list(RunFolder.open(tmp_path, SETTINGS).predictions) == ["a", "b", "c", "d"]


def test_an_interrupted_run_goes_on_with_the_question_it_stopped_at(tmp_path, answers):
    asked = []

    def ask(row):
        asked.append(row.question)
        if asked == ["How many?", "Who?"]:
            raise KeyboardInterrupt
        return answers[row.question]

    with pytest.raises(KeyboardInterrupt):
        ask_all(ROWS, ask, RunFolder.open(tmp_path, SETTINGS))
    ask_all(ROWS, ask, RunFolder.open(tmp_path, SETTINGS))
    assert asked == ["How many?", "Who?", "Who?", "Weather?", "Anything?"]


def test_a_failure_that_is_not_the_models_stops_the_run_and_is_no_prediction(tmp_path, answers, failed):
    answers["Who?"] = failed("endpoint_down", question="Who?", external=True)
    folder = RunFolder.open(tmp_path, SETTINGS)
    with pytest.raises(RunStopped) as caught:
        ask_all(ROWS, lambda row: answers[row.question], folder)
    assert caught.value.kind == "endpoint_down"
    assert "1 answers are kept" in caught.value.hint
    assert list(folder.predictions) == ["a"]


@pytest.mark.parametrize(("plan", "stops"), [(("watch",), True), (("searchPerson",), False), (None, False)])
def test_listening_where_nobody_asked_for_it_is_the_models_mistake(tmp_path, failed, plan, stops):
    row = Row(id="x", question="Who?", answer=["X"], plan=plan)
    folder = RunFolder.open(tmp_path, SETTINGS)
    deaf = failed("unreachable", ("watch",), question="Who?", external=True)

    if stops:
        with pytest.raises(RunStopped):
            ask_all([row], lambda _: deaf, folder, live=frozenset({"watch"}))
    else:
        ask_all([row], lambda _: deaf, folder, live=frozenset({"watch"}))

    assert [*folder.predictions] == ([] if stops else ["x"])


def test_a_failure_that_its_row_expects_is_a_prediction_whoever_failed(tmp_path, failed):
    row = Row(id="x", question="Too dear?", answer={"error": "budget_exceeded"})
    folder = RunFolder.open(tmp_path, SETTINGS)
    ask_all([row], lambda row: failed("budget_exceeded", question=row.question, external=True), folder)
    assert list(folder.predictions) == ["x"]


def test_a_program_that_fails_is_a_prediction(tmp_path, answers, failed):
    answers["Who?"] = failed("time_limit", question="Who?")
    folder = RunFolder.open(tmp_path, SETTINGS)
    ask_all(ROWS, lambda row: answers[row.question], folder)
    assert folder.predictions["b"].error.kind == "time_limit"


def test_metrics_cover_what_was_asked_and_can_be_judged(tmp_path, answers):
    folder = RunFolder.open(tmp_path, SETTINGS)
    ask_all(ROWS, lambda row: answers[row.question], folder)
    metrics = conclude(folder, ROWS)
    assert metrics.all.strict == Share(1, 2)
    assert metrics.all.loose == Share(2, 2)
    assert metrics.refusals == Share(1, 1)
    written = metrics_in(folder)
    assert (written["suite"], written["questions"], written["asked"]) == ("aminer_x", 4, 4)
    assert written["run"] == SETTINGS.model_dump(exclude={"suite"})
    assert written["hops"]["1"]["outcomes"] == {"EM": 1}
    assert written["hops"]["2"]["outcomes"] == {"WC": 1}
    assert written["tags"]["own"]["strict"]["n"] == 1


def test_metrics_list_each_failure_with_what_was_expected(tmp_path, answers):
    folder = RunFolder.open(tmp_path, SETTINGS)
    ask_all(ROWS, lambda row: answers[row.question], folder)
    conclude(folder, ROWS)
    assert metrics_in(folder)["failures"] == [
        {
            "id": "b",
            "question": "Who?",
            "outcome": "WC",
            "set": True,
            "expected": ["X", "Y"],
            "answer": ["Y", "X"],
            "expected_plan": ["searchPerson", "getCoauthors"],
            "plan": ["searchPerson", "getCoauthors"],
            "program": "",
            "error": None,
        }
    ]


def test_a_right_answer_by_another_plan_is_listed_too(tmp_path, answers, answered):
    answers["Who?"] = answered(["X", "Y"], ("searchPerson",), question="Who?")
    folder = RunFolder.open(tmp_path, SETTINGS)
    ask_all(ROWS, lambda row: answers[row.question], folder)
    conclude(folder, ROWS)
    assert [(failure["id"], failure["outcome"]) for failure in metrics_in(folder)["failures"]] == [
        ("b", "DS")
    ]


def test_predictions_of_rows_that_are_gone_do_not_count(tmp_path, answers, answered):
    folder = RunFolder.open(tmp_path, SETTINGS)
    folder.add(Prediction(id="gone", **answered(1).model_dump()))
    assert conclude(folder, ROWS).all.n == 0


@pytest.fixture
def own_suite(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    data = tmp_path / "mine.jsonl"
    data.write_text('{"id": "a", "question": "How many?", "answer": 3}\n', encoding="utf-8")
    return data


def test_a_finished_run_is_measured_without_any_model(tmp_path, own_suite, answered):
    run = {"data": own_suite, "out": tmp_path / "run", "model": "http://127.0.0.1:9/v1"}
    run_suite("aminer_mine", limit=0, **run)
    with (tmp_path / "run" / "predictions.jsonl").open("w", encoding="utf-8") as file:
        file.write(Prediction(id="a", **answered(3).model_dump()).model_dump_json() + "\n")
    assert run_suite("aminer_mine", **run).all.strict == Share(1, 1)


def test_other_questions_under_the_same_name_are_another_run(tmp_path, own_suite):
    run = {"data": own_suite, "out": tmp_path / "run", "model": "http://127.0.0.1:9/v1", "limit": 0}
    run_suite("aminer_mine", **run)
    own_suite.write_text('{"id": "a", "question": "How many?", "answer": 4}\n', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        run_suite("aminer_mine", **run)
    assert "differs in questions" in caught.value.message


def test_a_run_is_of_the_files_that_answer_it(tmp_path, own_suite, monkeypatch):
    base, adapter, graph = (
        tmp_path / "base.gguf",
        tmp_path / "all" / "aminer" / "adapter.gguf",
        tmp_path / "g",
    )
    adapter.parent.mkdir(parents=True)
    for file in (base, adapter, graph):
        file.write_text(file.name)
    monkeypatch.setenv("HERDWICK_BASE_GGUF", str(base))
    monkeypatch.setenv("HERDWICK_ADAPTERS", str(tmp_path / "all"))
    run = {"data": own_suite, "graph": graph, "out": tmp_path / "run", "limit": 0}
    run_suite("aminer_mine", **run)
    measured = json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))["run"]
    assert (measured["base"], measured["adapter"]) == (sha256_of(base), sha256_of(adapter))
    adapter.write_text("retrained")
    graph.write_text("rebuilt")
    with pytest.raises(DataError) as caught:
        run_suite("aminer_mine", **run)
    assert "differs in graph and adapter" in caught.value.message


def test_a_model_that_cannot_be_reached_stops_the_run(tmp_path, own_suite):
    with pytest.raises(RunStopped) as caught:
        run_suite("aminer_mine", data=own_suite, out=tmp_path / "run", model="http://127.0.0.1:9/v1")
    assert caught.value.kind == "endpoint_down"
    assert not (tmp_path / "run" / "predictions.jsonl").exists()


def test_repetitions_whose_ids_would_meet_are_an_error():
    suite = replace(load_suite("aminer_dev"), rows=tuple(Row(id=name, question="?") for name in ("q", "q#2")))
    with pytest.raises(DataError, match="'q#2', which another row has"):
        repeated(suite, 2)
    assert [row.id for row in repeated(replace(suite, rows=suite.rows[:1]), 3).rows] == ["q", "q#2", "q#3"]


def test_a_limit_is_of_questions_however_often_each_is_asked(tmp_path, monkeypatch, serve):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = serve("aminer", lambda _: "unanswerable: off_topic")
    run_suite("aminer_dev", model=model, out=tmp_path / "run", limit=2, repeat=3)
    asked = [*RunFolder.existing(tmp_path / "run").predictions]
    first, second = (row.id for row in load_suite("aminer_dev").rows[:2])
    assert asked == [first, f"{first}#2", f"{first}#3", second, f"{second}#2", f"{second}#3"]
