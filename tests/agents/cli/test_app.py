"""The program as a process: exit codes, streams, signals."""

import json
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import entry_points, version
from pathlib import Path

import click
import pytest

from herdwick.agents.cli.app import cli

HERDWICK = [sys.executable, "-m", "herdwick.agents.cli"]
LIST = ["tools", "list", "--json"]


def test_help_names_every_command(herdwick):
    shown = herdwick("-h").stdout
    for command in ("ask", "run", "repl", "tools", "graph", "bench", "doctor", "eval"):
        assert f"\n  {command} " in shown


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command, groups included."""
    yield words
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name)


def test_help_of_every_command_has_examples(invoke):
    own = [words for words in commands(cli) if words[:1] not in [("finetune",), ("selfinstruct",)]]
    assert {
        ("ask", "aminer"),
        ("graph", "build"),
        ("eval", "run"),
        ("tools", "call", "getPublication"),
    } < set(own)
    assert [words for words in own if "Examples:\n" not in invoke(*words, "--help").stdout] == []


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from herdwick.agents.cli import main; main(['--help']); "
        "heavy = 'langchain_core', 'openai', 'torch', 'pydantic', 'rich'; "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_installed_script_is_the_same_program(environment):
    script = Path(sys.executable).with_name("herdwick")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == f"herdwick {version('herdwick')}\n"


def test_an_unknown_command_is_wrong_usage(herdwick):
    result = herdwick("nosuch")
    assert (result.returncode, result.stdout) == (2, "")
    assert "No such command 'nosuch'" in result.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_nobody_reads_any_more_ends_quietly(environment, unbuffered):
    process = subprocess.Popen(
        [*HERDWICK, *LIST],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment | {"PYTHONUNBUFFERED": unbuffered},
    )
    process.stdout.close()
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.wait() == 141


PROGRAM = 'final_result = searchPerson(name="Ada Quill")[0]["num_citation"]'


def through_a_shell(environment, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`herdwick` in the command is the program."""
    script = f'herdwick() {{ {shlex.join(HERDWICK)} "$@"; }}; set -o pipefail; {command}'
    return subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        env=environment | variables,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("options", ["", "--json"])
def test_answers_that_nobody_reads_any_more_end_quietly(environment, graph, options):
    command = f"echo {shlex.quote(PROGRAM)} | herdwick run aminer - --graph {graph} {options} | true"
    result = through_a_shell(environment, command)
    assert (result.returncode, result.stderr) == (141, "")


def test_help_that_nobody_reads_any_more_ends_quietly(environment):
    result = through_a_shell(environment, "herdwick --help | true")
    assert (result.returncode, result.stderr) == (141, "")


@pytest.mark.parametrize(
    "command", ["herdwick --version >&-", "herdwick --help >&-", "herdwick tools list --json >&-"]
)
def test_a_closed_stdout_is_one_error(environment, command):
    result = through_a_shell(environment, command)
    assert result.returncode == 1
    assert result.stderr.splitlines()[0] == "Error: Standard output is closed."
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", ["--help", "--version", "tools list", "tools list --json"])
def test_a_full_disk_is_one_line(environment, arguments, unbuffered):
    result = through_a_shell(environment, f"herdwick {arguments} > /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert (result.returncode, result.stderr) == (
        1,
        "Error: The output cannot be written: No space left on device.\n",
    )


def test_a_closed_stdin_is_empty(environment, graph, valid_answer):
    result = through_a_shell(environment, f"herdwick run aminer - --graph {graph} --json <&-")
    answer = valid_answer(result.stdout)
    assert (answer["status"], answer["program"], result.returncode) == ("error", "", 1)
    assert answer["error"]["kind"] != "internal_error"


def test_a_closed_stderr_hinders_no_answer(environment, graph, valid_answer):
    command = f"echo {shlex.quote(PROGRAM)} | herdwick run aminer - --graph {graph} --json 2>&-"
    assert valid_answer(through_a_shell(environment, command).stdout)["answer"] == 340


@pytest.mark.parametrize(
    "module", ["click", "herdwick.agents.cli.failures", "herdwick.agents.cli.tools", "rich.table"]
)
def test_ctrl_c_during_imports_ends_with_130_and_no_traceback(herdwick, tmp_path, module):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    result = herdwick(*LIST, PYTHONPATH=str(tmp_path))
    assert (result.returncode, result.stdout, result.stderr.strip()) == (130, "", "Interrupted.")


def test_ctrl_c_ends_with_130_and_no_traceback(environment, scripted, graph):
    interrupted = []

    def interrupt(_: object) -> str:
        process.send_signal(signal.SIGINT)
        interrupted.append(True)
        process.wait()
        return "too late"

    scripted.models, scripted.answer_with = {"aminer": "vllm"}, interrupt
    process = subprocess.Popen(
        [*HERDWICK, "ask", "aminer", "Q?", "--graph", str(graph), "--model", scripted.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        # A shell starts background jobs with the signal ignored, and a child inherits that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout, stderr.strip()) == (130, b"", b"Interrupted.")
    assert interrupted == [True]


def test_a_bug_is_two_lines_and_a_traceback_only_on_request(herdwick, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import herdwick.agents.cli.tools as tools\n"
        "def broken(*_): raise ZeroDivisionError('oh')\n"
        "tools.installed_domains = broken\n"
    )
    quiet = herdwick(*LIST, PYTHONPATH=str(tmp_path))
    assert quiet.returncode == 1
    assert json.loads(quiet.stdout)["error"]["kind"] == "internal_error"
    assert quiet.stderr.splitlines() == [
        "Error: ZeroDivisionError: oh",
        "This is a bug. HERDWICK_DEBUG=1 shows where it happened.",
    ]
    loud = herdwick(*LIST, PYTHONPATH=str(tmp_path), HERDWICK_DEBUG="1")
    assert "Traceback (most recent call last):" in loud.stderr


def test_a_terminal_that_lacks_letters_gets_question_marks(herdwick, graph):
    program = 'final_result = [person["name"] for person in searchPerson(name="Ada Quill")] + ["林"]'
    result = herdwick("run", "aminer", "-", "--graph", graph, stdin=program, PYTHONIOENCODING="ascii")
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert (result.returncode, lines[:3]) == (0, ["2 results", "1  Ada Quill", "2  ?"])


def test_the_first_call_on_a_new_machine_makes_its_own_data(herdwick):
    program = 'final_result = len(searchPerson(interest="Robotics"))'
    result = herdwick("run", "aminer", "-", "--json", stdin=program)
    answer = json.loads(result.stdout)
    assert (result.returncode, answer["answer"], answer["data"]["synthetic"]) == (0, 10, True)


def test_every_plug_in_named_in_pyproject_is_registered():
    root = Path(__file__).parents[3]
    declared = tomllib.loads((root / "pyproject.toml").read_text())["project"]["entry-points"]
    found = {entry.name: entry.value for entry in entry_points(group="herdwick.commands")}
    assert found == declared["herdwick.commands"]
