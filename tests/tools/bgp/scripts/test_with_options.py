"""A script with the domain's options: its output, and what it read."""

import shutil

import pytest

from herdwick.tools.bgp.options import BGPOptions
from herdwick.tools.bgp.scripts.with_options import run_with_options
from herdwick.tools.bgp.toolkit import SAMPLE
from herdwick.tools.errors import DomainError
from herdwick.tools.sandbox.scripts import ScriptFailure, ScriptLimits

pytestmark = pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")

LAB = BGPOptions(files=(SAMPLE / "lab00",))
IMPORT = "from pybgpstream import BGPStream\n"
WINDOW = "'2026-01-01 00:00', '2026-01-01 00:05'"
UPDATES = f"BGPStream({WINDOW}, record_type='updates')"


def test_counts_are_of_files_each_once_before_any_filter():
    stream = f"BGPStream({WINDOW}, record_type='updates', filter='peer 64496')"
    source = f"{IMPORT}for _ in range(2):\n    print(sum(1 for _ in {stream}))"
    output = run_with_options(source, LAB)
    first, second = output.stdout.split()
    assert first == second != "903"
    assert output.data == {
        "files": ["updates.20260101.0000.gz"],
        "collectors": ["lab00"],
        "window": {"from": "2026-01-01T00:00:00Z", "until": "2026-01-01T00:05:00Z"},
        "records": output.data["records"],
        "elems": 903,
        "problems": [],
    }
    assert output.error is None
    assert output.seconds > 0


def test_a_script_that_reads_nothing_has_read_nothing():
    data = run_with_options("print(42)", LAB).data
    assert (data["files"], data["records"], data["window"]) == ([], 0, {"from": None, "until": None})


def test_a_stream_without_a_window_replays_the_lab_capture_to_its_end():
    output = run_with_options(f"{IMPORT}print(sum(1 for _ in BGPStream()))", BGPOptions())
    assert output.stdout == "3668\n"
    assert output.data["window"] == {"from": "2026-01-01T00:00:00Z", "until": "2026-01-01T00:05:00Z"}


def test_an_error_keeps_what_was_printed_and_read_until_then():
    source = f"{IMPORT}print('so far')\nfor _ in {UPDATES}: pass\nraise ValueError('no luck')"
    output = run_with_options(source, LAB)
    assert (output.stdout, output.data["elems"]) == ("so far\n", 903)
    assert output.error is not None
    assert (output.error.kind, "ValueError: no luck" in output.stderr) == ("runtime", True)


def test_of_a_script_that_was_killed_it_is_said_that_nobody_knows_what_it_read():
    output = run_with_options("while True: pass", LAB, ScriptLimits(wall_s=1))
    assert output.error is not None
    assert output.error.kind == "time_limit"
    assert output.data["problems"] == ["what it had read is not known"]


def test_errors_that_a_script_hides_are_told():
    source = (
        f"{IMPORT}try:\n    next(iter(BGPStream({WINDOW}, collectors=['rrc00'])))\nexcept Exception: print(0)"
    )
    assert "no data of the collector rrc00" in str(run_with_options(source, LAB).data["problems"])


@pytest.mark.parametrize(
    ("option", "flag"),
    [
        ({"relationships": SAMPLE / "relationships.txt"}, "--relationships"),
        ({"live_url": "ws://127.0.0.1:1/"}, "--live-url"),
    ],
)
def test_options_that_scripts_do_not_read_are_refused(option, flag):
    with pytest.raises(DomainError, match=f"Scripts do not read {flag}."):
        run_with_options("print(1)", BGPOptions(**option))


def test_without_bubblewrap_nothing_is_fetched(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ScriptFailure) as refused:
        run_with_options(f"{IMPORT}BGPStream('2015-04-01', '2015-04-02', collectors=['rrc06'])", BGPOptions())
    assert (refused.value.kind, refused.value.hint) == (
        "sandbox_unavailable",
        "Install it with: apt-get install bubblewrap",
    )


def test_a_script_that_never_started_has_no_output():
    with pytest.raises(ScriptFailure) as refused:
        run_with_options("#" * 100_001, LAB)
    assert refused.value.kind == "too_long"
