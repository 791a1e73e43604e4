import base64
import hashlib
import json
import math
import re

import pytest
from pydantic import ValidationError

from herdwick.evals.report.data import Report, ReportRow
from herdwick.evals.report.page import SCRIPTS, page

HOSTILE = "</script><!--<script>alert(1)</script>\u2028\u2029&amp;$title"


def text_of(report, *rows):
    return "".join(page(report, rows))


def block(text, name):
    """What stands in one of the page's data blocks."""
    (found,) = re.findall(rf'<script type="application/json" id="{name}">(.*?)</script>', text, re.DOTALL)
    return found


def inline(text, tag):
    (found,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return found


def row(**fields):
    return ReportRow(**{"id": "1", "question": "?"} | fields)


def test_rows_come_back_as_they_were():
    rows = (
        row(answer={HOSTILE: [HOSTILE, 1.5, None]}, program=HOSTILE),
        row(id="2", expected={"refuse": True}),
    )
    found = json.loads(block(text_of(Report(title="T"), *rows), "rows-data"))
    assert tuple(map(ReportRow.model_validate, found)) == rows


def test_no_text_of_the_data_can_end_its_block():
    report = Report(title=HOSTILE, run={HOSTILE: HOSTILE}, figures={HOSTILE: {}})
    for name in ("report-data", "rows-data"):
        assert not set("<>&\u2028\u2029") & set(block(text_of(report, row(question=HOSTILE)), name))


def test_the_title_is_text():
    text = text_of(Report(title=HOSTILE))
    assert "<script>alert" not in text
    assert '<h1 id="title">&lt;/script&gt;&lt;!--' in text
    assert "&amp;amp;$title</title>" in text


def test_half_characters_are_replaced():
    halved = row(question="\udfff", answer=["\ud800"], error={"kind": "\ud800", "message": ""})
    (found,) = json.loads(block(text_of(Report(title="a\ud800"), halved), "rows-data"))
    assert (found["question"], found["answer"], found["error"]["kind"]) == ("\ufffd", ["\ufffd"], "\ufffd")


def test_numbers_that_json_lacks_are_words():
    odd = row(answer=[math.inf, math.nan], seconds=math.nan)
    (found,) = json.loads(block(text_of(Report(title="T"), odd), "rows-data"))
    assert found["answer"] == ["Infinity", "NaN"]


def test_every_row_has_its_own_line():
    rows = tuple(row(id=str(number), question="a\nb\r\u2028") for number in range(3))
    lines = block(text_of(Report(title="T"), *rows), "rows-data").split("\n")
    assert [json.loads(line.rstrip(","))["id"] for line in lines[1:-1]] == ["0", "1", "2"]


def test_values_as_deep_as_an_answer_can_be():
    value = 1
    for _ in range(250):
        value = [value]
    (found,) = json.loads(block(text_of(Report(title="T"), row(answer=value)), "rows-data"))
    assert found["answer"] == value


@pytest.mark.parametrize("tag", ["script", "style"])
def test_the_policy_names_the_script_and_the_style(tag):
    text = text_of(Report(title="T"))
    digest = base64.b64encode(hashlib.sha256(inline(text, tag).encode()).digest()).decode()
    assert f"{tag}-src 'sha256-{digest}';" in text
    assert text.count("<script>") == text.count("<style>") == 1


def test_the_policy_comes_first_and_allows_nothing_else():
    (policy,) = re.findall(
        r'http-equiv="Content-Security-Policy" content="([^"]*)"', text_of(Report(title="T"))
    )
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == directives["base-uri"] == directives["form-action"] == "'none'"
    assert directives["trusted-types"] == "'none'"
    assert "unsafe" not in policy


def test_the_script_makes_no_html_of_text_and_no_connection():
    script = inline(text_of(Report(title="T")), "script")
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "fetch(",
        "<!--",
        "http:",
    ):
        assert word not in script.replace("http://www.w3.org/2000/svg", "")


def test_every_part_of_the_script_is_used():
    from importlib.resources import files

    shipped = {file.name for file in files("herdwick.evals.report").joinpath("script").iterdir()}
    assert shipped == set(SCRIPTS)
    assert len(SCRIPTS) == len(shipped)


def test_rows_know_only_what_they_should():
    with pytest.raises(ValidationError):
        row(outcome="XX")
    with pytest.raises(ValidationError):
        row(unknown=1)
