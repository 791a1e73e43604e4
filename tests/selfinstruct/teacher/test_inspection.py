import json
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from herdwick.selfinstruct.cli import selfinstruct_group
from herdwick.selfinstruct.teacher.generate import generate
from herdwick.selfinstruct.teacher.inspection import summarize
from herdwick.selfinstruct.teacher.page import page
from herdwick.tools.errors import DataError

from .conftest import tasks_for

HOSTILE = "<script>alert(1)</script> & \x1b[2J"


@pytest.fixture
def made(configure, teacher, tmp_path):
    def answer(prompt: str) -> str:
        tasks = tasks_for(prompt)
        tasks[0]["output"] += HOSTILE
        return json.dumps({"tasks": [*tasks, tasks[0]]})

    teacher.answer = answer
    out = tmp_path / "items.jsonl"
    generate(configure(count=9, price_in=1.0, price_out=1.0), out)
    return out


def inspect(*arguments: str):
    return CliRunner().invoke(selfinstruct_group, ["inspect", *arguments])


def test_counts_categories_similarities_rejects_and_cost(made):
    summary = summarize(made)
    assert (summary.items, summary.kinds, summary.dropped) == (9, {"bgp_knowledge": 9}, {"too_similar": 3})
    assert sum(summary.categories.values()) == sum(summary.similarities) == 9
    assert summary.report.cost == (summary.report.prompt_tokens + summary.report.reply_tokens) / 1e6 > 0
    assert sum(summary.similarities[6:]) == 0


def test_the_terminal_shows_them_without_control_characters(made):
    result = inspect(str(made), "--show", "1")
    assert result.exit_code == 0
    assert "items: 9 of bgp_knowledge" in result.stdout
    assert "dropped: too_similar 3" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("show", [0, 3, 7, 9, 50])
def test_as_many_items_are_shown_as_asked_for(made, show):
    assert inspect(str(made), "--show", str(show)).stdout.count("\n[bgp_knowledge-") == min(show, 9)


def test_the_page_holds_one_document_with_all_that_a_model_wrote_escaped(made):
    tags: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.append(tag)

    text = page(summarize(made), "items.jsonl").decode()
    Parser().feed(text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert not {"script", "link", "img"} & {*tags}
    assert tags.count("html") == 1


def test_html_is_written_by_the_command(made, tmp_path):
    assert inspect(str(made), "--html", str(tmp_path / "page.html")).exit_code == 0
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


def test_a_page_that_cannot_be_written_says_so(made, tmp_path):
    failure = inspect(str(made), "--html", str(tmp_path / "none" / "page.html")).exception
    assert isinstance(failure, DataError)
    assert failure.kind == "unwritable"


def test_json_is_the_summary(made):
    assert json.loads(inspect(str(made), "--json").stdout)["items"] == 9


def test_intents_are_no_option_for_such_a_file(made):
    assert inspect(str(made), "--intent", "x").exit_code == 2


def test_a_damaged_line_is_told_with_its_number(made):
    made.write_bytes(made.read_bytes() + b'{"instruction": 1}\n')
    with pytest.raises(DataError, match="line 10"):
        summarize(made)


def test_a_file_whose_first_line_is_damaged_is_known_by_its_report(made):
    made.write_bytes(b'{"instruction": 1}\n' + made.read_bytes())
    failure = inspect(str(made)).exception
    assert isinstance(failure, DataError)
    assert failure.message.startswith("items.jsonl, line 1: instruction: ")
