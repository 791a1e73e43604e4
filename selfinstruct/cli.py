"""Make training data and look at it.

herdwick selfinstruct generate bgp_knowledge --model openai --count 500 --out runs/knowledge.jsonl
herdwick selfinstruct synthesize aminer --count 12000 --seed 7 --out runs/aminer/train.jsonl
herdwick selfinstruct inspect runs/aminer/train.jsonl
"""

import shlex
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from herdwick.agents.cli.failures import json_option
from herdwick.selfinstruct.bench_cli import bench_generate, bench_rouge
from herdwick.selfinstruct.teacher.cli import generate, inspect_file
from herdwick.selfinstruct.teacher.scripted.cli import faults, teach

if TYPE_CHECKING:
    from herdwick.selfinstruct.gold import GoldRunner
    from herdwick.selfinstruct.intents import Language
    from herdwick.selfinstruct.record import SynthesisRecord
    from herdwick.selfinstruct.routing_world import RoutingWorld
    from herdwick.selfinstruct.summary import Summary
    from herdwick.selfinstruct.world import World

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("selfinstruct")
def selfinstruct_group() -> None:
    """Make training data and look at it."""


selfinstruct_group.add_command(generate)
selfinstruct_group.add_command(bench_generate)
selfinstruct_group.add_command(bench_rouge)
selfinstruct_group.add_command(teach)
selfinstruct_group.add_command(faults)


@selfinstruct_group.command()
@click.argument("domain", type=click.Choice(["aminer", "bgp"]))
@click.option("--count", type=click.IntRange(1), default=12_000, show_default=True, help="Examples to make.")
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed, other questions.")
@click.option("--out", type=FILE, required=True, help="JSONL file to write.")
@click.option(
    "--graph-people", type=click.IntRange(1), default=6_000, show_default=True, help="Of the graph."
)
@click.option(
    "--graph-papers", type=click.IntRange(1), default=12_000, show_default=True, help="Of the graph."
)
@click.option("--files", type=FILE, multiple=True, help="MRT files for bgp; default: the lab capture.")
@click.option("--no-run", is_flag=True, help="Trust the programs instead of running them.")
@click.option(
    "--against", type=FILE, multiple=True, help="Evaluation file whose questions no example may come near."
)
@click.option("--emphasis", type=FILE, help="YAML file of intents to ask more often and in more ways.")
@click.option(
    "--noise", type=FILE, help="YAML file of slips, greetings and orders to put into the questions."
)
@json_option
def synthesize(
    domain: str,
    *,
    count: int,
    seed: int,
    out: Path,
    graph_people: int,
    graph_papers: int,
    files: tuple[Path, ...],
    no_run: bool,
    against: tuple[Path, ...],
    emphasis: Path | None,
    noise: Path | None,
    as_json: bool,
) -> None:
    """Make questions with programs for DOMAIN; the same options make the same file.

    Entities come from a synthetic graph, or from MRT files, and every program is checked and run against
    them. Beside the file come its report (.report.json) and what was dropped, with reasons (.rejects.jsonl).
    """
    from herdwick.selfinstruct.emphasis import emphasize
    from herdwick.selfinstruct.intents import load_seeds
    from herdwick.selfinstruct.nearness import Nearness
    from herdwick.selfinstruct.noise import load_noise
    from herdwick.selfinstruct.record import SynthesisRecord, record_file, seeds_fingerprint, source_commit
    from herdwick.selfinstruct.synthesize import synthesize as make
    from herdwick.tools.domain import get_domain
    from herdwick.tools.file_hash import sha256_of

    _require_kept((emphasis, noise, *against), out)
    seeds = load_seeds(domain)
    if emphasis:
        seeds = emphasize(seeds, emphasis)
    noisy = load_noise(noise) if noise else None
    # Before the long part, in which somebody may edit them.
    emphasis_fingerprint = sha256_of(emphasis) if emphasis else ""
    noise_fingerprint = sha256_of(noise) if noise else ""
    evaluations = [Nearness.of_file(file, get_domain(domain).spelled) for file in against]
    with ExitStack() as stack:
        world = stack.enter_context(_world(domain, seed, graph_people, graph_papers, files))
        run = None if no_run else stack.enter_context(_runner(world, domain))
        bar = stack.enter_context(click.progressbar(length=count, label="Examples", file=sys.stderr))
        report = make(
            get_domain(domain),
            seeds,
            noisy.over(world.askers) if noisy else world.askers,
            count=count,
            seed=seed,
            out=out,
            run=run,
            evaluations=evaluations,
            progress=lambda kept: bar.update(kept - bar.pos),
        )
    record = SynthesisRecord(
        **report.model_dump(),
        domain=domain,
        command=_command(click.get_current_context().params),
        seeds_fingerprint=seeds_fingerprint(domain),
        commit=source_commit(),
        executed=not no_run,
        emphasis_fingerprint=emphasis_fingerprint,
        noise_fingerprint=noise_fingerprint,
    )
    record.write(record_file(out))
    click.echo(record.model_dump_json() if as_json else _describe_record(record))


