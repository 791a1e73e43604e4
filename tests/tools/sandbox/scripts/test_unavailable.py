"""Where there is no sandbox, nothing runs, and the user is told what to do."""

import shutil

import pytest

from herdwick.tools.sandbox.scripts import ScriptFailure, run_isolated


def test_without_bubblewrap_nothing_runs_and_the_command_is_told(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ScriptFailure) as failed:
        run_isolated("print('reached')")
    assert (failed.value.kind, failed.value.run, failed.value.external) == ("sandbox_unavailable", None, True)
    assert "apt-get install bubblewrap" in failed.value.hint


def stand_in(monkeypatch, folder, text):
    program = folder / "bwrap"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))


@pytest.mark.parametrize(
    "said",
    [
        "bwrap: No permissions to create new namespace, likely because the kernel does not allow it",
        "bwrap: setting up uid map: Permission denied",
        "bwrap: Creating new namespace failed: Operation not permitted",
    ],
)
def test_where_user_namespaces_are_not_allowed_nothing_runs(monkeypatch, tmp_path, said):
    stand_in(monkeypatch, tmp_path, f"echo '{said}' >&2\nexit 1")
    with pytest.raises(ScriptFailure) as failed:
        run_isolated("print('reached')")
    assert failed.value.kind == "sandbox_unavailable"
    assert said in failed.value.message
    assert "user namespaces" in failed.value.hint


def test_a_bubblewrap_that_cannot_be_started_runs_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / "gone"))
    with pytest.raises(ScriptFailure) as failed:
        run_isolated("print('reached')")
    assert failed.value.kind == "sandbox_unavailable"


def test_on_a_machine_the_filter_does_not_cover_nothing_runs(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(ScriptFailure, match="riscv64") as failed:
        run_isolated("print('reached')")
    assert failed.value.kind == "sandbox_unavailable"
