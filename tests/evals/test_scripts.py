"""Scripts in the real sandbox, written by a model that a loopback server plays, or by the row."""

import shutil

import pytest

from herdwick.agents import load_model
from herdwick.evals.evaluators import answer_match
from herdwick.evals.rows import Row
from herdwick.evals.scripts import ScriptAsker
from herdwick.evals.values import CONTROL
from herdwick.tools.bgp.toolkit import SAMPLE
from herdwick.tools.domain import get_domain

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("bwrap"), reason="bubblewrap is not installed: apt-get install bubblewrap"
    ),
]

WINDOW = "from_time='2026-01-01 00:00:00', until_time='2026-01-01 00:04:00'"
OPEN = f"pybgpstream.BGPStream({WINDOW}, collectors=['lab00'])"
READ = f"import json, pybgpstream\nstream = {OPEN}\n"
COUNT = f"{READ}print(json.dumps(sum(elem.type == 'W' for elem in stream)))"
OPTIONS = {"files": (SAMPLE / "lab00",)}


@pytest.fixture
def asked(serve):
    """Answers a row with the scripts that a model would write."""
    models = []

    def ask(row, script=""):
        models.append(load_model(serve("plain", lambda _: f"Here it is:\n```python\n{script}\n```")))
        return ScriptAsker(get_domain("bgp"), lambda _: OPTIONS, models[-1]).ask(row, {})

    yield ask
    for model in models:
        model.close()


def task(answer):
    return Row(id="1", question="How many withdrawals are there?", kind="code_task", answer=answer)


def test_a_script_is_judged_by_what_it_computes(asked):
    answer = asked(task(137), COUNT)
    assert (answer.answer, answer.program, answer.attempts) == (137, COUNT, 1)
    assert answer.data[CONTROL] == {"status": "ok", "answer": 0}
    assert answer_match(task(137), answer)
    assert not answer_match(task(136), answer)


def test_a_script_that_knows_the_answer_without_data_is_wrong(asked):
    answer = asked(task(137), "print(137)")
    assert answer.answer == 137
    assert answer.data[CONTROL] == {"status": "ok", "answer": 137}
    assert not answer_match(task(137), answer)


def test_a_script_that_fails_without_data_may_be_right_with_it(asked):
    answer = asked(task(137), f"{COUNT}\nassert any(True for _ in {OPEN})")
    assert answer.data[CONTROL] == {"status": "error", "answer": None}
    assert answer_match(task(137), answer)


def test_a_script_that_crashes_is_a_failure_of_the_model(asked):
    answer = asked(task(137), f"{READ}raise RuntimeError('no')")
    assert answer.status == "error"
    assert answer.error.external is False
    assert not answer_match(task(137), answer)


def test_a_reply_without_a_script_is_a_failure_of_the_model(asked, serve):
    model = load_model(serve("plain", lambda _: "I would rather not."))
    answer = ScriptAsker(get_domain("bgp"), lambda _: OPTIONS, model).ask(task(137), {})
    model.close()
    assert answer.error.kind == "no_program"
    assert answer.error.external is False


def test_the_script_of_a_row_is_run_as_it_stands_and_no_model_asked():
    row = Row(
        id="1", question="Read a file.", kind="script", program="print(open('/etc/shadow').read())", answer=1
    )
    answer = ScriptAsker(get_domain("bgp"), lambda _: OPTIONS, model=None).ask(row, {})
    assert (answer.status, answer.model, answer.attempts) == ("error", "", 0)
    assert "root:" not in answer.model_dump_json()


def test_a_script_that_copies_the_answer_from_the_questions_finds_no_such_file(asked, tmp_path, monkeypatch):
    gold = tmp_path / "questions.jsonl"
    gold.write_text('{"id": "1", "answer": 137}', encoding="utf-8")
    monkeypatch.setenv("HERDWICK_GOLD", str(gold))
    script = (
        "import glob, json, os\n"
        f"paths = [{str(gold)!r}, os.environ.get('HERDWICK_GOLD', '')]\n"
        "paths += glob.glob('/**/questions.jsonl', recursive=True)\n"
        "paths += glob.glob('/**/suites/*.jsonl', recursive=True)\n"
        "found = [path for path in paths if path and os.path.exists(path)]\n"
        "print(json.dumps(found or 'nothing'))"
    )
    answer = asked(task(137), script)
    assert answer.answer == "nothing"
    assert not answer_match(task(137), answer)
