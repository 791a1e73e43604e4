"""`make types` must bite: a planted error is found, and nothing else is."""

import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

ROOT = Path(__file__).parents[1]

PLANTED = """

def planted(value):
    return value


WRONG: int = HerdwickError("kind", "message")
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package `herdwick` with a copy of `tools`, laid out as `make types` lays it out."""
    copytree(ROOT / "tools", tmp_path / "herdwick" / "tools", ignore=lambda *_: ["aminer", "sandbox"])
    return tmp_path


def check(tree: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "mypy", "--config-file", ROOT / "pyproject.toml"]
    found = subprocess.run(
        [*command, "--cache-dir", tree / "cache", "-p", "herdwick.tools.errors"],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.returncode, found.stdout + found.stderr


@pytest.mark.slow
def test_a_planted_type_error_is_found(tree: Path) -> None:
    assert check(tree)[0] == 0
    errors = tree / "herdwick" / "tools" / "errors.py"
    errors.write_text(errors.read_text(encoding="utf-8") + PLANTED, encoding="utf-8")
    code, output = check(tree)
    assert code == 1
    assert "[no-untyped-def]" in output
    assert "[assignment]" in output
    assert "Found 2 errors in 1 file" in output
