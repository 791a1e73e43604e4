"""Serve answers over HTTP, or a model to other programs."""

from collections.abc import Sequence

import click

from herdwick.agents.cli.lazy_group import LazyGroup

COMMANDS = {name: f"herdwick.agents.cli.serve_{name}:serve_{name}" for name in ("api", "engine")}
"""Each has options of its own, so each is a command of its own."""

EXAMPLES = """\b
Examples:
  herdwick serve --api
  herdwick serve --api --help
  herdwick serve --engine llamacpp
  herdwick serve --engine vllm --help
"""


class ServeGroup(LazyGroup):
    """`--api` and `--engine` choose the command; `--engine` stays, since it names one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command first.

        Raises:
            click.UsageError: Neither of the two is there, or both are.
        """
        return super().parse_args(ctx, command_first(args, ctx))

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What help shows as usage."""
        del ctx
        return ["[--api | --engine llamacpp|vllm]", "[OPTIONS]"]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List both, as they are written."""
        super().format_commands(ctx, formatter)
        formatter.write_text(f"Their options: {ctx.command_path} --api --help, --engine NAME --help")


def command_first(args: Sequence[str], ctx: click.Context | None = None) -> list[str]:
    """`args` with the command in front of its own options.

    Raises:
        click.UsageError: They choose no command, or two.
    """
    is_api = "--api" in args
    is_engine = any(argument == "--engine" or argument.startswith("--engine=") for argument in args)
    if is_api and is_engine:
        raise click.UsageError("--api and --engine serve different things. Use one of them.", ctx)
    if is_api:
        return ["api", *(argument for argument in args if argument != "--api")]
    if is_engine:
        return ["engine", *args]
    if {"--help", "-h"} & {*args} or (args and args[0] in COMMANDS):
        return [*args]
    raise click.UsageError("Say what to serve: --api for answers, --engine NAME for a model.", ctx)


serve = ServeGroup(
    "serve",
    commands_at=COMMANDS,
    epilog=EXAMPLES,
    help="Serve answers over HTTP (--api), or a model to other programs (--engine).\n\n"
    "The API takes questions and gives answers with their evidence. An engine takes prompts, as OpenAI's "
    "API does; `herdwick ask --model URL` asks it.",
)
