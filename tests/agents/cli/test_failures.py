"""Failures as programs see them: with `--json`, whatever fails prints one valid object."""

import click
import pytest
from click.testing import CliRunner

from herdwick.agents.cli.failures import FailureGroup, json_option
from herdwick.agents.errors import UsageError
from herdwick.tools.errors import DataError


@pytest.mark.parametrize(
    ("arguments", "domain"),
    [
        (["ask", "aminer", "x", "--json", "--strategy", "bogus"], "aminer"),
        (["ask", "aminer", "--json"], "aminer"),
        (["ask", "aminer", "x", "--nosuch", "--json"], "aminer"),
        (["ask", "--json"], ""),
        (["ask", "nosuch", "x", "--json"], ""),
        (["run", "aminer", "nope.py", "--json"], "aminer"),
        (["tools", "call", "searchPerson", "--json"], "aminer"),
        (["tools", "call", "nosuch", "{}", "--json"], ""),
        (["graph", "build", "--json"], ""),
        (["nosuch", "--json"], ""),
        (["--nosuch", "--json"], ""),
    ],
)
def test_wrong_usage_is_a_valid_answer_and_says_how_on_stderr(invoke, valid_answer, arguments, domain):
    result = invoke(*arguments)
    answer = valid_answer(result.stdout)
    assert (answer["status"], answer["error"]["kind"], answer["domain"]) == ("error", "bad_usage", domain)
    assert answer["error"]["message"] in result.stderr.replace("\n", " ")
    assert (result.stderr.startswith("Usage: "), result.exit_code) == (True, 2)


@pytest.mark.parametrize(
    "arguments", [["ask", "aminer", "x", "--strategy", "bogus"], ["run", "aminer", "--", "--json"]]
)
def test_without_json_wrong_usage_prints_nothing_on_stdout(invoke, arguments):
    result = invoke(*arguments)
    assert (result.stdout, result.exit_code) == ("", 2)


def failing(error: Exception) -> click.Group:
    @click.command()
    @json_option
    def fail(as_json: bool) -> None:
        raise error

    class Group(FailureGroup):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return fail

    return Group("herdwick", commands_at={})


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (DataError("missing_graph", "There is no graph.", "Check the path."), "missing_graph", 1),
        (UsageError("bad_option", "No such option."), "bad_option", 2),
        (ZeroDivisionError("oh \udcff"), "internal_error", 1),
        (click.ClickException("It is broken."), "bad_command", 1),
    ],
)
def test_whatever_a_command_raises_is_a_valid_answer(valid_answer, error, kind, code):
    result = CliRunner().invoke(failing(error), ["fail", "--json"])
    assert (valid_answer(result.stdout)["error"]["kind"], result.exit_code) == (kind, code)
    assert result.stderr.startswith("Error: ")
