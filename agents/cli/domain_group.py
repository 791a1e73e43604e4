"""A command that exists once for each domain: `herdwick ask aminer …`.

    @click.command()
    @click.argument("question")
    def template(domain: Domain, options: BaseModel, question: str) -> None: ...

    ask = DomainGroup("ask", template)

The template's parameters are joined by the options of the domain, and its examples filled with those of the
domain. Options may stand before the domain. With `routed` a question may come without any.
"""

from collections.abc import Callable, Iterator
from typing import Any

import click

from herdwick.agents.cli.domain_options import chosen_options, domain_parameters
from herdwick.agents.cli.examples import examples_of, examples_of_all
from herdwick.agents.cli.failures import Invocation
from herdwick.agents.cli.list_options import ListCommand
from herdwick.agents.cli.plotting import offered
from herdwick.agents.cli.routed_command import RoutedCommand
from herdwick.tools.domain import Domain, domain_names, get_domain, installed_domains
from herdwick.tools.errors import DomainError


class DomainCommand(ListCommand):
    """A template bound to a domain.

    Args:
        template: Parameters, callback and help; the callback takes `domain` and `options` besides.
        domain: The domain.
        name: Name of the command.
        short_help: Its line in the group's help.
        epilog: Examples; default: the template's, filled with the domain's.
    """

    def __init__(
        self, template: click.Command, domain: Domain, name: str, short_help: str, epilog: str | None = None
    ) -> None:
        super().__init__(
            name,
            callback=template.callback,
            params=[*offered(template.params, domain), *domain_parameters(domain.options)],
            help=template.help,
            epilog=epilog or examples_of(template.epilog or "", domain),
            short_help=short_help,
        )
        self._domain = domain

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; whatever fails from now on is about this domain."""
        ctx.ensure_object(Invocation).domain = self._domain.name
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the template with the domain and its options."""
        ctx.params |= {"domain": self._domain, "options": chosen_options(self._domain.options, ctx)}
        return super().invoke(ctx)


DEFAULT_DOMAIN = "aminer"
"""Meant by commands that need not be told one."""


_UNNAMED = "DOMAIN"
"""Stands where a domain would, in errors as well."""


class DomainGroup(click.Group):
    """One command a domain.

    Args:
        name: Name of the group.
        template: What each command does.
        default: The domain meant when none is named; then one must be named when ''.
        routed: What is done when none is named, instead: a callback of a `RoutedCommand`.
    """

    def __init__(
        self,
        name: str,
        template: click.Command,
        *,
        default: str = "",
        routed: Callable[..., Any] | None = None,
    ) -> None:
        super().__init__(
            name,
            help=template.help,
        )
        self.subcommand_metavar = "[DOMAIN] …" if default or routed else "DOMAIN …"
        self._template = template
        self._default = default
        self._routed = routed

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The domains."""
        del ctx
        return list(domain_names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command for a domain."""
        del ctx
        if cmd_name not in domain_names():
            return None
        domain = get_domain(cmd_name)
        return DomainCommand(self._template, domain, cmd_name, domain.summary)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the domain first, or a word that stands for none."""
        ordered = self._domain_first(args)
        if self._routed and ordered and ordered[0] not in domain_names():
            before = ordered[: ordered.index("--")] if "--" in ordered else ordered
            ordered = ["--help"] if {"--help", "-h"} & {*before} else [_UNNAMED, *ordered]
        return super().parse_args(ctx, ordered)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which domains there are."""
        if self._routed and args[0] == _UNNAMED:
            domains = installed_domains()
            return (
                _UNNAMED,
                RoutedCommand(_UNNAMED, self._template, self._routed, domains, args[1:]),
                args[1:],
            )
        if args[0] not in domain_names():
            raise click.UsageError(
                f"There is no domain {args[0]!r}. Use one of: {', '.join(domain_names())}.", ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the domains."""
        with formatter.section("Domains"):
            formatter.write_dl([(name, _summary(name)) for name in self.list_commands(ctx)])
            formatter.write_text(f"Their options: {ctx.command_path} DOMAIN --help")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show examples; what they are made of is loaded only now."""
        self.epilog = examples_of_all(self._template.epilog or "", [*_usable()])
        super().format_epilog(ctx, formatter)

    def _domain_first(self, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-"):
            return args
        if args in (["--help"], ["-h"]):
            return args
        known = domain_names()
        for position, argument in enumerate(args):
            if argument in known:
                return [argument, *args[:position], *args[position + 1 :]]
        return [self._default, *args] if self._default else args


def _usable() -> Iterator[Domain]:
    for name in domain_names():
        try:
            yield get_domain(name)
        except DomainError:
            # Their list says what is missing, right above.
            continue


def _summary(name: str) -> str:
    try:
        return get_domain(name).summary
    except DomainError as error:
        return f"{error.message} {error.hint}"
