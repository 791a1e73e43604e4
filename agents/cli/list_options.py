"""Options that take several values, as shells write them: `--authors a.jsonl b.jsonl`.

    @click.command(cls=ListCommand)
    @click.option("--authors", cls=ListOption, type=click.Path(path_type=Path))

The values end at the next option or at `--`. A value after the first that has white space and names no file
ends them too, so that a question may follow.
"""

import os.path
from collections.abc import Collection, Sequence
from typing import Any

import click


class ListOption(click.Option):
    """An option with one or more values."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings | {"multiple": True})


class ListCommand(click.Command):
    """A command that understands `ListOption`s."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, with each value behind an option of its own."""
        flags = {flag for option in self.params if isinstance(option, ListOption) for flag in option.opts}
        return super().parse_args(ctx, spread(args, flags))


def spread(arguments: Sequence[str], flags: Collection[str]) -> list[str]:
    """Repeat list options: `--files a b` becomes `--files a --files b`.

    Args:
        arguments: As typed.
        flags: The list options.
    """
    written: list[str] = []
    flag, has_value = "", False
    for position, argument in enumerate(arguments):
        if argument == "--":
            return [*written, *arguments[position:]]
        if argument.startswith("-") and argument != "-":
            name, equals, _ = argument.partition("=")
            flag, has_value = (name, bool(equals)) if name in flags else ("", False)
        elif flag and has_value and _is_value(argument):
            written.append(flag)
        elif has_value:
            flag = ""
        else:
            has_value = bool(flag)
        written.append(argument)
    return written


def _is_value(argument: str) -> bool:
    # Not `Path.exists`: it fails where a name is too long, and a question may be.
    return not any(map(str.isspace, argument)) or os.path.exists(argument)
