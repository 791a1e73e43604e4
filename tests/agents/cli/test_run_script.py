"""`herdwick run DOMAIN --script`: a script's output as an answer."""

import json
import os
import shutil

import pytest

from herdwick.agents.cli.run_script import output_value, script_answer
from herdwick.tools.bgp.toolkit import SAMPLE
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import BackendError
from herdwick.tools.script_output import ScriptOutput

UPDATES = SAMPLE / "lab00" / "updates.20260101.0000.gz"
WINDOW = "from_time='2026-01-01', until_time='2026-01-01 00:04:00'"
COUNT = f"""
import pybgpstream
stream = pybgpstream.BGPStream({WINDOW}, record_type="updates")
print(sum(elem.type == "W" for elem in stream))
"""

in_sandbox = pytest.mark.skipif(not shutil.which("bwrap"), reason="bubblewrap is not installed")


@pytest.fixture
def run(invoke, valid_answer):
    def run_script(source: str, *options: object):
        result = invoke("run", "bgp", "-", "--script", "--json", *options, stdin=source)
        return valid_answer(result.stdout), result

    return run_script


@in_sandbox
def test_what_a_script_prints_is_the_answer_with_what_it_read(run):
    answer, result = run(COUNT, "--files", UPDATES)
    assert result.exit_code == 0
    assert (answer["answer"], answer["text"], answer["status"]) == (137, "The answer is 137.", "ok")
    assert (answer["program"], answer["plan"], answer["calls"], answer["attempts"]) == (COUNT, [], [], 0)
    assert (answer["domain"], answer["strategy"], answer["model"]) == ("bgp", "script", "")
    assert answer["data"]["files"] == ["updates.20260101.0000.gz"]
    assert answer["data"]["collectors"] == ["lab00"]
    assert answer["data"]["window"] == {"from": "2026-01-01T00:00:00Z", "until": "2026-01-01T00:04:00Z"}
    assert answer["data"]["elems"] == 903
    assert "lab_capture" not in answer["data"]
    assert 0 < answer["timings"]["run_s"] <= answer["timings"]["total_s"]


@in_sandbox
def test_without_files_the_lab_capture_is_read_and_named_as_such(run):
    answer, _ = run(COUNT)
    assert (answer["answer"], "made in a lab" in answer["data"]["lab_capture"]) == (137, True)


@in_sandbox
def test_a_users_window_bounds_the_scripts(run):
    answer, _ = run(COUNT, "--files", UPDATES, "--from", "2026-01-01T00:00", "--until", "2026-01-01T00:01:30")
    assert answer["answer"] < 137
    assert answer["data"]["window"]["until"] == "2026-01-01T00:01:30Z"


@in_sandbox
def test_people_see_the_output_as_it_is_and_the_evidence_below(invoke, tmp_path):
    path = tmp_path / "script.py"
    path.write_text("import sys\nprint('one\\ntwo \\x1b[31m')\nprint('careful', file=sys.stderr)")
    result = invoke("run", "bgp", path, "--script")
    assert result.stdout.startswith("one\ntwo \ufffd[31m\n\nData ")
    assert "Program" not in result.stdout
    assert (result.stderr, result.exit_code) == ("careful\n", 0)
    assert "Program  import sys" in invoke("run", "bgp", path, "--script", "-v").stdout


@in_sandbox
def test_a_script_that_fails_ends_with_1_and_tells_what_it_printed_until_then(run, invoke):
    source = "print('so far')\nraise ValueError('no luck')"
    answer, result = run(source)
    assert (answer["status"], answer["error"]["kind"], result.exit_code) == ("error", "runtime", 1)
    assert (answer["answer"], "no luck" in answer["error"]["message"]) == (None, True)
    assert "ValueError: no luck" in result.stderr
    shown = invoke("run", "bgp", "-", "--script", stdin=source)
    assert shown.stdout.startswith("so far\nThe script failed: ValueError: no luck.")


@in_sandbox
def test_an_exit_code_of_its_own_is_a_failure(run):
    answer, result = run("import sys\nprint('no such peer', file=sys.stderr)\nsys.exit(3)")
    assert (answer["error"]["kind"], result.exit_code) == ("exit_code", 1)
    assert answer["error"]["message"] == "The script ended itself with exit code 3."
    assert result.stderr.startswith("no such peer\n")


@in_sandbox
def test_a_failure_keeps_what_had_been_read(run):
    answer, _ = run(f"{COUNT}\nraise ValueError", "--files", UPDATES)
    assert answer["data"]["files"] == ["updates.20260101.0000.gz"]


