"""Scripts of the kind people publish, unchanged, in tier two: they print what bgpdump's lines amount to.

`expected.json` is what `oracle.py` makes of `bgpdump -m`; no code of ours takes part in it.
"""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

from herdwick.tools.bgp.engine.sources import find_files
from herdwick.tools.bgp.scripts import Bounds, run_script
from herdwick.tools.sandbox.scripts import ScriptFailure

HERE = Path(__file__).parent
SCRIPTS = sorted(path.stem for path in (HERE / "scripts").glob("*.py"))
EXPECTED = json.loads((HERE / "expected.json").read_text())
ON_THE_LAB_TABLE = ("rib_origins", "visibility")
ON_THE_LAB_UPDATES = ("origin_changes",)


def load_oracle():
    spec = importlib.util.spec_from_file_location("oracle", HERE / "oracle.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ORACLE = load_oracle()


def files_for(name):
    if name in ON_THE_LAB_TABLE:
        return [ORACLE.RIB]
    return [ORACLE.UPDATES] if name in ON_THE_LAB_UPDATES else [ORACLE.RIS, ORACLE.JINX]


def source(name):
    return (HERE / "scripts" / f"{name}.py").read_text()


def bounds_for(name):
    """A live script needs an end by its user."""
    return Bounds(until_time=ORACLE.T0 + 900) if name == "live_stop" else None


def test_there_are_enough_of_them():
    assert len(SCRIPTS) >= 20
    assert set(SCRIPTS) == set(EXPECTED) == set(ORACLE.EXPECTED)


@pytest.mark.usefixtures("bubblewrap")
@pytest.mark.parametrize("name", SCRIPTS)
def test_it_prints_what_bgpdump_says(name):
    result = run_script(source(name), find_files(files_for(name)), bounds=bounds_for(name))
    errors = [line for line in result.stderr.splitlines() if "Deprecat" not in line]
    assert (result.stdout.splitlines(), errors, result.exit_code) == (EXPECTED[name], [], 0)
    assert len(EXPECTED[name]) > 0
    assert result.problems == ()


@pytest.mark.usefixtures("bubblewrap")
@pytest.mark.parametrize("name", SCRIPTS)
def test_without_its_data_it_fails_instead_of_printing_zeros(name, tmp_path):
    other = ORACLE.RIS if name in (*ON_THE_LAB_TABLE, *ON_THE_LAB_UPDATES) else ORACLE.UPDATES
    assert why_not(name, other) in ("no_data", "unknown_collector", "no_file", "caught by the script")


def why_not(name, file):
    """Why a script has no result; some catch the error, but the result still tells of it."""
    try:
        result = run_script(source(name), find_files([file]), bounds=bounds_for(name))
    except ScriptFailure as failure:
        return failure.kind
    return "caught by the script" if result.exit_code == 1 and result.problems else result


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.skipif(not shutil.which("bgpdump"), reason="bgpdump is not installed")
def test_the_expected_values_are_bgpdumps(name):
    assert json.loads(json.dumps(ORACLE.EXPECTED[name]())) == EXPECTED[name]
