"""Check that everything needed is installed and works."""

import json

import click
from rich.text import Text

from herdwick.agents.cli.failures import NOT_ANSWERED, json_option
from herdwick.agents.cli.health import Check, health_checks
from herdwick.agents.cli.terminal import printable, results

EXAMPLES = """\b
Examples:
  herdwick doctor
  herdwick doctor --model embedded
  herdwick doctor --model http://127.0.0.1:8000/v1 --json
"""

_MARKS = {
    "ok": ("✓", "green"),
    "optional": ("○", "dim"),
    "warning": ("!", "yellow"),
    "broken": ("✗", "red"),
}
_NAME_CHARS = 20


@click.command(epilog=EXAMPLES)
@click.option(
    "--model", metavar="MODEL", help="Ask this model for a word as well; any name that `ask` takes."
)
@json_option
def doctor(model: str | None, as_json: bool) -> None:
    """Check that everything needed is installed and works, and say what to do where it does not.

    Looks at Python, packages and extras, the embedded model and its adapters, the sandbox, the data each
    domain comes with, and the folders things are kept in.

    Exit code: 0 all that is needed works, 1 something does not.
    """
    checks = []
    for check in health_checks(model):
        checks.append(check)
        if not as_json:
            results().print(_line(check), soft_wrap=True)
    broken = any(check.status == "broken" for check in checks)
    if as_json:
        found = [check.model_dump() for check in checks]
        click.echo(json.dumps({"status": "error" if broken else "ok", "checks": found}, ensure_ascii=False))
    click.get_current_context().exit(NOT_ANSWERED if broken else 0)


def _line(check: Check) -> Text:
    mark, colour = _MARKS[check.status]
    hint = f"\n{'':{_NAME_CHARS + 2}}{check.hint}" if check.hint else ""
    name = f" {check.name:<{_NAME_CHARS - 1}} "
    return Text.assemble((mark, colour), (name, "bold"), printable(check.detail), (printable(hint), "cyan"))
