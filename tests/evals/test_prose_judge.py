"""A judge that a loopback server plays."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from herdwick.agents import load_model
from herdwick.agents.cli.app import cli
from herdwick.agents.errors import DraftError
from herdwick.evals.judging import judged
from herdwick.evals.predictions import Prediction
from herdwick.evals.prose_judge import JUDGEMENTS, judge_run, read_judgements
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings

SETTINGS = Settings(
    suite="own", questions="q", graph="", model="m", strategy="s", base="", adapter="", endpoint=""
)
ROWS = [
    Row(id="a", question="Why?", kind="qa", answer="Loops.", rubric=(("loop",), ("own AS",))),
    Row(id="b", question="How?", kind="qa", answer="Thus.", rubric=(("thus",),)),
    Row(id="c", question="Who?", kind="qa", answer="Him.", rubric=(("him",),)),
    Row(id="d", question="What?", answer=1),
]


@pytest.fixture
def run(tmp_path, answered, failed):
    folder = RunFolder.open(tmp_path / "run", SETTINGS)
    folder.write_rows(ROWS)
    answers = (answered("It goes round and round."), answered("thus"), failed("runtime"), answered(1))
    for row, answer in zip(ROWS, answers, strict=True):
        folder.add(Prediction.of(answer, row.id))
    return folder


def points_asked(prompts):
    return [text.split("The point: ")[1].splitlines()[0] for text in prompts]


@pytest.fixture
def judge(serve):
    """A judge that says yes to what `says_yes` takes, and the prompts that it saw."""
    models = []

    def make(says_yes, name="judge"):
        prompts = []

        def reply(prompt):
            prompts.append(json.loads(prompt)[-1]["content"])
            return "yes" if says_yes(prompts[-1]) else "No."

        models.append(load_model(serve(name, reply)))
        return models[-1], prompts

    yield make
    for model in models:
        model.close()


def test_points_are_judged_one_by_one_and_count_from_then_on(run, judge):
    before = judged(run, ROWS)
    assert [before[name].strict for name in "abcd"] == [False, True, False, True]
    model, prompts = judge(lambda text: "point: thus" not in text)
    assert judge_run(run, model) == 3
    assert points_asked(prompts) == ["loop", "own AS", "thus"]
    after = judged(run, ROWS)
    assert [after[name].strict for name in "abcd"] == [True, False, False, True]
    assert [after[name].loose for name in "abcd"] == [True, False, False, True]
    assert [str(after[name].outcome) for name in "abc"] == ["EM", "WC", "EE"]


def test_nothing_is_judged_twice_by_the_same_judge(run, judge):
    model, prompts = judge(lambda _: True)
    judge_run(run, model)
    assert judge_run(RunFolder.existing(run.path), model) == 0
    assert len(prompts) == 3
    # A last line that a kill cut short does not count.
    (run.path / JUDGEMENTS).write_bytes((run.path / JUDGEMENTS).read_bytes()[:-9])
    assert set(read_judgements(run)) == {"a", "b"}
    assert judge_run(run, model) == 1
    assert set(read_judgements(run)) == {"a", "b", "c"}


def test_the_answer_stands_apart_from_the_instructions(run, judge):
    model, prompts = judge(lambda _: True)
    judge_run(run, model)
    assert "-----\nIt goes round and round.\n-----" in prompts[0]
    assert "Loops." in prompts[0]


def test_a_judge_that_says_neither_stops_and_what_it_said_before_stays(run, serve):
    replies = iter(["yes", "no", "Perhaps"])
    with closing(load_model(serve("judge", lambda _: next(replies)))) as model, pytest.raises(DraftError):
        judge_run(run, model)
    assert set(read_judgements(run)) == {"a"}


def test_the_command_scores_by_the_judge(run, serve):
    url = serve("judge", lambda _: "yes")
    result = CliRunner().invoke(cli, ["eval", "judge", str(run.path), "--model", url, "--json"])
    found = json.loads(result.stdout)
    assert (found["judged"], found["all"]["strict"]["right"], found["all"]["strict"]["n"]) == (3, 3, 4)
