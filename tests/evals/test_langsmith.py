"""Suites through LangSmith's own `evaluate`, without a network."""

import pytest

from herdwick.evals.asking import RunStopped
from herdwick.evals.evaluators import judge
from herdwick.evals.langsmith import EVALUATORS, answer_right, evaluate_rows, examples, plan_right
from herdwick.evals.metrics import measure
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings
from herdwick.tools.domain import get_domain

SETTINGS = Settings(
    suite="x", questions="q", graph="", model="m", strategy="s", base="", adapter="", endpoint=""
)
ROWS = (
    Row(id="a", domain="aminer", question="1?", answer=3, plan=("searchPerson",)),
    Row(
        id="b",
        domain="aminer",
        question="2?",
        answer=["X", "Y"],
        plan=("searchPerson", "getCoauthors"),
        unordered=True,
    ),
    Row(id="c", domain="aminer", question="3?", answer={"refuse": True}),
    Row(id="d", domain="aminer", question="4?", answer="Ada"),
    Row(id="e", domain="aminer", question="5?"),
)
LIBRARY = get_domain("aminer").library


@pytest.fixture
def ask(answered, failed):
    answers = {
        "a": answered(4),
        "b": answered(["Y", "X"], ("searchPerson", "getCoauthors")),
        "c": failed("refused"),
        "d": answered("ada"),
        "e": answered("x"),
    }
    return lambda row: answers[row.id]


@pytest.mark.parametrize("workers", [1, 3])
def test_the_figures_are_those_of_our_own_runner(tmp_path, ask, workers):
    folder = RunFolder.open(tmp_path, SETTINGS)
    found = evaluate_rows(ROWS, ask, folder, workers=workers)
    rows = {row.id: row for row in ROWS}
    verdicts = [judge(row, ask(row), LIBRARY) for row in ROWS]
    metrics = measure([verdict for verdict in verdicts if verdict], rows)
    # LangSmith's figures are over all rows that are judged, ours over those with an answer.
    refused = metrics.refusals.right
    assert (
        found["answer_right"] == {"right": metrics.all.strict.right + refused, "n": 4} == {"right": 2, "n": 4}
    )
    assert found["answer_right_as_set"] == {"right": metrics.all.loose.right + refused, "n": 4}
    assert found["plan_right"] == {"right": metrics.all.plan.right, "n": metrics.all.plan.n}
    assert found["refusal_right"] == {"right": 4, "n": 4}


def test_what_was_asked_before_is_not_asked_again(tmp_path, ask):
    evaluate_rows(ROWS[:2], ask, RunFolder.open(tmp_path, SETTINGS))
    asked = []

    def note(row):
        asked.append(row.id)
        return ask(row)

    evaluate_rows(ROWS, note, RunFolder.open(tmp_path, SETTINGS))
    assert asked == ["c", "d", "e"]


def test_what_says_nothing_about_the_model_stops_the_run(tmp_path, ask, failed):
    folder, asked = RunFolder.open(tmp_path, SETTINGS), []

    def note(row):
        asked.append(row.id)
        return failed("endpoint_down", external=True) if row.id == "b" else ask(row)

    with pytest.raises(RunStopped) as failure:
        evaluate_rows(ROWS, note, folder)
    assert (failure.value.kind, asked, list(folder.predictions)) == ("endpoint_down", ["a", "b"], ["a"])


def test_examples_are_the_same_in_every_run_and_hold_the_whole_row():
    first, again = examples(ROWS), examples(ROWS)
    assert [one.id for one in first] == [one.id for one in again]
    assert len({one.id for one in first}) == len(ROWS)
    read = [Row.model_validate(one.outputs) for one in first]
    assert [row.expected for row in read] == [row.expected for row in ROWS]
    assert {row.domain for row in read} == {"aminer"}


def test_evaluators_take_what_openevals_gives(answered):
    reference = ROWS[0].model_dump(mode="json", exclude_unset=True)
    outputs = answered(3).model_dump(mode="json")
    given = {"inputs": {"question": "1?"}, "outputs": outputs, "reference_outputs": reference}
    assert answer_right(**given) == {"key": "answer_right", "score": True, "comment": "EM"}
    assert plan_right(**given)["score"] is True
    assert {one(**given)["key"] for one in EVALUATORS} == {one.__name__ for one in EVALUATORS}
