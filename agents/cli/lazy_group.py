"""A group whose commands are named, and imported only when they are used.

    @click.group(cls=LazyGroup, commands_at={"ask": "herdwick.agents.cli.ask:ask"}, plugins="NAME")

A command's line in `--help` is the first line of its module's docstring, read without importing the module.
A command that cannot be imported says so when it is called; all others go on working.
"""

import ast
import importlib.util
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import click


class LazyGroup(click.Group):
    """A group of commands found by name.

    Args:
        commands_at: Where each command is, as `module:attribute`.
        plugins: Entry-point group with more of them; none when ''.
    """

    def __init__(
        self, *args: Any, commands_at: Mapping[str, str], plugins: str = "", **settings: Any
    ) -> None:
        super().__init__(*args, **settings)
        self._commands_at = commands_at
        self._plugins = plugins

    @cached_property
    def _entries(self) -> dict[str, EntryPoint]:
        own = {name: EntryPoint(name, target, self._plugins) for name, target in self._commands_at.items()}
        found = entry_points(group=self._plugins) if self._plugins else ()
        return {entry.name: entry for entry in sorted(found, key=lambda entry: entry.name)} | own

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Own commands in the order given, then those of other packages."""
        del ctx
        return [*self._commands_at, *(name for name in self._entries if name not in self._commands_at)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; one that cannot be imported becomes a command that says so."""
        del ctx
        # Looking for plug-ins reads the metadata of every installed package.
        target = self._commands_at.get(cmd_name)
        entry = EntryPoint(cmd_name, target, self._plugins) if target else self._entries.get(cmd_name)
        return _load(entry) if entry else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(self._entries[name])) for name in self.list_commands(ctx)])


def _load(entry: EntryPoint) -> click.Command:
    try:
        command = entry.load()
    except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way, and must not take others along
        return _broken(entry, error)
    if not isinstance(command, click.Command):
        return _broken(entry, TypeError(f"{entry.value} is not a command"))
    return command


def _broken(entry: EntryPoint, error: Exception) -> click.Command:
    def explain(_: tuple[str, ...]) -> None:
        raise click.ClickException(
            f"`{entry.name}` cannot be loaded from {entry.module}: {type(error).__name__}: {error}\n"
            "Install what it needs, or reinstall herdwick; the other commands still work."
        ) from error

    return click.Command(
        entry.name,
        callback=lambda words: explain(words),
        params=[click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)],
        context_settings={"ignore_unknown_options": True},
        add_help_option=False,
    )


def _summary(entry: EntryPoint) -> str:
    try:
        spec = importlib.util.find_spec(entry.module)
    except ImportError:
        spec = None
    if spec is None or spec.origin is None:
        return "(not installed)"
    source = Path(spec.origin).read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]
