"""The examples of `docs/serving.md`, run as they stand there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from herdwick.tools.aminer.domain import AMinerOptions

PAGE = Path(__file__).parents[3] / "docs" / "serving.md"
EXAMPLES = re.findall(r"```sh\n(.*?)```\n\n```\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
OLGA = 'searchPerson\nfinal_result = searchPerson(name="Olga Zhuravlev")[0]["num_citation"]'


def test_the_page_has_an_example_for_every_route():
    routes = {re.search(r"8080(/[a-z/]*)", command)[1] for command, _ in EXAMPLES}
    assert routes == {
        "/ask",
        "/api/soayllama/purequery",
        "/api/soayllama/getcode",
        "/health",
        "/metrics",
    }


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_print_what_the_page_says(serve, scripted):
    scripted.answer_with = lambda _: OLGA
    running = serve(domains={"aminer": AMinerOptions()})
    for command, expected in EXAMPLES:
        local = command.replace("http://127.0.0.1:8080", running.url)
        printed = subprocess.run(
            ["bash", "-c", local], capture_output=True, text=True, check=True, timeout=60
        )
        assert_holds(printed.stdout, expected)


def assert_holds(printed: str, expected: str) -> None:
    """Whether the pieces between the ellipses are there, in this order."""
    position = 0
    for piece in re.split(r"…|\n", expected):
        found = printed.find(piece, position)
        assert found >= 0, f"{piece!r} is not in {printed[position:]!r}"
        position = found + len(piece)
