"""A script over MRT files: its result, and what it read."""

import os
import shutil
from pathlib import Path

import pytest

from herdwick.tools.bgp.engine.elem import Source
from herdwick.tools.bgp.engine.sources import MRTFile, find_files
from herdwick.tools.bgp.scripts import Bounds, FileRead, StreamRead, run_script
from herdwick.tools.errors import DataError
from herdwick.tools.sandbox.scripts import ScriptFailure, ScriptLimits

pytestmark = pytest.mark.skipif(
    not shutil.which("bwrap"), reason="bubblewrap is not installed: apt-get install bubblewrap"
)

DATA = Path(__file__).parents[5] / "shared/data/bgp"
RIS = DATA / "ris.rrc06.updates.1427846400.gz"
FILES = find_files([RIS])
T0 = 1427846400
COUNT = f"from pybgpstream import BGPStream\nprint(sum(1 for _ in BGPStream({T0}, {T0 + 300})))\n"
READING = {
    "from_time": T0,
    "until_time": None,
    "collectors": [],
    "records": 0,
    "elems": 0,
    "complete": True,
    "missing_types": [],
    "error": "",
    "files": [],
}


def forged(change):
    """What makes a script report one stream, as a module would but for `change`."""
    return f"evidence.collected = lambda: {{'streams': 1, 'readings': [{READING | change}]}}"


def test_a_forgery_that_looks_real_is_believed():
    """So that those that are refused are refused for what is changed in them."""
    result = run_script(f"import herdwick.tools.bgp.compat.evidence as evidence\n{forged({})}", FILES)
    assert [read.from_time for read in result.reads] == [T0]


def test_the_result_names_what_was_read():
    result = run_script(COUNT, FILES)
    assert (result.stdout, result.stderr, result.exit_code, result.problems) == ("1561\n", "", 0, ())
    file = FileRead(RIS.name, "ris", "rrc06", T0 + 1, T0 + 299, 795, 1561, skipped={}, ended_early="")
    assert result.reads == (
        StreamRead(
            from_time=T0,
            until_time=T0 + 300,
            collectors=("rrc06",),
            records=795,
            elems=1561,
            complete=True,
            missing_types=(),
            error="",
            files=(file,),
        ),
    )


def test_a_script_that_reads_nothing_has_read_nothing():
    assert run_script("print('42')", FILES).reads == ()


def test_damage_is_in_the_result_and_on_stderr(tmp_path):
    broken = tmp_path / RIS.name
    broken.write_bytes(RIS.read_bytes()[:6000])
    result = run_script(COUNT, find_files([broken]))
    assert 0 < int(result.stdout) < 1561
    assert len(result.problems) == 2
    assert "truncated compression" in result.problems[0]
    assert f"{RIS.name} is damaged" in result.stderr


def test_a_record_type_that_is_not_there_is_told():
    result = run_script(COUNT.replace(f"{T0 + 300}", f"{T0 + 300}, record_types=['ribs', 'updates']"), FILES)
    assert (result.stdout, result.problems) == ("1561\n", ("there were no ribs",))
    assert "no ribs at hand" in result.stderr


def test_errors_about_data_keep_their_kind():
    with pytest.raises(ScriptFailure) as failed:
        run_script(COUNT.replace(f"{T0 + 300}", f"{T0 + 300}, collectors=['rrc00']"), FILES)
    failure = failed.value
    assert failure.kind == "unknown_collector"
    assert failure.message == "There is no data of the collector rrc00, but of: rrc06."
    assert failure.hint == "Fetch it first, or ask for what there is."


def test_an_error_that_the_script_swallows_is_still_told():
    script = (
        "from pybgpstream import BGPStream\ntry:\n"
        f"    print(sum(1 for _ in BGPStream({T0}, {T0 + 300}, collectors=['rrc00'])))\n"
        "except Exception:\n    print(0)\n"
    )
    result = run_script(script, FILES)
    assert (result.stdout, result.exit_code) == ("0\n", 0)
    assert result.problems == ("There is no data of the collector rrc00, but of: rrc06.",)


