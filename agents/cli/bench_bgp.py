"""`herdwick bench bgp`: reading MRT files, asking about them again, and decoding RIS Live."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from herdwick.agents.cli.failures import json_option
from herdwick.agents.cli.terminal import diagnostics, printable, results

if TYPE_CHECKING:
    from herdwick.tools.bgp.engine_bench import EngineBench
    from herdwick.tools.bgp.live.speed import DecodingSpeed

EXAMPLES = """\b
Examples:
  herdwick bench bgp
  herdwick bench bgp updates.20150401.0000.gz bview.20150401.0000.gz --runs 1 --json
"""


@click.command("bgp", epilog=EXAMPLES)
@click.argument(
    "mrt", metavar="[MRT…]", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--runs", default=3, show_default=True, type=click.IntRange(min=1), help="Runs of each.")
@click.option(
    "--messages",
    default=50_000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Messages of RIS Live to invent and decode.",
)
@json_option
def bench_bgp(mrt: tuple[Path, ...], runs: int, messages: int, as_json: bool) -> None:
    """Measure reading MRT files, asking about them again, and decoding messages of RIS Live.

    Without files the lab capture is read, repeated. The peer that reads files is ftlbgp, which is
    asked for the same values. Messages are
    invented and decoded on one core; their peers are json.loads and a pydantic model, which make no elems.
    """
    from herdwick.tools.bgp import engine_bench
    from herdwick.tools.bgp.live import speed

    with diagnostics().status("reading MRT"):
        rows = engine_bench.bench_engine(mrt, runs)
    with diagnostics().status("decoding messages"):
        decoding = speed.bench_decoding(messages, runs)
    if as_json:
        files = [row.model_dump() for row in rows]
        click.echo(json.dumps({"peer": engine_bench.PEER, "files": files, "live": asdict(decoding)}))
        return
    results().print(_files_table(rows, engine_bench.PEER))
    results().print(_live_table(decoding))


def _files_table(rows: Sequence["EngineBench"], peer: str) -> Table:
    table = Table(
        "file", "elems", "elems/s", f"ratio to {peer}", "expanding", "memory", "first", "second question"
    )
    for row in rows:
        table.add_row(
            printable(row.file),
            f"{row.elems:,}",
            f"{row.elems_per_s:,.0f}",
            f"{row.ratio:.2f}",
            f"{1000 * row.expanding_s:.1f} ms",
            f"{row.memory_mb:.0f} MB",
            f"{row.first_s:.2f} s",
            f"{row.second_s:.3f} s ({row.second_ratio:.0f} times faster)",
        )
    return table


def _live_table(decoding: "DecodingSpeed") -> Table:
    table = Table("RIS Live", "messages/s", "elems/s", "ratio to json.loads", "ratio to pydantic")
    table.add_row(
        f"{decoding.messages:,} messages",
        f"{decoding.messages_per_s:,.0f}",
        f"{decoding.elems_per_s:,.0f}",
        f"{decoding.ratio_to_json:.2f}",
        f"{decoding.ratio_to_pydantic:.2f}",
    )
    return table
