import subprocess
from pathlib import Path

import pytest

from herdwick.selfinstruct import record
from herdwick.selfinstruct.record import SynthesisRecord, seeds_fingerprint, source_commit
from herdwick.tools.errors import DataError


def test_the_seeds_fingerprint_changes_with_any_seed_file(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(record, "SEEDS", tmp_path)
    file = tmp_path / "toy" / "phrasings" / "a.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("one")
    first = seeds_fingerprint("toy")
    file.write_text("two")
    second = seeds_fingerprint("toy")
    file.rename(file.with_name("b.yaml"))

    assert len({first, second, seeds_fingerprint("toy")}) == 3


def test_outside_a_repository_there_is_no_commit(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(record, "SEEDS", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert source_commit() == ""


def test_seeds_that_are_changed_or_new_make_the_commit_dirty(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(record, "SEEDS", tmp_path)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    file = tmp_path / "a.yaml"
    file.write_text("one")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "seeds"]):
        subprocess.run([*git, *words], cwd=tmp_path, check=True)

    clean = source_commit()
    (tmp_path / "b.yaml").write_text("new")
    with_new = source_commit()
    (tmp_path / "b.yaml").unlink()
    file.write_text("two")
    changed = source_commit()

    assert len(clean) == 12
    assert with_new == changed == f"{clean}-dirty"


def test_a_damaged_record_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "train.report.json"
    file.write_text("{}")

    with pytest.raises(DataError) as failure:
        SynthesisRecord.read(file)

    assert failure.value.kind == "no_record"