def test_a_file_that_is_gone_is_an_error_before_anything_runs(tmp_path):
    with pytest.raises(DataError) as failed:
        run_script(COUNT, [MRTFile(tmp_path / "gone", Source("rrc06", "ris"))])
    assert failed.value.kind == "no_file"


def test_a_pipe_is_an_error_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="is no regular file"):
        run_script(COUNT, find_files([tmp_path / "pipe"]))


def test_a_link_is_followed_by_the_host_and_not_by_the_script(tmp_path):
    (tmp_path / RIS.name).symlink_to(RIS)
    assert run_script(COUNT, find_files([tmp_path / RIS.name])).stdout == "1561\n"


def test_names_of_files_do_not_matter(tmp_path):
    strange = tmp_path / "--bind \\ '\"\n"
    shutil.copy(RIS, strange)
    assert run_script(COUNT, find_files([strange])).stdout == "1561\n"


def test_names_that_are_no_text_do_not_matter_either(tmp_path):
    strange = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.gz"))
    shutil.copy(RIS, strange)
    result = run_script(COUNT, [MRTFile(strange, Source("rrc06", "ris"))])
    assert (result.stdout, result.reads[0].files[0].name) == ("1561\n", "\ufffd\ufffd.gz")


def test_messages_name_the_file_as_the_user_does(tmp_path):
    (tmp_path / "updates.gz").write_bytes(b"")
    with pytest.raises(ScriptFailure) as failed:
        run_script(COUNT, find_files([tmp_path / "updates.gz"]))
    assert (failed.value.kind, "updates.gz is empty" in failed.value.message) == ("empty_file", True)


def test_bounds_are_checked():
    with pytest.raises(DataError):
        Bounds(from_time=2, until_time=1)
    assert run_script(COUNT, FILES, bounds=Bounds(until_time=T0 + 100)).stdout == "537\n"


@pytest.mark.parametrize(
    "forgery",
    [
        "evidence._readings.append(None)",
        "evidence.collected = lambda: {'streams': 'many', 'readings': []}",
        "evidence.collected = lambda: {'streams': 1, 'readings': [], 'more': 1}",
        "evidence.collected = lambda: 1 / 0",
        "evidence.collected = lambda: {'streams': 1, 'readings': [float('nan')]}",
        *(forged(change) for change in ({"from_time": 1e300}, {"until_time": -1e12}, {"records": 2**63})),
        *(forged(change) for change in ({"error": "x" * 10_001}, {"missing_types": ["x" * 1_001]})),
        f"{forged({})} | {{'streams': 1 << 10_000}}",
        f"{forged({})} | {{'readings': [{READING}] * 101}}",
    ],
)
def test_a_report_that_is_no_report_is_a_failure(forgery):
    with pytest.raises(ScriptFailure) as failed:
        run_script(f"import herdwick.tools.bgp.compat.evidence as evidence\nprint('kept')\n{forgery}", FILES)
    assert failed.value.kind == "no_report"
    assert failed.value.run.stdout == "kept\n"


def test_filters_by_path_work_inside():
    script = COUNT.replace(f"{T0 + 300}", f"{T0 + 300}, filter='path \"_174_\"'")
    assert run_script(script, FILES).stdout == "62\n"


def test_the_stand_in_for_errors_is_like_the_original():
    import inspect

    from herdwick.tools import errors
    from herdwick.tools.sandbox.scripts.guest import errors as stand_in

    for name in ("HerdwickError", "DataError"):
        ours, theirs = getattr(errors, name), getattr(stand_in, name)
        assert inspect.signature(ours.__init__) == inspect.signature(theirs.__init__)
        assert str(ours("k", "m", "h")) == str(theirs("k", "m", "h"))
        assert vars(theirs("k", "m", "h")).items() <= vars(ours("k", "m", "h")).items()


def test_many_files_are_one_stream(tmp_path):
    copies = []
    for number in range(100):
        copy = tmp_path / f"ris.rrc{number:03}.updates.{T0}.gz"
        copy.symlink_to(RIS)
        copies.append(copy)
    result = run_script(COUNT, find_files(copies), ScriptLimits(open_files=128))
    assert result.stdout == f"{1561 * 100}\n"
    assert len(result.reads[0].files) == 100
