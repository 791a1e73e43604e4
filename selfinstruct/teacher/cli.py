"""The command line of the teacher loop: `generate`, and what `inspect` shows of its files."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from herdwick.agents.cli.failures import json_option, show_warning

if TYPE_CHECKING:
    from herdwick.selfinstruct.teacher.generate import RunProgress
    from herdwick.selfinstruct.teacher.inspection import TeacherSummary
    from herdwick.selfinstruct.teacher.records import TeacherReport

FILE = click.Path(path_type=Path, dir_okay=False)
_KINDS = ("bgp_knowledge", "pybgpstream", "realtime", "aminer")
_BAR = 40
"""Columns of the longest bar of the histogram."""

_EXAMPLES = """\b
Examples:
  herdwick selfinstruct generate bgp_knowledge --model openai --count 500 --out runs/knowledge.jsonl
  herdwick selfinstruct generate pybgpstream --model NAME@http://gpu:8000/v1 --in-flight 32 --out code.jsonl
  herdwick selfinstruct generate aminer --model embedded --count 10 --out runs/aminer.jsonl
"""


@click.command(epilog=_EXAMPLES)
@click.argument("kind", type=click.Choice(_KINDS))
@click.option("--out", type=FILE, required=True, help="JSONL file to write; the same command continues it.")
@click.option("--config", type=FILE, help="YAML file in place of the one that ships; flags override it.")
@click.option("--model", help="The teacher: embedded, vllm, openai, a URL, or NAME@URL.")
@click.option("--count", type=click.IntRange(1), help="Items to keep.")
@click.option("--seed", type=int, help="Another seed, other prompts.")
@click.option("--seeds", type=FILE, help="JSONL file of hand-written tasks.")
@click.option("--prompt", type=FILE, help="File of the system prompt.")
@click.option("--human-seeds", type=click.IntRange(1), help="Hand-written tasks in each prompt.")
@click.option("--machine-seeds", type=click.IntRange(0), help="Kept items in each prompt: bootstrapping.")
@click.option("--items-per-reply", type=click.IntRange(1), help="Tasks asked for in each request.")
@click.option("--structured", type=click.Choice(["auto", "json", "text"]), help="Form of the replies.")
@click.option("--temperature", type=float, help="Of sampling.")
@click.option("--top-p", type=float, help="Of sampling.")
@click.option("--max-tokens", type=click.IntRange(1), help="Longest reply.")
@click.option("--in-flight", type=click.IntRange(1), help="Requests at the same time.")
@click.option("--window", type=click.IntRange(1), help="Most requests ahead of the last one judged.")
@click.option("--requests-per-minute", type=click.IntRange(1), help="Most requests started in a minute.")
@click.option("--timeout", "timeout_s", type=float, help="Longest wait for one reply, in seconds.")
@click.option("--attempts", type=click.IntRange(1), help="Of one request, when what fails may pass.")
@click.option("--least-words", type=click.IntRange(1), help="Of an instruction.")
@click.option("--most-words", type=click.IntRange(1), help="Of an instruction.")
@click.option("--language", help="Of instructions, ISO 639-1.")
@click.option("--rouge", type=click.FloatRange(0, 1), help="Highest likeness to seeds and kept items.")
@click.option("--near-duplicates", type=float, help="Jaccard similarity from which two are the same.")
@click.option("--against", type=FILE, multiple=True, help="Evaluation file that no item may come near.")
@click.option("--execute/--no-execute", default=None, help="Run code, or only check it.")
@click.option("--script-timeout", "script_s", type=float, help="Longest run of a script, in seconds.")
@click.option("--graph-people", type=click.IntRange(1), help="Of the synthetic graph, for aminer.")
@click.option("--graph-papers", type=click.IntRange(1), help="Of the synthetic graph, for aminer.")
@click.option("--graph-seed", type=int, help="Of the synthetic graph, for aminer.")
@click.option("--price-in", type=float, help="Of a million tokens of prompt.")
@click.option("--price-out", type=float, help="Of a million tokens of reply.")
@click.option("--budget-cost", type=float, help="Stop before it costs more.")
@click.option("--budget-tokens", type=click.IntRange(1), help="Stop before it takes more.")
@click.option("--budget-requests", type=click.IntRange(1), help="Stop after so many.")
@click.option("--least-yield", type=click.FloatRange(0, 1), help="Stop when a smaller share is kept.")
@click.option("--yield-window", type=click.IntRange(1), help="Of so many last items.")
@json_option
def generate(kind: str, *, out: Path, config: Path | None, as_json: bool, **flags: Any) -> None:
    """Let a teacher continue hand-written tasks, and keep what is good.

    KIND is bgp_knowledge, pybgpstream, realtime or aminer. Items are unlike each other and the seeds, far
    from evaluations, and their code was run in the sandbox, where it computed something that it does not
    compute from empty data. Beside the file come its rejects with reasons, its report, and a journal, from
    which the same command continues after any interruption. The key of an endpoint comes from
    OPENAI_API_KEY for `openai`, else from HERDWICK_API_KEY.
    """
    from herdwick.selfinstruct.teacher.config import load_config
    from herdwick.selfinstruct.teacher.generate import generate as run
    from herdwick.selfinstruct.teacher.seeds import read_seeds

    overrides = {name: value for name, value in flags.items() if value not in (None, ())}
    chosen = load_config(kind, config, overrides)  # type: ignore[arg-type]
    if not chosen.against:
        show_warning(
            "Items are compared with no evaluation, and a model trained on them may know its questions.",
            "Name the files of those that it will be measured with as --against.",
        )
    # Before the run, which may take hours or fail.
    for broken in read_seeds(chosen.seeds).broken:
        show_warning(f"A seed was left out: {broken}.")
    with click.progressbar(
        length=chosen.count, label="Items", file=sys.stderr, item_show_func=_shown, show_eta=False
    ) as bar:

        def tell(progress: "RunProgress") -> None:
            bar.update(progress.kept - bar.pos, progress)

        report = run(chosen, out, progress=tell)
    click.echo(report.model_dump_json() if as_json else describe_report(report))


def inspect_file(file: Path, *, show: int, html: Path | None, as_json: bool) -> None:
    """Print what is in a file of the teacher loop, or write it as a page."""
    from herdwick.selfinstruct.teacher.inspection import EXAMPLES, summarize

    summary = summarize(file, max(show, EXAMPLES))
    if html:
        from herdwick.selfinstruct.teacher.page import page
        from herdwick.selfinstruct.unwritable import unwritable
        from herdwick.tools.whole_file import write_whole

        try:
            write_whole(html, page(summary, file.name))
        except OSError as error:
            raise unwritable(html, error) from error
    if as_json:
        click.echo(summary.model_dump_json())
        return
    click.echo(_described(summary))
    for item in summary.first_items[:show]:
        click.echo(_printable(f"\n[{item.id}, {item.category}] {item.instruction}\n{item.output}"))


def describe_report(report: "TeacherReport") -> str:
    """A report in some lines."""
    return "\n".join(
        [
            f"{report.kept:,} items of {report.kind}; stopped by {report.stopped}",
            f"dropped: {_listed(report.dropped)}",
            f"{report.requests:,} requests, {report.retries:,} retries; {report.prompt_tokens:,} tokens in, "
            f"{report.reply_tokens:,} out; cost {report.cost:.4f}",
            f"fingerprint: {report.fingerprint}",
        ]
    )


def _described(summary: "TeacherSummary") -> str:
    from herdwick.selfinstruct.teacher.inspection import BINS
    from herdwick.selfinstruct.teacher.page import facts

    most = max(summary.similarities) or 1
    bars = [
        f"  {number / BINS:.1f} {'#' * round(_BAR * count / most):<{_BAR}} {count:,}"
        for number, count in enumerate(summary.similarities)
    ]
    first = {drop.reason: drop for drop in reversed(summary.first_drops)}
    return _printable(
        "\n".join(
            [
                *(f"{name}: {value}" for name, value in facts(summary).items()),
                f"categories: {_listed(summary.categories)}",
                "likeness to the nearest, ROUGE-L:",
                *bars,
                f"dropped: {_listed(summary.dropped)}",
                *(f"  {reason}: {drop.detail or drop.output[:100]!r}" for reason, drop in first.items()),
            ]
        )
    )


def _shown(progress: "RunProgress | None") -> str | None:
    if progress is None:
        return None
    return f"{progress.replies} replies, {progress.in_flight} in flight, {progress.tokens:,} tokens"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name or 'none'} {number}" for name, number in counts.items()) or "none"


def _printable(text: str) -> str:
    from herdwick.agents.cli.terminal import printable

    return printable(text)
