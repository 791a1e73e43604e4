"""From the end of a process to a result or a failure; the report is never believed further than it must."""

import json

import pytest

from herdwick.tools.sandbox.scripts.contract import DATA_KINDS, ScriptFailure, ScriptLimits
from herdwick.tools.sandbox.scripts.outcome import script_run
from herdwick.tools.sandbox.scripts.process import Capture, Ended

LIMITS = ScriptLimits()


def captured(text):
    capture = Capture(10**6)
    capture.add(text.encode() if isinstance(text, str) else text)
    return capture


def ended(status=0, report=None, stopped_by=None, stderr="", started=True, seconds=0.1):
    text = ("started\n" if started else "") + (
        json.dumps(report) if isinstance(report, dict) else report or ""
    )
    return Ended(status, captured("out"), captured(stderr), captured(text), seconds, stopped_by)


def failure(*arguments, **words):
    with pytest.raises(ScriptFailure) as failed:
        script_run(ended(*arguments, **words), LIMITS)
    return failed.value


def raised(**report):
    return failure(1, {"exit_code": 1, "evidence": {}, **report})


def test_an_end_of_its_own_is_a_result():
    run = script_run(ended(3, {"exit_code": 3, "evidence": {"a": 1}}), LIMITS)
    assert (run.exit_code, run.stdout, run.evidence) == (3, "out", {"a": 1})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (159, "forbidden_call"),
        (-31, "forbidden_call"),
        (152, "time_limit"),
        (137, "crashed"),
        (-9, "crashed"),
        (153, "disk_limit"),
        (139, "crashed"),
        (134, "crashed"),
        (0, "no_report"),
        (1, "no_report"),
        (255, "no_report"),
    ],
)
def test_an_end_without_a_report_is_explained_by_its_status(status, kind):
    assert failure(status).kind == kind


def test_who_was_killed_before_it_could_compute_for_too_long_was_killed_for_something_else():
    assert failure(137, seconds=LIMITS.cpu_s + 0.1).kind == "time_limit"
    early = failure(137, seconds=LIMITS.cpu_s - 0.1)
    assert (early.kind, "computed" in early.message) == ("crashed", False)


def test_of_one_that_was_killed_it_is_said_what_may_be_the_reason():
    assert "short of memory" in failure(137).message


@pytest.mark.parametrize(
    ("report", "kind"),
    [
        ({"names": ["MemoryError"], "exception": "MemoryError"}, "memory_limit"),
        ({"names": ["ValueError", "MemoryError"], "exception": "ValueError"}, "memory_limit"),
        ({"exception": "RuntimeError", "message": "can't start new thread"}, "process_limit"),
        ({"exception": "BlockingIOError", "numbers": [11]}, "process_limit"),
        ({"exception": "OSError", "numbers": [97]}, "network"),
        ({"exception": "URLError", "names": ["URLError", "gaierror"]}, "network"),
        ({"exception": "OSError", "numbers": [28]}, "disk_limit"),
        ({"exception": "OSError", "numbers": [27]}, "disk_limit"),
        ({"exception": "OSError", "numbers": [24]}, "file_limit"),
        ({"exception": "TabError"}, "syntax"),
        ({"exception": "KeyError"}, "runtime"),
    ],
)
def test_an_exception_is_explained(report, kind):
    assert raised(**report).kind == kind


def test_packages_that_are_not_there_are_explained():
    assert (
        "standard library" in raised(exception="ModuleNotFoundError", message="No module named 'pandas'").hint
    )


def test_errors_about_data_keep_kind_message_and_hint():
    error = raised(exception="DataError", kind="live", message="No end.", hint="Give one.")
    assert (error.kind, error.message, error.hint) == ("live", "No end.", "Give one.")


@pytest.mark.parametrize("kind", ["sandbox_unavailable", "time_limit", "", "anything"])
def test_a_script_cannot_claim_that_the_host_failed(kind):
    error = raised(exception="DataError", kind=kind, message="x")
    assert (error.kind, error.external, kind in DATA_KINDS) == ("runtime", False, False)


@pytest.mark.parametrize(
    "report",
    [
        "{",
        "[]",
        "null",
        '{"exit_code": "0", "evidence": {}}',
        '{"exit_code": 1, "evidence": {}}',
        '{"exit_code": 0}',
        '{"exit_code": 0, "evidence": []}',
        '{"exit_code": 0, "evidence": {"a": ' + "[" * 10_000 + "]" * 10_000 + "}}",
        '{"exit_code": 0, "evidence": {}}\n{"exit_code": 0, "evidence": {}}',
        "\udcff".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_report_that_is_none_is_a_failure(report):
    assert failure(0, report).kind == "no_report"


def test_a_limit_goes_before_what_the_script_says():
    good = {"exit_code": 0, "evidence": {}}
    assert failure(0, good, stopped_by="time").kind == "time_limit"
    assert failure(0, good, stopped_by="output").kind == "output_limit"
    assert failure(0, good, stopped_by="files").kind == "disk_limit"


def test_without_a_start_the_sandbox_is_what_failed():
    error = failure(1, started=False, stderr="bwrap: Can't mount proc on /newroot: Operation not permitted")
    assert (error.kind, error.external, error.run) == ("sandbox_unavailable", True, None)


def test_an_old_bubblewrap_is_told_so():
    assert "0.8" in failure(1, started=False, stderr="bwrap: Unknown option --disable-userns").hint
