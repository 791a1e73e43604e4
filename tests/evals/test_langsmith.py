"""Suites through LangSmith's own `evaluate`, without a network."""

import pytest
import requests

from herdwick.evals.asking import ask_all
from herdwick.evals.evaluators import judge
from herdwick.evals.langsmith import EVALUATORS, answer_right, evaluate_run, examples, plan_right
from herdwick.evals.metrics import measure
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import BackendError

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


@pytest.fixture
def asked(tmp_path, ask):
    """The run of all rows."""
    folder = RunFolder.open(tmp_path, SETTINGS)
    ask_all(ROWS, ask, folder)
    return folder


def test_the_figures_are_those_of_our_own_runner(asked, ask):
    found = evaluate_run(asked, ROWS)
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


def test_an_evaluator_that_fails_is_an_error_and_no_row_less(asked, monkeypatch):
    def broken(*, outputs, reference_outputs, **_):
        raise ValueError("a bug")

    monkeypatch.setattr("herdwick.evals.langsmith.EVALUATORS", (answer_right, broken))
    with pytest.raises(BackendError, match=r"broken failed: .*a bug") as caught:
        evaluate_run(asked, ROWS)
    assert caught.value.kind == "not_judged"


def test_an_answer_that_is_not_there_is_an_error(asked):
    with pytest.raises(BackendError) as caught:
        evaluate_run(asked, [*ROWS, Row(id="z", domain="aminer", question="?", answer=1)])
    assert caught.value.kind == "not_judged"


def test_nothing_is_sent_and_standard_output_is_left_alone(asked, capsys, monkeypatch):
    sent = []
    monkeypatch.setattr(requests.Session, "send", lambda _, request, **__: sent.append(request.url))
    assert evaluate_run(asked, ROWS[:2])["answer_right"] == {"right": 1, "n": 2}
    assert (sent, capsys.readouterr().out) == ([], "")


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
