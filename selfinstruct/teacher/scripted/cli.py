"""The command line of the scripted teacher: `teach`, and `faults`, which holds the filter against it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.server_extra import server_extra

if TYPE_CHECKING:
    from herdwick.selfinstruct.teacher.scripted.ledger import FaultReport

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="""\b
Examples:
  herdwick selfinstruct teach --port 8077 --faults 0.2 --ledger planted.jsonl
  herdwick selfinstruct generate aminer --model scripted@http://127.0.0.1:8077/v1 --out items.jsonl
  herdwick selfinstruct faults planted.jsonl items.jsonl
"""
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8_077, show_default=True, help="0: any that is free."
)
@click.option(
    "--faults",
    "share",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Share of the tasks that are spoiled.",
)
@click.option("--seed", type=int, default=5, show_default=True, help="Another seed, other replies.")
@click.option("--ledger", type=FILE, help="JSONL file that tells what was spoiled; it is added to.")
@json_option
def teach(*, host: str, port: int, share: float, seed: int, ledger: Path | None, as_json: bool) -> None:
    """Serve a teacher that needs no model, until told to stop.

    It answers the prompts of `generate aminer` over OpenAI's chat endpoint, with hand-written phrasings and
    their programs about the entities that the prompt names. With --faults some tasks are spoiled in ways that
    the filter should find: broken off, repeated, refused, in another language, or with a wrong program.

    With --json stdout gets one object once connections are accepted.
    """
    with server_extra():
        import uvicorn

        from herdwick.agents.server.run import listen, url_of
        from herdwick.selfinstruct.teacher.scripted.app import MODEL, create_teacher_app
    from herdwick.selfinstruct.teacher.scripted.writer import ScriptedWriter, load_phrasebook

    writer = ScriptedWriter(load_phrasebook(), faults=share, seed=seed)
    with listen(host, port) as listener:
        url = f"{url_of(listener)}/v1"
        if as_json:
            click.echo(json.dumps({"event": "ready", "url": url, "model": f"{MODEL}@{url}"}))
        click.echo(f"Teaching as --model {MODEL}@{url}", err=True)
        app = create_teacher_app(writer, ledger=ledger)
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


@click.command(
    epilog="""\b
Examples:
  herdwick selfinstruct faults planted.jsonl items.jsonl
"""
)
@click.argument("ledger", type=FILE)
@click.argument("items", type=FILE)
@json_option
def faults(ledger: Path, items: Path, *, as_json: bool) -> None:
    """Tell what became of every fault in LEDGER in the run that made ITEMS.

    Exit code: 0 all were rejected, 1 some were kept.
    """
    from herdwick.selfinstruct.teacher.scripted.ledger import check_faults

    report = check_faults(ledger, items)
    click.echo(report.model_dump_json() if as_json else _described(report))
    if report.kept:
        click.get_current_context().exit(1)


def _described(report: "FaultReport") -> str:
    lines = [
        f"{report.planted:,} faults in {report.replies:,} replies: {report.own_reason:,} rejected for what "
        f"they are, {report.earlier_check:,} by an earlier check, {report.kept:,} kept"
    ]
    for kind, count in report.kinds.items():
        reasons = ", ".join(f"{reason} {number}" for reason, number in count.reasons.items()) or "none"
        lines.append(f"  {kind}: {count.planted} planted, {count.kept} kept; rejected as {reasons}")
    lines += [f"  kept: {fault.kind}: {fault.instruction!r}" for fault in report.kept_faults]
    return "\n".join(lines)
