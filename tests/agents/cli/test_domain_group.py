import pytest
from click.testing import CliRunner

from herdwick.agents.cli.domain_group import DomainGroup

from .two_domains import install, template


@pytest.fixture(autouse=True)
def two_other_domains(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


def invoke(*arguments: str, default: str = ""):
    return CliRunner().invoke(DomainGroup("ask", template, default=default), list(arguments))


RIVER = "rivers RiverOptions(depth_m={}, cache=None, is_dry=False) {} embedded\n"


def test_a_new_domain_brings_its_own_options():
    assert invoke("rivers", "Q", "--depth-m", "2").stdout == RIVER.format(2.0, "Q")


def test_a_domain_does_not_take_the_options_of_another():
    assert "No such option '--depth-m'" in invoke("birds", "Q", "--depth-m", "2").stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["rivers", "--model", "vllm", "Q"],
        ["--model", "vllm", "rivers", "Q"],
        ["--model=vllm", "--depth-m", "1", "rivers", "Q"],
    ],
)
def test_options_may_stand_on_either_side_of_the_domain(arguments):
    result = invoke(*arguments)
    assert result.stdout.startswith("rivers ")
    assert result.stdout.endswith(" Q vllm\n")


def test_a_question_that_names_another_domain_stays_a_question():
    assert invoke("rivers", "birds").stdout == RIVER.format(1.0, "birds")


def test_help_of_the_group_lists_the_domains():
    shown = invoke("--help").stdout
    assert "birds   Birds in the sky." in shown
    assert "rivers  Rivers and their depth." in shown


def test_help_of_a_domain_shows_its_options_and_examples_with_its_name():
    shown = invoke("rivers", "--help").stdout
    assert "--depth-m FLOAT" in shown
    assert "herdwick ask rivers Q" in shown


def test_an_unknown_domain_is_wrong_usage():
    result = invoke("fish", "Q")
    assert result.exit_code == 2
    assert "There is no domain 'fish'. Use one of: birds, rivers." in result.stderr


@pytest.mark.parametrize("arguments", [["--model", "m", "--flock", "f"], []])
def test_without_a_domain_the_default_is_meant(arguments):
    result = invoke(*arguments, default="birds")
    assert "Missing argument 'QUESTION'" in result.stderr
    assert "ask birds" in result.stderr
