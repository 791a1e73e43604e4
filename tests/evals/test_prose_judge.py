"""A judge that a loopback server plays."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from herdwick.agents import load_model
from herdwick.agents.cli.app import cli
from herdwick.agents.errors import DraftError
from herdwick.evals.evaluators import Outcome
from herdwick.evals.judging import judged
from herdwick.evals.predictions import Prediction
from herdwick.evals.prose_judge import JUDGEMENTS, judge_prompt, judge_run, read_judgements
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import RunFolder, Settings
from herdwick.tools.errors import DataError

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


def test_half_the_points_are_right_only_loosely(run, judge):
    judge_run(run, judge(lambda text: "point: loop" in text)[0])
    found = judged(run, ROWS)["a"]
    assert (found.strict, found.loose, found.outcome) == (False, True, Outcome.WC)


def test_nothing_is_judged_twice_by_the_same_judge(run, judge):
    model, prompts = judge(lambda _: True)
    judge_run(run, model)
    assert judge_run(RunFolder.existing(run.path), model) == 0
    assert len(prompts) == 3
    # A last line that a kill cut short does not count.
    (run.path / JUDGEMENTS).write_bytes((run.path / JUDGEMENTS).read_bytes()[:-9])
    assert set(read_judgements(run, ROWS)) == {"a", "b"}
    assert judge_run(run, model) == 1
    assert set(read_judgements(run, ROWS)) == {"a", "b", "c"}


def test_the_answer_stands_apart_from_the_instructions(run, judge):
    model, prompts = judge(lambda _: True)
    judge_run(run, model)
    assert "-----\nIt goes round and round.\n-----" in prompts[0]
    assert "Loops." in prompts[0]


def test_a_judge_that_says_neither_stops_and_what_it_said_before_stays(run, serve):
    replies = iter(["yes", "no", "Perhaps"])
    with closing(load_model(serve("judge", lambda _: next(replies)))) as model, pytest.raises(DraftError):
        judge_run(run, model)
    assert set(read_judgements(run, ROWS)) == {"a"}


def test_verdicts_say_which_judge_they_are_by_once_it_has_judged_all(run, judge):
    model, _ = judge(lambda _: True)
    judge_run(run, model)
    assert [judged(run, ROWS)[name].judge for name in "abcd"] == [model.name, model.name, "", ""]
    path = run.path / JUDGEMENTS
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    assert [judged(run, ROWS)[name].judge for name in "abcd"] == [""] * 4


def test_another_judge_does_not_go_on_where_one_stopped(run, judge, serve):
    replies = iter(["yes", "no", "Perhaps"])
    with closing(load_model(serve("first", lambda _: next(replies)))) as first, pytest.raises(DraftError):
        judge_run(run, first)
    second, prompts = judge(lambda _: True, name="second")
    with pytest.raises(DataError, match="was judged by") as caught:
        judge_run(run, second)
    assert (caught.value.kind, prompts) == ("other_judge", [])
    assert JUDGEMENTS in caught.value.hint
    (run.path / JUDGEMENTS).unlink()
    assert judge_run(run, second) == 3


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([{"id": "a", "judge": "m", "prompt": "p", "points": []}], "no judgement"),
        ([{"id": "a", "judge": "m", "points": [True, True]}], "no judgement"),
        ([{"id": "a", "judge": "m", "prompt": "p", "points": [True]}], "other points"),
        ([{"id": "z", "judge": "m", "prompt": "p", "points": [True]}], "other points"),
        (
            [
                {"id": "a", "judge": "m", "prompt": "p", "points": [True, True]},
                {"id": "b", "judge": "n", "prompt": "p", "points": [True]},
            ],
            "mixes judges",
        ),
    ],
)
def test_judgements_that_are_none_of_these_rows_are_an_error(run, lines, message):
    (run.path / JUDGEMENTS).write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    with pytest.raises(DataError, match=message) as caught:
        judged(run, ROWS)
    assert caught.value.kind == "bad_judgement"


def test_judgements_by_another_prompt_are_not_continued(run, judge):
    model, _ = judge(lambda _: True)
    line = {"id": "b", "judge": model.name, "prompt": "0" * len(judge_prompt()), "points": [True]}
    (run.path / JUDGEMENTS).write_text(json.dumps(line) + "\n", "utf-8")
    with pytest.raises(DataError, match="judged by another prompt"):
        judge_run(run, model)


def test_a_refusal_stays_a_refusal_and_what_must_be_refused_is_not_judged(tmp_path, judge, failed):
    rows = [ROWS[0], Row(id="r", question="?", kind="qa", answer={"refuse": True}, rubric=(("him",),))]
    folder = RunFolder.open(tmp_path / "other", SETTINGS)
    folder.write_rows(rows)
    for row in rows:
        folder.add(Prediction.of(failed("refused"), row.id))
    model, prompts = judge(lambda _: True)
    assert (judge_run(folder, model), prompts) == (1, [])
    found = judged(folder, rows)
    assert (found["a"].outcome, found["a"].strict, found["a"].refused) == (Outcome.EE, False, True)
    assert (found["r"].outcome, found["r"].strict) == (None, True)


def test_the_command_scores_by_the_judge(run, serve):
    url = serve("judge", lambda _: "yes")
    result = CliRunner().invoke(cli, ["eval", "judge", str(run.path), "--model", url, "--json"])
    found = json.loads(result.stdout)
    metrics = json.loads((run.path / "metrics.json").read_text("utf-8"))
    assert {metrics["judge"]} == {one.judge for one in read_judgements(run, run.rows()).values()}
    assert (found["judged"], found["all"]["strict"]["right"], found["all"]["strict"]["n"]) == (3, 3, 4)
