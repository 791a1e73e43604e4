import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from herdwick.agents.cli import domain_group
from herdwick.agents.cli.domain_group import DomainGroup
from herdwick.tools.domain import Domain


class RiverOptions(BaseModel):
    depth_m: float = 1.0


class BirdOptions(BaseModel):
    flock: str = ""


DOMAINS = {
    "birds": Domain("birds", "Birds in the sky.", (), BirdOptions, open=lambda _: None),
    "rivers": Domain("rivers", "Rivers and their depth.", (), RiverOptions, open=lambda _: None),
}


@click.command(epilog="herdwick ask DOMAIN Q")
@click.argument("question")
@click.option("--model", default="embedded")
def template(domain: Domain, options: BaseModel, question: str, model: str) -> None:
    """Answer QUESTION."""
    click.echo(f"{domain.name} {options!r} {question} {model}")


@pytest.fixture(autouse=True)
def two_other_domains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain_group, "domain_names", lambda: tuple(DOMAINS))
    monkeypatch.setattr(domain_group, "get_domain", DOMAINS.__getitem__)


def invoke(*arguments: str, default: str = ""):
    return CliRunner().invoke(DomainGroup("ask", template, default=default), list(arguments))


def test_a_new_domain_brings_its_own_options():
    assert invoke("rivers", "Q", "--depth-m", "2").stdout == "rivers RiverOptions(depth_m=2.0) Q embedded\n"


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
    assert invoke("rivers", "birds").stdout == "rivers RiverOptions(depth_m=1.0) birds embedded\n"


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
