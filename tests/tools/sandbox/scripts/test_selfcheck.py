"""The self-check holds here, and tells where it would not."""

import shutil

from herdwick.tools.sandbox.scripts import self_check_scripts


def test_it_holds():
    findings = self_check_scripts()
    assert [finding.name for finding in findings if not finding.ok] == []
    assert {"the network is out of reach", "data cannot be written", "endless loops are stopped"} <= {
        finding.name for finding in findings
    }


def test_without_bubblewrap_it_says_so_and_goes_no_further(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    (finding,) = self_check_scripts()
    assert not finding.ok
    assert finding.detail.startswith("sandbox_unavailable: Scripts need bubblewrap")
