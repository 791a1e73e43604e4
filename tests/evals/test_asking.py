"""Workers, limits and the order of what is kept."""

import threading
import time

import pytest

from herdwick.evals.asking import Budget, BudgetSpent, RunStopped, ask_all
from herdwick.evals.predictions import Prediction
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings
from herdwick.evals.tokens import Price, Tokens

SETTINGS = Settings(
    suite="x", questions="q", graph="", model="m", strategy="s", base="", adapter="", endpoint=""
)
ROWS = tuple(Row(id=str(number), question=f"Question {number}?", answer=number) for number in range(12))


@pytest.fixture
def folder(tmp_path):
    return RunFolder.open(tmp_path, SETTINGS)


def counted(answered, row, tokens=10):
    return Prediction.of(answered(row.answer), row.id, Tokens(prompt=tokens))


def test_several_workers_ask_at_once_and_keep_the_order(folder, answered):
    together = threading.Barrier(4, timeout=10)

    def ask(row):
        # Passes only where four rows are asked at the same time.
        together.wait()
        time.sleep(0.02 * (4 - int(row.id) % 4))
        return answered(row.answer)

    ask_all(ROWS, ask, folder, workers=4)
    kept = RunFolder.open(folder.path, SETTINGS).predictions
    assert list(kept) == [row.id for row in ROWS]
    assert [kept[row.id].answer for row in ROWS] == [row.answer for row in ROWS]


def test_a_worker_that_fails_stops_the_run_and_every_answer_that_was_asked_for_stays(folder, answered):
    asked = []

    def ask(row):
        asked.append(row.id)
        if row.id == "5":
            raise ValueError("a bug")
        time.sleep(0.05)
        return answered(row.answer)

    with pytest.raises(ValueError, match="a bug"):
        ask_all(ROWS, ask, folder, workers=3)
    assert 5 <= len(folder.predictions) < 10
    assert {*folder.predictions} == {*asked} - {"5"}


def test_with_several_workers_a_limit_throws_no_answer_away(folder, answered):
    asked = []

    def ask(row):
        asked.append(row.id)
        time.sleep(0.02 * (12 - int(row.id)))
        return counted(answered, row)

    with pytest.raises(BudgetSpent) as caught:
        ask_all(ROWS, ask, folder, workers=4, budget=Budget(tokens=10))
    assert sorted(folder.predictions) == sorted(asked)
    assert 1 <= len(asked) <= 4
    assert f"{12 - len(asked)} questions not asked" in caught.value.message
    assert f"{len(asked)} answers are kept" in caught.value.hint


def test_a_limit_of_tokens_needs_somebody_who_counts_them(folder, answered):
    ask_all(ROWS[:1], lambda row: answered(row.answer), folder, budget=Budget(seconds=60))
    for budget in (Budget(tokens=1_000), Budget(cost=1.0, price=Price(1.0))):
        with pytest.raises(RunStopped) as caught:
            ask_all(ROWS, lambda row: pytest.fail("asked"), folder, budget=budget)
        assert caught.value.kind == "tokens_not_counted"


@pytest.mark.parametrize(
    ("budget", "kept", "named"),
    [
        (Budget(tokens=35), 4, "35 tokens"),
        (Budget(cost=0.00005, price=Price(2.0)), 3, "a cost of 5e-05"),
        (Budget(seconds=0), 0, "0 seconds"),
    ],
)
def test_a_run_stops_at_its_limit_and_goes_on_with_a_higher_one(folder, answered, budget, kept, named):
    with pytest.raises(BudgetSpent, match=named) as caught:
        ask_all(ROWS, lambda row: counted(answered, row), folder, budget=budget)
    assert len(folder.predictions) == kept
    assert f"{12 - kept} questions not asked" in caught.value.message
    ask_all(ROWS, lambda row: counted(answered, row), folder, budget=Budget(tokens=1_000))
    assert len(folder.predictions) == 12


def test_what_earlier_calls_used_counts(folder, answered):
    ask_all(ROWS[:3], lambda row: counted(answered, row), folder)
    with pytest.raises(BudgetSpent):
        ask_all(ROWS, lambda row: pytest.fail("asked"), folder, budget=Budget(tokens=30))


def test_a_limit_reached_with_the_last_question_stops_nothing(folder, answered):
    ask_all(ROWS, lambda row: counted(answered, row), folder, budget=Budget(tokens=120))
    assert len(folder.predictions) == 12
