"""The report that a run ends with has the figures that the page can show."""

import json
import re

from herdwick.evals.conclusion import conclude
from herdwick.evals.predictions import Prediction
from herdwick.evals.rows import Row
from herdwick.evals.run_folder import REPORT, RunFolder, Settings

SETTINGS = Settings(
    suite="x", questions="q", graph="", model="m", strategy="s", base="", adapter="", endpoint=""
)


def test_kinds_and_templates_are_slices_of_the_report(tmp_path, answered):
    rows = [
        Row(id="a", question="?", answer=True, kind="true_false", template="t"),
        Row(id="b", question="?", answer=True, kind="true_false", template="t"),
        Row(id="c", question="?", answer=1, domain="aminer"),
    ]
    folder = RunFolder.open(tmp_path, SETTINGS)
    for row in rows:
        folder.add(Prediction.of(answered(row.answer), row.id))
    conclude(folder, rows)
    text = (tmp_path / REPORT).read_text(encoding="utf-8")
    (block,) = re.findall(r'id="report-data">(.*?)</script>', text, re.DOTALL)
    figures = json.loads(block)["figures"]
    assert list(figures["kinds"]) == ["computed", "true_false"]
    assert figures["templates"]["t"]["n"] == 2
