"""What people see while a run goes on."""

import pytest
from rich.console import Console

from herdwick.evals.predictions import Prediction
from herdwick.evals.progress import Tally, Watch, watching
from herdwick.evals.rows import Row
from herdwick.evals.tokens import Tokens

ROW = Row(id="x", question="?", answer=0, hop=2)


def text_of(shown) -> list[list[str]]:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(shown)
    return [line.split() for line in capture.get().splitlines()]


@pytest.fixture
def predicted(answered):
    def make(answer, seconds=1.0, tokens=None):
        made = Prediction.of(answered(answer), "x", tokens)
        return made.model_copy(update={"timings": made.timings.model_copy(update={"total_s": seconds})})

    return make


def test_failures_are_told_apart_from_wrong_answers(answered, failed):
    tally = Tally()
    for answer in (answered(0), answered(1), failed("refused"), failed("runtime")):
        tally.add(ROW, answer)
    tally.add(Row(id="x", question="?"), answered(1))
    assert str(tally) == "1 right, 2 wrong, 1 failed"


def test_the_table_counts_by_hops_and_by_kind(predicted):
    watch = Watch("dev", 9)
    for answer, seconds in ((0, 1.0), (0, 2.0), (1, 9.0)):
        watch.add(ROW, predicted(answer, seconds, Tokens(prompt=1000, completion=5)))
    watch.add(Row(id="y", question="?", kind="qa", answer="Yes", rubric=(("yes",),)), predicted("no"))
    assert text_of(watch.table()) == [
        ["asked", "right", "wrong", "failed", "median", "s"],
        ["2", "hops", "3", "2", "1", "0", "2.0"],
        ["qa", "1", "0", "1", "0", "1.0"],
        ["tokens:", "3,000", "in,", "15", "out"],
    ]


def test_the_bar_goes_on_from_what_was_answered_before(predicted):
    watch = Watch("dev", 4)
    watch.add(ROW, predicted(0))
    watch.begin()
    watch.add(ROW, predicted(0))
    shown = text_of(watch.shown())[-1]
    assert shown[0] == "dev"
    assert {"2/4", "right,"} <= {*shown}


def test_all_of_it_goes_to_standard_error(predicted, capsys):
    with watching("dev", 1) as watch:
        watch.add(ROW, predicted(0))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "1 right, 0 wrong, 0 failed" in printed.err