@in_sandbox
def test_a_script_of_a_hundred_thousand_characters_is_run_and_a_longer_one_refused(run):
    assert run(f"{'#' * 99_990}\nprint(1)")[0]["answer"] == 1
    assert run(f"print(1)\n{'#' * 100_000}")[0]["error"]["kind"] == "too_long"


def test_without_bubblewrap_nothing_runs_and_the_hint_says_how_to_get_it(run, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    answer, result = run(f"open({str(tmp_path / 'proof')!r}, 'w')\nprint(1)")
    assert (answer["error"]["kind"], result.exit_code) == ("sandbox_unavailable", 1)
    assert answer["error"]["hint"] == "Install it with: apt-get install bubblewrap"
    assert (answer["answer"], os.listdir(tmp_path)) == (None, [])


@in_sandbox
def test_files_that_are_not_there_are_an_answer_with_the_reason(run, tmp_path):
    answer, result = run(COUNT, "--files", tmp_path / "gone.gz")
    assert (answer["error"]["kind"], answer["program"], result.exit_code) == ("no_file", COUNT, 1)


@in_sandbox
def test_what_is_no_python_is_refused(run):
    answer, result = run("print(")
    assert (answer["error"]["kind"], result.exit_code) == ("syntax", 1)


@pytest.mark.parametrize(
    ("domain", "options", "kind"),
    [
        ("aminer", [], "no_scripts"),
        ("bgp", ["--plan", "moas"], "plan_of_script"),
        ("bgp", ["--rpki", "vrps.json"], "bad_option"),
        ("bgp", ["--from", "2026-01-01"], "bad_usage"),
    ],
)
def test_wrong_usage_ends_with_2(invoke, valid_answer, domain, options, kind):
    result = invoke("run", domain, "-", "--script", "--json", *options, stdin="print(1)")
    assert (valid_answer(result.stdout)["error"]["kind"], result.exit_code) == (kind, 2)


def test_a_domain_without_scripts_tells_which_have_some(invoke):
    result = invoke("run", "aminer", "-", "--script", stdin="print(1)")
    assert "The domain aminer runs no scripts." in result.stderr
    assert "Domains with scripts: bgp." in result.stderr


@pytest.mark.parametrize(
    ("stdout", "value"),
    [
        ('{"a": [1, 2.5, null]}\n', {"a": [1, 2.5, None]}),
        ("true", True),
        ("null\n", None),
        ('"x"\n', "x"),
        ("1\n2\n", "1\n2"),
        ("0123\n", "0123"),
        ("NaN\n", "NaN"),
        ("-Infinity", "-Infinity"),
        ("1e999", "1e999"),
        ("[1e999]", "[1e999]"),
        ("  two words \r\n\n", "  two words "),
        ("", ""),
        ("[" * 5_000 + "]" * 5_000, "[" * 5_000 + "]" * 5_000),
        ("9" * 5_000, "9" * 5_000),
    ],
)
def test_output_is_a_json_value_or_text(stdout, value):
    assert output_value(stdout) == value


def answer_of(stdout: str, **more):
    output = ScriptOutput(stdout, "", more.pop("stdout_truncated", False), 0.5, {"elems": 3}, **more)
    return script_answer(get_domain("bgp"), "source", output, total_s=1.0)


def test_text_of_an_answer_is_short_and_never_empty():
    assert answer_of(" \n").text == "The script printed nothing."
    assert answer_of("AS1\nAS2\n").text == "AS1\nAS2"
    assert answer_of("line\n" * 2_000).text == "The script printed 2,000 lines."
    assert answer_of("[]").text == "The data holds nothing that matches."


def test_output_that_was_cut_is_text_and_says_so():
    answer = answer_of("[1]", stdout_truncated=True)
    assert (answer.answer, answer.data) == ("[1]", {"elems": 3, "output_cut": True})


def test_half_a_character_stays_as_it_was_written():
    assert json.loads(answer_of('["\\ud800"]\n').model_dump_json())["answer"] == '["\\ud800"]'


def test_trouble_with_an_archive_is_an_answer_with_the_reason(invoke, valid_answer, monkeypatch):
    def down(source, options):
        raise BackendError("service_down", "The broker is down.", "Try again later.")

    domain = get_domain("bgp")
    monkeypatch.setitem(domain.__dict__, "run_script", down)
    result = invoke("run", "bgp", "-", "--script", "--json", stdin="print(1)")
    assert (valid_answer(result.stdout)["error"]["kind"], result.exit_code) == ("service_down", 1)
