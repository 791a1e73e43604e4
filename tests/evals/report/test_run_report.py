"""The report that a run ends with has the figures that the page can show."""

import json
import re

from herdwick.evals.conclusion import conclude
from herdwick.evals.predictions import Prediction
from herdwick.evals.provenance import provenance
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import REPORT, RunFolder, Settings
from herdwick.evals.tokens import Tokens

SETTINGS = Settings(
    suite="x", questions="q", graph="", model="m", strategy="s", base="", adapter="", endpoint=""
)


def written_by(folder, rows):
    conclude(folder, rows)
    text = (folder.path / REPORT).read_text(encoding="utf-8")
    (block,) = re.findall(r'id="report-data">(.*?)</script>', text, re.DOTALL)
    return json.loads(block)


def test_kinds_and_templates_are_slices_of_the_report(tmp_path, answered):
    rows = [
        Row(id="a", question="?", answer=True, kind="true_false", template="t"),
        Row(id="b", question="?", answer=True, kind="true_false", template="t"),
        Row(id="c", question="?", answer=1, domain="aminer"),
    ]
    folder = RunFolder.open(tmp_path, SETTINGS)
    for row in rows:
        folder.add(Prediction.of(answered(row.answer), row.id))
    figures = written_by(folder, rows)["figures"]
    assert list(figures["kinds"]) == ["computed", "true_false"]
    assert figures["templates"]["t"]["n"] == 2


def test_errors_are_told_apart_and_who_asked_and_what_it_took(tmp_path, answered, failed):
    rows = [Row(id=name, question="?", answer=1, domain="aminer") for name in "abc"]
    folder = RunFolder.open(tmp_path, SETTINGS)
    for row, answer in zip(rows, (answered(1), failed("runtime"), failed("runtime")), strict=True):
        folder.add(Prediction.of(answer, row.id, Tokens(prompt=7, completion=2), "0.1.0 abc"))
    run = written_by(folder, rows)["run"]
    assert (run["suite"], run["model"], run["asked with"]) == ("x", "m", "0.1.0 abc (3)")
    assert run["errors"] == "runtime (2)"
    assert run["tokens"] == {"prompt": 21, "completion": 6}
    assert run["judged_with"] == provenance()


def test_a_price_gives_the_cost_of_all_answers_or_none(tmp_path, answered):
    rows = [Row(id=name, question="?", answer=1, domain="aminer") for name in "ab"]
    folder = RunFolder.open(tmp_path, SETTINGS)
    folder.add(Prediction.of(answered(1), "a", Tokens(prompt=1000, completion=200)))
    conclude(folder, rows, {"price": {"prompt": 2.0, "completion": 5.0}})
    run = written_by(folder, rows)["run"]
    assert (run["price"], run["cost"]) == ({"prompt": 2.0, "completion": 5.0}, 0.003)

    folder.add(Prediction.of(answered(1), "b"))
    assert "cost" not in written_by(folder, rows)["run"]
