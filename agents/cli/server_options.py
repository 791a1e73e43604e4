"""The options of the HTTP API, by what they are about.

@click.command()
@address_options
@domain_options
@access_options
@limit_options
def serve_api(host, port, ..., **chosen): ...

Options for a field of `ServerSettings` are passed on under its name.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from herdwick.agents.cli.serve_domains import option_option
from herdwick.agents.embedded import SLOTS
from herdwick.agents.questions import MAX_CHARS
from herdwick.agents.server.settings import DEADLINE_S, GRACE_S, MAX_BODY_BYTES, MAX_QUEUE, RATE

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Command], Command]

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


def _group(*options: Decorator[Any]) -> Decorator[Any]:
    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def _number(
    flag: str, name: str, default: float, least: float, unit: str | None, text: str
) -> Decorator[Any]:
    whole = isinstance(default, int)
    kind = click.IntRange(min=int(least)) if whole else click.FloatRange(min=least)
    return click.option(flag, name, type=kind, default=default, show_default=True, metavar=unit, help=text)


address_options = _group(
    click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.option(
        "--port",
        type=click.IntRange(0, 65_535),
        default=8080,
        show_default=True,
        help="0 takes any that is free.",
    ),
    click.option(
        "--proxy",
        "proxies",
        default="",
        metavar="ADDRESSES",
        help="Proxies whose X-Forwarded-For names the client, commas in between.",
    ),
)
"""Where it listens."""

domain_options = _group(
    click.option(
        "--domain",
        "domains",
        multiple=True,
        help="A domain to serve; may be repeated. Default: all installed.",
    ),
    option_option,
    click.option(
        "--data-folder",
        type=_FOLDER,
        help="Where the files lie that requests may name; default: they may name none.",
    ),
    click.option(
        "--config",
        type=_FILE,
        help="SoAyLLaMA's inference configuration; its llm_name is asked of the model's server.",
    ),
)
"""What is served."""

access_options = _group(
    click.option(
        "--keys",
        "keys_file",
        type=_FILE,
        help="File with the keys of those who may ask, one a line; default: HERDWICK_API_KEYS.",
    ),
    click.option("--open", "is_open", is_flag=True, help="Let everybody ask who reaches the address."),
)
"""Who may ask."""

limit_options = _group(
    _number("--slots", "slots", SLOTS, 1, None, "Questions answered at the same time."),
    _number("--max-queue", "max_queue", MAX_QUEUE, 0, None, "Questions that may wait."),
    click.option(
        "--rate",
        default=RATE,
        show_default=True,
        help="Requests of one client, as 120/minute; 0 for no limit.",
    ),
    _number(
        "--deadline", "deadline_s", DEADLINE_S, 0.001, "SECONDS", "Longest time from a request to its answer."
    ),
    _number("--max-body", "max_body_bytes", MAX_BODY_BYTES, 1, "BYTES", "Longest body of a request."),
    _number("--max-question", "max_question_chars", MAX_CHARS, 1, "CHARACTERS", "Longest question."),
    _number(
        "--grace", "grace_s", GRACE_S, 0.0, "SECONDS", "Longest wait for open requests when told to stop."
    ),
)
"""How much may be asked."""
