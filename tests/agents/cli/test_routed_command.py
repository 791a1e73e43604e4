"""A question without a domain: options that decide, options that all domains share."""

import click
import pytest
from click.testing import CliRunner

from herdwick.agents.cli.domain_group import DomainGroup
from herdwick.agents.cli.routed_command import DomainChoice, fitting_domains

from .two_domains import DOMAINS, install, template


def routed(choice: DomainChoice, question: str, model: str) -> None:
    click.echo(f"{question} {model} {', '.join(choice.deciding)}".rstrip())
    for domain in choice.domains:
        click.echo(f"{domain.name} {choice.options_of(domain)!r}")


@pytest.fixture(autouse=True)
def two_other_domains(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)


def invoke(*arguments: str):
    return CliRunner().invoke(DomainGroup("ask", template, routed=routed), list(arguments))


BOTH = "birds BirdOptions(flock=(), cache=None)\nrivers RiverOptions(depth_m=1.0, cache=None, is_dry=False)\n"


@pytest.mark.parametrize(
    "arguments",
    [["Q?", "--model", "m"], ["--model=m", "Q?"], ["--model", "m", "--", "Q?"]],
)
def test_without_a_domain_all_domains_may_be_meant(arguments):
    assert invoke(*arguments).stdout == f"Q? m\n{BOTH}"


def test_a_domain_that_is_named_is_meant():
    assert invoke("birds", "Q?").stdout == "birds BirdOptions(flock=(), cache=None) Q? embedded\n"
    assert invoke("--model", "m", "birds", "Q?").stdout.endswith(" Q? m\n")


def test_an_option_that_one_domain_has_decides_for_it():
    shown = invoke("Q?", "--depth-m", "2")
    assert shown.stdout.startswith("Q? embedded --depth-m\nrivers RiverOptions(depth_m=2.0,")
    assert "birds" not in shown.stdout
    assert "rivers" in invoke("--no-is-dry", "Q?").stdout
    assert "flock=(PosixPath('a'), PosixPath('b'))" in invoke("--flock", "a", "b", "Which flock?").stdout


def test_an_option_that_all_have_decides_nothing_and_goes_to_each():
    shown = invoke("Q?", "--cache", "c").stdout
    assert shown.startswith("Q? embedded\nbirds ")
    assert shown.count("cache=PosixPath('c')") == 2


def test_options_of_different_domains_are_wrong_usage():
    result = invoke("Q?", "--depth-m", "2", "--flock", "a")
    assert result.exit_code == 2
    assert "No domain takes all of these options: --depth-m, --flock." in result.stderr


def test_behind_two_dashes_there_are_no_options():
    assert invoke("--", "--depth-m").stdout == f"--depth-m embedded\n{BOTH}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["fish", "Q?"],
            "There is no domain 'fish'. Use one of: birds, rivers; or put the question in quotes.",
        ),
        (["How", "deep", "is", "it?"], "There is no domain 'How'."),
        (["Q?", "--nosuch"], "No such option '--nosuch'"),
        (["--model", "m"], "Missing argument 'QUESTION'"),
        (["Q?", "--depth-m", "deep"], "'deep' is not a valid float"),
    ],
)
def test_wrong_usage_ends_with_2(arguments, message):
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in " ".join(result.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["Q?", "--help"], ["--model", "m", "--help"]])
def test_help_lists_the_domains(arguments):
    result = CliRunner().invoke(
        DomainGroup("ask", template, routed=routed),
        arguments,
        default_map={},
        help_option_names=["-h", "--help"],
    )
    assert "birds   Birds in the sky." in result.stdout
    assert "[DOMAIN]" in result.stdout


def test_what_no_domain_has_is_left_to_the_parser():
    assert fitting_domains([*DOMAINS.values()], ["--nosuch", "--model=m"]) == (tuple(DOMAINS.values()), ())
