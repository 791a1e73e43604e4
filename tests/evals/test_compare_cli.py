"""`eval compare` over run folders as `eval run` leaves them."""

import json

import pytest
from click.testing import CliRunner

from herdwick.agents.cli.app import cli
from herdwick.evals.predictions import Prediction
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import ROWS, RunFolder, Settings

SETTINGS = Settings(
    suite="x", questions="q", graph="", model="m", strategy="s", base="", adapter="", endpoint=""
)
COUNT = 12


@pytest.fixture
def run_of(tmp_path, answered):
    """Writes a run with so many right answers, and gives its folder."""

    def make(name, right, question="Question {}?", *, asked=COUNT, settings=None, **fields):
        folder = RunFolder.open(tmp_path / name, SETTINGS.model_copy(update=settings or {}))
        known = {"plan": ("searchPerson",), "domain": "aminer"} | fields
        rows = [
            Row(**{"id": str(at), "question": question.format(at), "answer": at} | known)
            for at in range(COUNT)
        ]
        folder.write_rows(rows)
        for at, row in enumerate(rows[:asked]):
            folder.add(Prediction.of(answered(at if at < right else -1), row.id))
        return folder.path

    return make


def compare(*arguments):
    return CliRunner().invoke(cli, ["eval", "compare", *map(str, arguments)])


def test_what_changed_is_shown_with_its_questions(run_of):
    result = compare(run_of("a", 3), run_of("b", 11), "--show", 2)
    assert result.exit_code == 0
    answers = next(line for line in result.stdout.splitlines() if line.startswith("right answers"))
    assert answers.split()[2:5] == ["12", "25.0%", "91.7%"]
    assert "better" in answers
    assert "gained  3  Question 3?" in result.stdout
    assert "and 6 more" in result.stdout


def test_json_is_one_object_with_all_that_changed(run_of):
    found = json.loads(compare(run_of("a", 12), run_of("b", 2), "--json").stdout)
    assert found["answers"]["lost"] == [str(at) for at in range(2, 12)]
    assert (found["answers"]["verdict"], found["plans"]["verdict"]) == ("worse", "no difference shown")
    assert found["failed"] == []


@pytest.mark.parametrize(
    ("right", "gate", "code"),
    [
        (2, ("--fail-if-worse",), 1),
        (10, ("--fail-if-worse",), 0),
        (10, ("--max-drop", "10"), 1),
        (10, ("--max-drop", "20"), 0),
        (12, ("--fail-if-worse", "--max-drop", "0"), 0),
        (2, (), 0),
    ],
)
def test_a_gate_fails_where_the_second_run_is_worse(run_of, right, gate, code):
    result = compare(run_of("a", 12), run_of("b", right), *gate)
    assert result.exit_code == code
    assert ("is worse than" in result.stderr) is bool(code)


def test_a_better_run_passes_every_gate(run_of):
    assert compare(run_of("a", 2), run_of("b", 12), "--fail-if-worse", "--max-drop", 0).exit_code == 0


def test_runs_of_other_questions_are_refused(run_of):
    result = compare(run_of("a", 2), run_of("b", 2, "Another {}?"), "--json")
    assert (result.exit_code, json.loads(result.stdout)["error"]["kind"]) == (2, "other_questions")


def test_a_folder_without_a_run_or_without_questions_is_named(run_of, tmp_path):
    (tmp_path / "empty").mkdir()
    kinds = [json.loads(compare(run_of("a", 2), tmp_path / "empty", "--json").stdout)["error"]["kind"]]
    old = run_of("b", 2)
    (old / ROWS).unlink()
    kinds.append(json.loads(compare(old, run_of("a", 2), "--json").stdout)["error"]["kind"])
    assert kinds == ["no_run", "no_rows"]


@pytest.mark.parametrize("gate", ["--fail-if-worse", "--max-drop=100"])
def test_a_gate_fails_where_a_run_is_not_finished(run_of, gate):
    runs = run_of("a", 12), run_of("b", 3, asked=3)
    result = compare(*runs, gate)
    assert result.exit_code == 1
    assert "only A judged 9 questions, only B 0" in result.stdout
    assert "a gate needs the same questions in both, or --allow-partial" in result.stderr
    assert compare(*reversed(runs), gate).exit_code == 1
    assert compare(*runs, gate, "--allow-partial").exit_code == 0
    assert compare(*runs).exit_code == 0


def test_json_counts_what_only_one_run_judged(run_of):
    found = json.loads(compare(run_of("a", 12), run_of("b", 3, asked=3), "--json").stdout)
    assert (found["answers"]["n"], found["only_first"], found["only_second"]) == (3, 9, 0)
    assert found["failed"] == []
    gated = compare(run_of("a", 12), run_of("b", 3, asked=3), "--json", "--fail-if-worse")
    assert json.loads(gated.stdout)["failed"] == ["questions"]


@pytest.mark.parametrize(
    "fields",
    [{"answer": 0}, {"also": (5,)}, {"unordered": True}, {"files": ("x.mrt",)}, {"plan": ("other",)}],
)
def test_runs_whose_rows_expect_something_else_are_refused(run_of, fields):
    result = compare(run_of("a", 2), run_of("b", 2, **fields), "--json")
    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, error["kind"]) == (2, "other_questions")
    assert next(iter(fields)) in error["message"]


def test_rows_in_other_slices_are_the_same_questions(run_of):
    again = run_of("b", 2, hop=1, tags=("new",), template="t", settings={"questions": "other"})
    assert compare(run_of("a", 2), again).exit_code == 0


@pytest.mark.parametrize("field", ["graph", "files"])
def test_runs_over_other_data_are_refused(run_of, field):
    result = compare(run_of("a", 2), run_of("b", 2, settings={field: "other"}), "--json")
    assert (result.exit_code, json.loads(result.stdout)["error"]["kind"]) == (2, "other_data")


def test_prose_counts_as_a_model_judged_it_only_where_it_judged_both(run_of):
    prose = {"kind": "qa", "rubric": (("never said",),), "plan": None}
    runs = run_of("a", 0, **prose), run_of("b", 0, **prose)

    def judged_right(run, name):
        judgement = {"judge": name, "prompt": "p", "points": [True]}
        lines = [json.dumps({"id": str(at), **judgement}) for at in range(COUNT)]
        (run / "judgements.jsonl").write_text("".join(f"{line}\n" for line in lines))

    def found(*options):
        told = json.loads(compare(*runs, "--json", *options).stdout)
        return told["answers"]["first"], told["answers"]["second"], told["judge"]

    judged_right(runs[1], "one")
    assert found() == (0, 0, None)
    judged_right(runs[0], "other")
    assert found() == (0, 0, None)
    judged_right(runs[0], "one")
    assert found() == (12, 12, "one")
    assert found("--fail-if-worse") == (0, 0, None)