@selfinstruct_group.command()
@click.argument("file", type=FILE)
@click.option("--show", type=click.IntRange(0), default=3, show_default=True, help="Examples to print.")
@click.option("--intent", default="", help="Print examples of this intent only.")
@click.option("--html", type=FILE, help="Write a page about a file of `generate`.")
@json_option
def inspect(file: Path, *, show: int, intent: str, html: Path | None, as_json: bool) -> None:
    """Count what is in the training FILE of `synthesize` or `generate`, and show some of it."""
    from herdwick.selfinstruct.examples import read_examples
    from herdwick.selfinstruct.summary import summarize
    from herdwick.selfinstruct.teacher.records import is_teacher_file

    if is_teacher_file(file):
        if intent:
            raise click.UsageError("--intent is for files of `synthesize`.")
        inspect_file(file, show=show, html=html, as_json=as_json)
        return
    if html:
        raise click.UsageError("--html is for files of `generate`.")
    summary = summarize(file)
    if as_json:
        click.echo(summary.model_dump_json())
        return
    click.echo(_describe(summary))
    chosen = [example for example in read_examples(file) if intent in ("", example.intent)]
    for example in chosen[:show]:
        click.echo(
            f"\n[{example.intent}, {example.language}] {example.question}\n{example.completion}", nl=False
        )


def _require_kept(inputs: "Iterable[Path | None]", out: Path) -> None:
    """Refuse an `out` that is one of the files read."""
    from herdwick.tools.errors import DataError

    for file in inputs:
        if file and file.resolve() == out.resolve():
            raise DataError(
                "same_file", f"{file} would be replaced by the examples.", "Choose another --out."
            )


def _world(
    domain: str, seed: int, people: int, papers: int, files: tuple[Path, ...]
) -> "AbstractContextManager[World | RoutingWorld]":
    if domain == "bgp":
        from herdwick.selfinstruct.routing_world import routing_world

        return routing_world(seed=seed, files=files)
    from herdwick.selfinstruct.world import synthetic_world

    return synthetic_world(people=people, papers=papers, seed=seed)


@contextmanager
def _runner(world: "World | RoutingWorld", domain: str) -> "Iterator[GoldRunner]":
    from herdwick.selfinstruct.gold import GoldRunner
    from herdwick.tools.domain import get_domain
    from herdwick.tools.sandbox import ProgramSandbox

    with world.toolkit() as toolkit, ProgramSandbox() as sandbox:
        yield GoldRunner.over(toolkit, sandbox, get_domain(domain), world.known(), world.absences)


def _command(params: dict[str, object]) -> str:
    """The command line that makes the file again; of files outside this folder it has the names alone."""
    words = ["herdwick", "selfinstruct", "synthesize", str(params["domain"])]
    graph = ("graph_people", "graph_papers") if params["domain"] == "aminer" else ()
    for name in ("count", "seed", *graph, "against", "emphasis", "noise", "out"):
        value = params[name]
        for one in value if isinstance(value, tuple) else () if value is None else (value,):
            words += [f"--{name.replace('_', '-')}", _shown(one)]
    files = params["files"]
    words += [f"--files={_shown(Path(file))}" for file in (files if isinstance(files, tuple) else ())]
    return shlex.join([*words, *(["--no-run"] if params["no_run"] else [])])


def _shown(value: object) -> str:
    # Where a file lay on this machine says nothing to others.
    return value.name if isinstance(value, Path) and value.is_absolute() else str(value)


def _describe_record(record: "SynthesisRecord") -> str:
    fewest = min(record.kept, key=record.kept.__getitem__)
    most = max(record.kept, key=record.kept.__getitem__)
    return "\n".join(
        [
            f"{sum(record.kept.values()):,} examples of {len(record.kept)} intents and refusals "
            f"(from {record.kept[fewest]} of {fewest} to {record.kept[most]} of {most})",
            f"languages: {_listed(record.languages)}",
            f"dropped: {_listed(record.dropped)}",
            f"fingerprint: {record.fingerprint}",
        ]
    )


def _describe(summary: "Summary") -> str:
    dropped = (
        f"  {kind}: {reject.message} {reject.question!r}" for kind, reject in summary.first_dropped.items()
    )
    return "\n".join(
        [
            f"{summary.examples:,} examples, {summary.distinct_questions:,} distinct questions",
            f"languages: {_listed(summary.languages)}",
            f"question: median {summary.question_chars.median:.0f} characters, longest "
            f"{summary.question_chars.longest}",
            f"completion: median {summary.completion_chars.median:.0f} characters, longest "
            f"{summary.completion_chars.longest}",
            f"intents: {_listed(summary.intents)}",
            f"dropped: {_listed(summary.dropped)}",
            *dropped,
        ]
    )


def _listed(counts: "dict[str, int] | dict[Language, int]") -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items()) or "none"
