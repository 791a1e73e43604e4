"""A command for which nobody named the domain: `herdwick ask "…"`.

    command = RoutedCommand("ask", template, callback, domains, args)

An option that only some domains have leaves only those. The callback takes the template's parameters and a
`DomainChoice`, from which it chooses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import click
from pydantic import BaseModel

from herdwick.agents.cli.domain_options import chosen_options, domain_parameters
from herdwick.agents.cli.list_options import ListCommand
from herdwick.agents.cli.plotting import PLOT_FLAG, offered
from herdwick.tools.domain import Domain


@dataclass(frozen=True)
class DomainChoice:
    """The domains that a call may mean.

    Attributes:
        domains: Those that take all the options given; at least one.
        deciding: The options that left out the others.
        options_of: The options given, as one of the domains takes them, or a `click.UsageError`.
    """

    domains: tuple[Domain, ...]
    deciding: tuple[str, ...]
    options_of: Callable[[Domain], BaseModel]


class RoutedCommand(ListCommand):
    """A template that is bound to a domain only when it runs.

    Args:
        name: Name of the command.
        template: Its parameters, the first of which is the question.
        callback: What it does; takes `choice` besides.
        domains: All domains.
        args: What was typed.

    Raises:
        click.UsageError: No domain takes all the options.
    """

    def __init__(
        self,
        name: str,
        template: click.Command,
        callback: Callable[..., Any],
        domains: Sequence[Domain],
        args: Sequence[str],
    ) -> None:
        self._fitting, self._deciding = fitting_domains(domains, args)
        self._template = template
        self._args = tuple(args)
        super().__init__(
            name,
            callback=callback,
            # Whatever else is given, all that fit take it.
            params=[
                *offered(template.params, self._fitting[0]),
                *domain_parameters(self._fitting[0].options),
            ],
            help=template.help,
            context_settings={"allow_extra_args": True},
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the question.

        Raises:
            click.UsageError: There is more than one, so that the first was to be a domain.
        """
        rest = super().parse_args(ctx, args)
        if rest:
            words = next(
                ctx.params[option.name] for option in self.params if isinstance(option, click.Argument)
            )
            known = ", ".join(domain.name for domain in self._fitting)
            raise click.UsageError(
                f"There is no domain {words!r}. Use one of: {known}; or put the question in quotes.", ctx
            )
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Call the callback with the choice."""

        def options_of(domain: Domain) -> BaseModel:
            parameters = [*offered(self._template.params, domain), *domain_parameters(domain.options)]
            command = ListCommand(self.name, params=parameters)
            with command.make_context(ctx.info_name, [*self._args], parent=ctx.parent) as own:
                return chosen_options(domain.options, own)

        wanted = {parameter.name for parameter in self._template.params}
        ctx.params = {name: value for name, value in ctx.params.items() if name in wanted}
        ctx.params["choice"] = DomainChoice(self._fitting, self._deciding, options_of)
        return super().invoke(ctx)


def fitting_domains(
    domains: Sequence[Domain], args: Sequence[str]
) -> tuple[tuple[Domain, ...], tuple[str, ...]]:
    """The domains that take every option in `args`, and the options that not all of them take.

    Options that none of them takes are left to whoever parses.

    Raises:
        click.UsageError: No domain takes all.
    """
    flags = {domain.name: _flags(domain) for domain in domains}
    known = {flag for taken in flags.values() for flag in taken}
    given = dict.fromkeys(flag for flag in _options_in(args) if flag in known)
    deciding = tuple(flag for flag in given if any(flag not in taken for taken in flags.values()))
    fitting = tuple(domain for domain in domains if flags[domain.name].issuperset(deciding))
    if not fitting:
        raise click.UsageError(f"No domain takes all of these options: {', '.join(deciding)}.")
    return fitting, deciding


def _flags(domain: Domain) -> frozenset[str]:
    parameters = domain_parameters(domain.options)
    flags = {flag for option in parameters for flag in (*option.opts, *option.secondary_opts)}
    return frozenset(flags | {PLOT_FLAG} if domain.plots else flags)


def _options_in(args: Sequence[str]) -> Sequence[str]:
    before = args[: args.index("--")] if "--" in args else args
    return [argument.partition("=")[0] for argument in before if argument.startswith("--")]
