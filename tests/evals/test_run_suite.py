"""A whole run: suite, graph, solver, sandbox and judgement are real; only the model is scripted."""

import json

import pytest

from herdwick.agents.errors import UsageError
from herdwick.evals.asking import Budget
from herdwick.evals.conclusion import conclude
from herdwick.evals.metrics import Share
from herdwick.evals.provenance import code
from herdwick.evals.run_folder import RunFolder
from herdwick.evals.runner import run_suite
from herdwick.evals.suite import load_suite
from herdwick.evals.tokens import Price

REPLIES = {
    "Which researchers are at Adobe Research?": (
        'searchPerson\nfinal_result = [p["name"] for p in searchPerson(organization="Adobe Research")]'
    ),
    "How many citations has Nobody Atall?": (
        'searchPerson\nfinal_result = searchPerson(name="Nobody Atall")[0]["num_citation"]'
    ),
    "hello": "unanswerable: off_topic",
}


def reply(prompt):
    return next(reply for question, reply in REPLIES.items() if question in prompt)


def test_a_run_answers_refuses_and_fails_as_its_rows_expect(tmp_path, monkeypatch, serve):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = serve("aminer", reply)
    listed = next(row for row in load_suite("aminer_dev").rows if row.question in REPLIES and row.plan)
    answers = [listed.answer, {"error": "empty_result"}, {"refuse": True}]
    data = tmp_path / "questions.jsonl"
    rows = (
        {"id": str(number), "question": question, "answer": answer}
        for number, (question, answer) in enumerate(zip(REPLIES, answers, strict=True))
    )
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    metrics = run_suite(
        "aminer_dev",
        data=data,
        model=f"{model}?key=hunter2",
        budget=Budget(price=Price(2.0, 5.0)),
        out=tmp_path / "run",
    )

    assert metrics.all.strict == Share(2, 2)
    assert metrics.refusals == Share(1, 1)
    lines = (tmp_path / "run" / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    predictions = [json.loads(line) for line in lines]
    assert [prediction["id"] for prediction in predictions] == ["0", "1", "2"]
    assert predictions[0]["answer"] == listed.answer
    assert {prediction["code"] for prediction in predictions} == {code()}
    assert predictions[0]["calls"][0]["tool"] == "searchPerson"
    kept = json.loads((tmp_path / "run" / "metrics.json").read_text(encoding="utf-8"))
    assert kept["failures"] == []
    assert kept["price"] == {"prompt": 2.0, "completion": 5.0}
    assert not [path for path in (tmp_path / "run").iterdir() if b"hunter2" in path.read_bytes()]


def test_a_second_run_is_answered_from_the_cache(tmp_path, monkeypatch, serve):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "graphs"))
    asked = []
    model = serve("aminer", lambda prompt: (asked.append(prompt), reply(prompt))[1])
    data = tmp_path / "questions.jsonl"
    rows = [{"id": name, "question": name, "answer": {"refuse": True}} for name in REPLIES]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    def run(name):
        cache = tmp_path / "cache"
        metrics = run_suite("aminer_dev", data=data, model=model, out=tmp_path / name, cache=cache)
        return metrics, json.loads((tmp_path / name / "metrics.json").read_text(encoding="utf-8"))

    (first, first_file), (second, second_file) = run("first"), run("second")
    assert (len(asked), first) == (3, second)
    assert first_file["cache"] == {"hits": 0, "misses": 3}
    assert second_file["cache"] == {"hits": 3, "misses": 0}
    assert first_file["tokens"] == second_file["tokens"]
    # A run that is judged anew, or has nothing left to ask, is still one of cached replies.
    conclude(RunFolder.existing(tmp_path / "second"), RunFolder.existing(tmp_path / "second").rows())
    assert run("second")[1]["cache"] == {"hits": 3, "misses": 0}


def test_repetitions_are_not_answered_from_a_cache(tmp_path):
    with pytest.raises(UsageError) as failure:
        run_suite("soaybench", out=tmp_path / "run", cache=tmp_path / "cache", repeat=2)
    assert failure.value.kind == "cached_repeats"
    assert not (tmp_path / "run").exists()
