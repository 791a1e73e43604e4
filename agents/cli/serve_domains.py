"""What several domains are opened with, in one option that may be repeated.

@option_option
def serve_api(options, ...):
    opened_with(installed_domains(), options)       # by domain: {"bgp": BGPOptions(...), ...}
"""

from collections.abc import Mapping, Sequence

import click
from pydantic import BaseModel

from herdwick.agents.cli.domain_options import chosen_options, domain_parameters
from herdwick.agents.cli.list_options import ListCommand
from herdwick.tools.domain import Domain

option_option = click.option(
    "--option",
    "options",
    multiple=True,
    metavar="DOMAIN.NAME=VALUE",
    help="What a domain is opened with, named as for `herdwick ask`; may be repeated.",
)


def opened_with(domains: Sequence[Domain], given: Sequence[str]) -> Mapping[str, BaseModel]:
    """What each domain is opened with.

    Args:
        domains: The domains served.
        given: `DOMAIN.NAME=VALUE` each, as on the command line.

    Raises:
        click.UsageError: A text has another shape, or names no option of a domain served, or a wrong value.
    """
    typed: dict[str, list[str]] = {domain.name: [] for domain in domains}
    for text in given:
        name, dot, assigned = text.partition(".")
        option, equals, value = assigned.partition("=")
        if not dot or not equals or name not in typed:
            raise click.UsageError(
                f"--option {text!r} is not DOMAIN.NAME=VALUE with one of these domains: {', '.join(typed)}."
            )
        typed[name].append(f"--{option}={value}")
    return {domain.name: _options_of(domain, typed[domain.name]) for domain in domains}


def _options_of(domain: Domain, typed: list[str]) -> BaseModel:
    command = ListCommand(f"--option {domain.name}", params=[*domain_parameters(domain.options)])
    with command.make_context(command.name, typed) as ctx:
        return chosen_options(domain.options, ctx)
