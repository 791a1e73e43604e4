"""List the functions of the domains, show or call one."""

import json
import sys
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel, JsonValue

from herdwick.agents.cli.domain_group import DomainCommand
from herdwick.agents.cli.examples import call_examples
from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.plotting import check_drawable, draw_result, plot_option
from herdwick.agents.cli.terminal import results
from herdwick.agents.cli.tool_view import function_view, functions_view
from herdwick.agents.errors import UsageError
from herdwick.tools.domain import Domain, get_domain, installed_domains
from herdwick.tools.errors import ToolFailure
from herdwick.tools.functions import FunctionSpec
from herdwick.tools.tool import FunctionTool, functions_of

CALL_EXAMPLES = """\b
Examples:
  herdwick tools call searchPerson '{"name": "Olga Zhuravlev"}'
  herdwick tools call as_graph '{"asn": 64499}' --files rib.20150401.0000.gz --json
  herdwick tools call searchPublication - < arguments.json
"""

EXAMPLES = """\b
Examples:
  herdwick tools list bgp
  herdwick tools show searchPerson
  herdwick tools call searchPerson '{"name": "Olga Zhuravlev"}'
"""

SHOW_EXAMPLES = """\b
Examples:
  herdwick tools show searchPerson
  herdwick tools show bgp.moas
  herdwick tools show moas --json
"""

LIST_EXAMPLES = """\b
Examples:
  herdwick tools list
  herdwick tools list aminer --json
"""


@click.group(epilog=EXAMPLES)
def tools() -> None:
    """List the functions of the domains, show or call one."""


@tools.command("list", epilog=LIST_EXAMPLES)
@click.argument("domain", required=False, metavar="[DOMAIN]")
@json_option
def list_(domain: str | None, as_json: bool) -> None:
    """List every function, with what it must be given; of one DOMAIN or of all. `show` tells all about one.

    With --json, one object with the JSON schemas of arguments and results.
    """
    chosen = (get_domain(domain),) if domain else installed_domains()
    if as_json:
        described = [_described(known, spec) for known in chosen for spec in known.functions]
        click.echo(json.dumps({"functions": described}, ensure_ascii=False))
        return
    for known in chosen:
        results().print(functions_view(known))


@tools.command(epilog=SHOW_EXAMPLES)
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show one function: every argument, and every field of what it returns.

    With --json, one object with the JSON schemas of arguments and result.
    """
    found = _function(name)
    if found is None:
        raise click.UsageError(_no_function(name))
    if as_json:
        click.echo(json.dumps(_described(*found), ensure_ascii=False))
        return
    results().print(function_view(*found))


@click.command()
@click.argument("arguments", metavar="JSON")
@plot_option
@json_option
def call_template(
    domain: Domain, options: BaseModel, arguments: str, as_json: bool, plot: Path | None = None
) -> None:
    """Call a function with the arguments of a JSON object; `-` reads it from standard input.

    Exit code: 0 it answered, 1 it could not, 2 wrong usage.
    """
    name = (click.get_current_context().info_name or "").rpartition(".")[2]
    if plot:
        check_drawable(domain, name)
    given = read_arguments(arguments)
    with domain.open(options) as toolkit:
        bound = {tool.name: tool for tool in functions_of(toolkit.get_tools())}
        value = call(bound[name], given)
        click.echo(json.dumps(value, ensure_ascii=False, indent=None if as_json else 2))
        if plot:
            draw_result(domain, toolkit, name, given, value, plot).tell(quiet=as_json)


def read_arguments(text: str) -> dict[str, Any]:
    """Arguments as a JSON object; `-` stands for standard input.

    Raises:
        UsageError: It is no JSON object.
    """
    source = sys.stdin.read() if text == "-" else text
    try:
        given = json.loads(source)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            "bad_json", f"The arguments are not JSON: {error}.", """Write them as '{"name": "value"}'."""
        ) from error
    if not isinstance(given, dict):
        raise UsageError("bad_json", "The arguments are no JSON object.", """Write '{"name": "value"}'.""")
    return given


def call(tool: FunctionTool, given: dict[str, Any]) -> JsonValue:
    """The function's value as JSON.

    Raises:
        UsageError: It does not take these arguments.
        HerdwickError: The call failed.
    """
    try:
        value: JsonValue = tool.as_json(tool.call(**given))
    except ToolFailure as error:
        if error.kind != "bad_arguments":
            raise
        hint = error.hint or f"See what it takes: herdwick tools show {tool.name}"
        raise UsageError(error.kind, error.message, hint) from error
    return value


class FunctionGroup(click.Group):
    """One command for each function of each domain, with the options of its domain."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The functions; those whose name several domains use carry their domain's."""
        del ctx
        return list(_functions())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command that calls a function, named alone or as `DOMAIN.NAME`."""
        del ctx
        found = _function(cmd_name)
        if found is None:
            return None
        domain, spec = found
        return DomainCommand(
            call_template, domain, cmd_name, spec.description, epilog=call_examples(domain, spec)
        )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which functions there are."""
        if self.get_command(ctx, args[0]) is None:
            raise click.UsageError(_no_function(args[0]), ctx)
        return super().resolve_command(ctx, args)


def _functions() -> dict[str, tuple[Domain, FunctionSpec]]:
    every = [(known, spec) for known in installed_domains() for spec in known.functions]
    names = [spec.name for _, spec in every]
    return {
        spec.name if names.count(spec.name) == 1 else f"{known.name}.{spec.name}": (known, spec)
        for known, spec in every
    }


def _function(name: str) -> tuple[Domain, FunctionSpec] | None:
    """The function named alone or as `DOMAIN.NAME`."""
    listed = _functions()
    if name in listed:
        return listed[name]
    prefix, _, own = name.partition(".")
    return next(
        ((known, spec) for known, spec in listed.values() if (known.name, spec.name) == (prefix, own)), None
    )


def _no_function(name: str) -> str:
    return f"There is no function {name!r}. Use one of: {', '.join(_functions())}."


def _described(domain: Domain, spec: FunctionSpec) -> dict[str, JsonValue]:
    return {
        "domain": domain.name,
        "name": spec.name,
        "description": spec.description,
        "arguments": spec.args_schema.model_json_schema(),
        "result": spec.result_adapter.json_schema(mode="serialization"),
    }


tools.add_command(
    FunctionGroup(
        "call",
        help="Call one function; what it takes is shown by `herdwick tools show NAME`.",
        epilog=CALL_EXAMPLES,
        subcommand_metavar="NAME JSON",
    )
)
