"""A small graph, a model that solves questions about it, and the command line as a process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from herdwick.agents.answer import answer_schema
from herdwick.agents.cli.app import cli
from herdwick.tools.aminer.local.build import build_graph

AUTHORS = [
    {"id": "p1", "name": "Ada Quill", "org": "Marsh University", "n_pubs": 12, "n_citation": 340, "tags": []},
    {"id": "p2", "name": "Bo Lindqvist", "org": "Fell Institute", "n_pubs": 3, "n_citation": 25, "tags": []},
    {
        "id": "p3",
        "name": "Cy \u001b[31mRed",
        "org": "Fell Institute",
        "n_pubs": 1,
        "n_citation": 0,
        "tags": [],
    },
]
PAPERS = [
    {
        "id": "w1",
        "title": "On Reeds",
        "year": 2001,
        "n_citation": 7,
        "authors": [
            {"id": "p1", "name": "Ada Quill"},
            {"id": "p2", "name": "Bo Lindqvist"},
            {"id": "p3", "name": "Cy \u001b[31mRed"},
        ],
        "venue": "Reeds",
    },
]


def write_lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("dumps")
    return write_lines(folder / "authors.jsonl", AUTHORS), write_lines(folder / "papers.jsonl", PAPERS)


@pytest.fixture(scope="session")
def graph(dumps: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    authors, papers = dumps
    return build_graph([authors], [papers], out=tmp_path_factory.mktemp("graph") / "small.sqlite").graph


@pytest.fixture
def model(scripted) -> str:
    """An endpoint that serves an adapter called `aminer`, so that it is asked in the short style."""
    scripted.models = {"aminer": "vllm"}
    return scripted.url


@pytest.fixture(scope="session")
def ada_citations() -> str:
    """A reply in the short style; the value is 340."""
    return 'searchPerson\nfinal_result = searchPerson(name="Ada Quill")[0]["num_citation"]'


@pytest.fixture(scope="session")
def ada_coauthors() -> str:
    """A reply in the short style; the value is two records."""
    return (
        "searchPerson -> getCoauthors\n"
        'final_result = getCoauthors(person_id=searchPerson(name="Ada Quill")[0]["person_id"])'
    )


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """The command line in this process."""

    def run(*arguments: object, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(map(str, arguments)), input=stdin)

    return run


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Processes keep their files in a folder of the test run."""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HERDWICK_", "XDG_"))}
    return kept | {"HOME": str(home), "TERM": "xterm", "COLUMNS": "100"}


@pytest.fixture
def herdwick(environment) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line as a process."""

    def run(*arguments: object, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "herdwick.agents.cli", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            env=environment | variables,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def valid_answer() -> Callable[[str], dict]:
    """Parses a line of stdout and checks it against the answer's schema."""
    import jsonschema

    def parse(stdout: str) -> dict:
        assert stdout.count("\n") == 1
        answer = json.loads(stdout)
        jsonschema.validate(answer, answer_schema())
        return answer

    return parse
