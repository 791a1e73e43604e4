"""What an honest script gets, and what is refused before anything runs."""

import subprocess

import pytest

from herdwick.tools.sandbox.scripts import Mount, ScriptFailure, ScriptLimits, Supplies, run_isolated
from herdwick.tools.sandbox.scripts.bubblewrap import open_sandbox
from herdwick.tools.sandbox.scripts.runtime import python_runtime


def test_what_a_script_prints_comes_back():
    run = run_isolated("import sys\nprint('é')\nprint('oh', file=sys.stderr)")
    assert (run.exit_code, run.stdout, run.stderr, run.evidence) == (0, "é\n", "oh\n", {})
    assert 0 < run.seconds < 10


@pytest.mark.parametrize(
    ("ending", "code"),
    [("sys.exit()", 0), ("sys.exit(3)", 3), ("sys.exit('so')", 1), ("raise SystemExit(256)", 0)],
)
def test_an_end_of_its_own_is_no_failure(ending, code):
    assert run_isolated(f"import sys\n{ending}").exit_code == code


def test_a_script_is_the_main_module():
    assert run_isolated("if __name__ == '__main__':\n    print(__file__)").stdout == "script.py\n"


def test_the_standard_library_is_there():
    script = """
import asyncio, bisect, bz2, collections, csv, datetime, decimal, functools, gzip, hashlib, heapq, io
import ipaddress, itertools, json, lzma, math, random, re, sqlite3, statistics, string
import tempfile, time, typing, zlib
async def main(): await asyncio.sleep(0); return 42
with tempfile.NamedTemporaryFile('w') as file:
    file.write('x')
print(asyncio.run(main()), sqlite3.connect('/tmp/a.db').execute('select 1').fetchone())
"""
    assert run_isolated(script).stdout == "42 (1,)\n"


def test_times_are_utc_and_sets_come_in_the_same_order():
    script = "import time\nprint(time.tzname[0], list(map(str, {'a', 'b', 'c', 'd', 'e'})))"
    first = run_isolated(script).stdout
    assert first.startswith("UTC")
    assert run_isolated(script).stdout == first


def test_an_exception_shows_its_line_and_not_the_launcher():
    with pytest.raises(ScriptFailure) as failed:
        run_isolated("print('begun')\n1 / 0")
    failure = failed.value
    assert failure.kind == "runtime"
    assert failure.message == "The script failed: ZeroDivisionError: division by zero."
    assert failure.run.stdout == "begun\n"
    assert 'File "script.py", line 2' in failure.run.stderr
    assert "launch.py" not in failure.run.stderr
    assert not failure.external


def test_what_is_not_python_is_told_so():
    with pytest.raises(ScriptFailure, match="is not Python") as failed:
        run_isolated("for x in")
    assert failed.value.kind == "syntax"


def test_a_script_with_half_a_character_is_refused():
    with pytest.raises(ScriptFailure) as failed:
        run_isolated("print('\ud800')")
    assert failed.value.kind == "syntax"


def test_a_long_script_is_refused():
    with pytest.raises(ScriptFailure) as failed:
        run_isolated("#" * 11, limits=ScriptLimits(script_chars=10))
    assert failed.value.kind == "too_long"


def test_control_characters_do_not_reach_a_message():
    with pytest.raises(ScriptFailure) as failed:
        run_isolated("raise ValueError('\\x1b[2Jgone\\nnext')")
    assert failed.value.message == "The script failed: ValueError: [2Jgone next."


def test_files_and_variables_are_supplied(tmp_path):
    (tmp_path / "a").write_text("from a mount")
    supplies = Supplies(
        mounts=(Mount(tmp_path / "a", "/data/a"),),
        files={"/data/b": b"in memory"},
        environment={"WHERE": "/data/b"},
    )
    script = "import os\nprint(open('/data/a').read(), open(os.environ['WHERE']).read())"
    assert run_isolated(script, supplies).stdout == "from a mount in memory\n"


def test_a_missing_file_is_no_reason_to_run_without_it(tmp_path):
    with pytest.raises(ScriptFailure) as failed:
        run_isolated("print('reached')", Supplies(mounts=(Mount(tmp_path / "gone", "/data/gone"),)))
    assert failed.value.kind == "sandbox_unavailable"


def test_the_walls_are_all_on_the_command_line():
    with open_sandbox(python_runtime(), (), {}, {}, ScriptLimits()) as sandbox:
        descriptor = int(sandbox.command[2])
        with open(f"/proc/self/fd/{descriptor}", "rb") as file:
            options = file.read().decode().split("\0")
    for wall in ("--unshare-all", "--unshare-user", "--disable-userns", "--new-session", "--die-with-parent"):
        assert wall in options
    assert options[options.index("--cap-drop") + 1] == "ALL"
    assert options[options.index("--uid") + 1] == "65534"
    assert "--seccomp" in options
    assert "--proc" not in options
    assert "--dev" not in options
    assert {options[at + 1] for at, option in enumerate(options) if option == "--bind"} == set()


def test_nothing_of_the_environment_herdwick_lives_in_is_mounted():
    targets = {mount.target for mount in python_runtime().mounts}
    assert targets
    assert not any("site-packages" in target or target.startswith(("/root", "/home")) for target in targets)


def test_running_a_script_leaves_no_file_open():
    def opened():
        return len(list(__import__("pathlib").Path("/proc/self/fd").iterdir()))

    run_isolated("print(1)")
    before = opened()
    for _ in range(3):
        run_isolated("print(1)")
    assert opened() == before


def test_the_launcher_is_not_what_holds(tmp_path):
    """Even with nothing but bubblewrap's own command line, a script has no network and no way out."""
    with open_sandbox(python_runtime(), (), {}, {}, ScriptLimits()) as sandbox:
        script = "import socket\nsocket.socket()"
        ended = subprocess.run(
            [*sandbox.command, "-c", script],
            pass_fds=sandbox.descriptors,
            env={},
            capture_output=True,
            check=False,
        )
    assert b"Address family not supported" in ended.stderr


def test_expressions_that_are_nested_too_deeply_are_told_as_such():
    with pytest.raises(ScriptFailure, match="nested too deeply") as failed:
        run_isolated(f"x = {'-' * 50_000}1")
    assert failed.value.kind == "syntax"
    assert "launch.py" not in failed.value.run.stderr
