"""A command that exists once for each domain: `herdwick ask aminer …`.

    @click.command()
    @click.argument("question")
    def template(domain: Domain, options: BaseModel, question: str) -> None: ...

    ask = DomainGroup("ask", template)

The template's parameters are joined by the options of the domain; `DOMAIN` in its examples becomes the
domain's name. Options may stand before the domain.
"""

from typing import Any

import click

from herdwick.agents.cli.domain_options import chosen_options, domain_parameters
from herdwick.agents.cli.failures import Invocation
from herdwick.agents.cli.list_options import ListCommand
from herdwick.tools.domain import Domain, domain_names, get_domain


class DomainCommand(ListCommand):
    """A template bound to a domain.

    Args:
        template: Parameters, callback and help; the callback takes `domain` and `options` besides.
        domain: The domain.
        name: Name of the command.
        short_help: Its line in the group's help.
    """

    def __init__(self, template: click.Command, domain: Domain, name: str, short_help: str) -> None:
        super().__init__(
            name,
            callback=template.callback,
            params=[*template.params, *domain_parameters(domain.options)],
            help=template.help,
            epilog=_examples(template, domain.name),
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


class DomainGroup(click.Group):
    """One command a domain.

    Args:
        name: Name of the group.
        template: What each command does.
        default: The domain meant when none is named; then one must be named when ''.
    """

    def __init__(self, name: str, template: click.Command, *, default: str = "") -> None:
        super().__init__(name, help=template.help, epilog=_examples(template, next(iter(domain_names()))))
        self.subcommand_metavar = "[DOMAIN] …" if default else "DOMAIN …"
        self._template = template
        self._default = default

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
        """Put the domain first."""
        return super().parse_args(ctx, self._domain_first(args))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which domains there are."""
        if args[0] not in domain_names():
            raise click.UsageError(
                f"There is no domain {args[0]!r}. Use one of: {', '.join(domain_names())}.", ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the domains."""
        with formatter.section("Domains"):
            formatter.write_dl([(name, get_domain(name).summary) for name in self.list_commands(ctx)])
            formatter.write_text(f"Their options: {ctx.command_path} DOMAIN --help")

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


def _examples(template: click.Command, domain: str) -> str:
    return (template.epilog or "").replace("DOMAIN", domain)
