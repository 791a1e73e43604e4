"""The self-check holds here, and tells where it would not."""

import shutil
from struct import pack

import pytest

from herdwick.tools.sandbox.scripts import ScriptFailure, self_check_scripts


def test_it_holds():
    findings = self_check_scripts()
    assert [finding.name for finding in findings if not finding.ok] == []
    assert {"the network is out of reach", "data cannot be written", "endless loops are stopped"} <= {
        finding.name for finding in findings
    }


def test_without_bubblewrap_there_is_nothing_to_check(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ScriptFailure, match="Scripts need bubblewrap"):
        self_check_scripts()


def test_a_wall_with_a_hole_is_found(monkeypatch):
    from herdwick.tools.sandbox.scripts import bubblewrap

    monkeypatch.setattr(bubblewrap, "seccomp_program", lambda machine: pack("=HBBI", 0x06, 0, 0, 0x7FFF0000))
    failed = {finding.name for finding in self_check_scripts() if not finding.ok}
    assert {"the network is out of reach", "hostile system calls end the script"} <= failed
    assert "the host's files are out of reach" not in failed
