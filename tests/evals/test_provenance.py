"""What is recorded of the code and the prompts."""

import shutil
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import pytest

from herdwick.evals import provenance
from herdwick.evals.provenance import code, prompts


def test_the_code_is_version_and_commit():
    assert code().startswith(version("herdwick"))
    assert provenance.provenance()["code"] == code()


def test_a_changed_prompt_is_another_hash(tmp_path, monkeypatch: pytest.MonkeyPatch):
    before = prompts()
    shutil.copytree(Path(str(resources.files("herdwick.agents"))) / "prompts", tmp_path / "prompts")
    monkeypatch.setattr(provenance.resources, "files", lambda _: tmp_path)
    prompts.cache_clear()
    assert prompts() == before

    changed = sorted((tmp_path / "prompts").rglob("*.txt"))[0]
    changed.write_text(changed.read_text("utf-8") + "\n", "utf-8")
    prompts.cache_clear()
    after = prompts()
    prompts.cache_clear()
    assert after != before
