import sys
from importlib.metadata import EntryPoint

import click
import pytest
from click.testing import CliRunner

from herdwick.agents.cli import lazy_group
from herdwick.agents.cli.lazy_group import LazyGroup

GOOD = '"""Say hello."""\nimport click\n\n@click.command()\ndef hello():\n    click.echo("hello")\n'
BAD = '"""Never works."""\nimport a_package_that_is_not_there\n'


@pytest.fixture
def group(tmp_path, monkeypatch) -> LazyGroup:
    (tmp_path / "good_plugin.py").write_text(GOOD)
    (tmp_path / "bad_plugin.py").write_text(BAD)
    monkeypatch.syspath_prepend(tmp_path)
    found = [
        EntryPoint("zz", "bad_plugin:command", "g"),
        EntryPoint("hey", "good_plugin:hello", "g"),
        EntryPoint("gone", "no_such_module:command", "g"),
        EntryPoint("odd", "json:dumps", "g"),
    ]
    monkeypatch.setattr(lazy_group, "entry_points", lambda group: found)
    yield LazyGroup("root", commands_at={"own": "good_plugin:hello"}, plugins="g")
    sys.modules.pop("good_plugin", None)


def run(group: click.Group, *arguments: str):
    return CliRunner().invoke(group, list(arguments))


def test_help_lists_every_command_with_its_module_s_first_line_and_imports_none(group):
    shown = run(group, "--help").stdout
    assert shown.partition("Commands:\n")[2].splitlines() == [
        "  own   Say hello.",
        "  gone  (not installed)",
        "  hey   Say hello.",
        "  odd   JSON (JavaScript Object Notation) <https://json.org> is a subset of",
        "  zz    Never works.",
    ]
    assert "good_plugin" not in sys.modules
    assert "bad_plugin" not in sys.modules


@pytest.mark.parametrize("name", ["own", "hey"])
def test_a_command_is_imported_when_it_is_called(group, name):
    assert run(group, name).stdout == "hello\n"


def test_a_command_that_cannot_be_imported_says_so_and_the_others_still_work(group):
    result = run(group, "zz", "--any", "option", "word")
    assert result.exit_code == 1
    assert "`zz` cannot be loaded from bad_plugin: ModuleNotFoundError" in result.stderr
    assert "a_package_that_is_not_there" in result.stderr
    assert run(group, "own").exit_code == 0


def test_a_module_that_is_not_there_says_so(group):
    assert "`gone` cannot be loaded from no_such_module" in run(group, "gone").stderr


def test_something_that_is_no_command_is_not_called(group):
    assert "json:dumps is not a command" in run(group, "odd").stderr


def test_an_unknown_command_is_wrong_usage(group):
    assert run(group, "nosuch").exit_code == 2
