"""What `herdwick doctor` asks of the sandbox."""

import shutil

from herdwick.tools.sandbox import self_check


def test_everything_holds_on_this_machine():
    findings = self_check()
    assert [finding.name for finding in findings if not finding.ok] == []
    assert len(findings) == 10


def test_missing_worker_is_the_only_finding():
    [finding] = self_check(binary_path="/nowhere/monty")
    assert not finding.ok
    assert finding.detail.startswith("sandbox_unavailable: No sandbox worker could be started")


def test_worker_that_is_something_else_is_the_only_finding():
    [finding] = self_check(binary_path=shutil.which("true"))
    assert finding.detail.startswith("sandbox_unavailable: ")
