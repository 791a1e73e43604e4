"""Synthesis of training data the SoAy way: plan, slots, gold program, run, question.

    seeds = load_seeds("aminer")
    report = synthesize(get_domain("aminer"), seeds, pools, count=12_000, seed=7, out=path, run=run)

An example is a question and the completion a model must write: the plan, then the program; or a refusal.
Each program is checked against the solution library and run, and kept only if it runs (arXiv:2405.15165,
section 4.1, builds its data from executed solutions in the same way).
"""

import ast
import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from herdwick.agents.prompt_files import prompt
from herdwick.agents.refusals import REFUSAL_PREFIX
from herdwick.selfinstruct.entities import EntityPool
from herdwick.selfinstruct.intents import Intent, Language, Seeds
from herdwick.selfinstruct.phrase import Phraser
from herdwick.tools.domain import Domain
from herdwick.tools.errors import ProgramError

_T = TypeVar("_T")

REFUSAL_SHARE = 0.10
CHINESE_SHARE = 0.07


class Example(BaseModel):
    """One line of a training set."""

    model_config = ConfigDict(frozen=True)

    question: str
    prompt: str
    completion: str
    intent: str
    language: Language


@dataclass
class Report:
    """What came of a synthesis.

    Attributes:
        kept: Examples written, by intent.
        failed: Programs that did not run, by error kind.
        fingerprint: SHA-256 of the file written.
    """

    kept: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    fingerprint: str = ""


def synthesize(
    domain: Domain,
    seeds: Seeds,
    pools: dict[Language, list[EntityPool]],
    *,
    count: int,
    seed: int,
    out: Path,
    run: Callable[[Intent, str], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Write `count` examples to `out`, atomically.

    Args:
        domain: What the programs call.
        seeds: Intents, phrasings, refusals.
        pools: Entities by language of the question; each question draws from one of them.
        count: How many examples.
        seed: Of every random choice; equal arguments give an equal file.
        out: JSONL file, replaced when all is done.
        run: Runs an intent's program and raises `ProgramError` if it fails; None trusts the programs.
        progress: Called with the number of examples kept so far.
    """
    report = Report()
    seen: set[str] = set()
    digest = hashlib.sha256()
    partial = out.with_suffix(out.suffix + ".partial")
    out.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("w", encoding="utf-8") as lines:
        for example, intent, program in _examples(seeds, pools, Random(seed), count):  # noqa: S311
            if sum(report.kept.values()) == count:
                break
            if example.question in seen or not _copies(example.question, program, domain):
                continue
            if run and intent:
                try:
                    run(intent, program)
                except ProgramError as error:
                    report.failed[error.kind] += 1
                    continue
            seen.add(example.question)
            line = example.model_dump_json() + "\n"
            lines.write(line)
            digest.update(line.encode())
            report.kept[example.intent] += 1
            if progress:
                progress(len(seen))
    partial.replace(out)
    report.fingerprint = digest.hexdigest()
    return report


def _examples(
    seeds: Seeds, pools: dict[Language, list[EntityPool]], rng: Random, count: int
) -> Iterator[tuple[Example, Intent | None, str]]:
    """An endless, balanced, shuffled stream."""
    phrasers = {language: Phraser(pools[language], seeds.descriptions[language], rng) for language in pools}
    decks = {
        (name, language): itertools.cycle(_shuffled(rng, [p for p in phrasings if p.language == language]))
        for name, phrasings in (*seeds.phrasings.items(), *seeds.refusals.items())
        for language in pools
        if any(p.language == language for p in phrasings)
    }
    for name in _schedule(seeds, rng, count):
        chinese = (name, "zh") in decks and rng.random() < CHINESE_SHARE
        language: Language = "zh" if chinese else "en"
        intent = seeds.intents.get(name)
        filled = phrasers[language].fill(intent, next(decks[name, language]))
        completion = f"{intent.plan}\n{filled.program}\n" if intent else f"{REFUSAL_PREFIX}{name}\n"
        example = Example(
            question=filled.question,
            prompt=prompt("short", question=filled.question),
            completion=completion,
            intent=name,
            language=language,
        )
        yield example, intent, filled.program


def _copies(question: str, program: str, domain: Domain) -> bool:
    """Whether constrained decoding could write the program: every literal stands in the question."""
    constants = {*domain.result_fields, *domain.result_values}
    return all(
        node.value in constants or node.value in question
        for node in ast.walk(ast.parse(program))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _schedule(seeds: Seeds, rng: Random, count: int) -> Iterator[str]:
    """Intent ids and refusal reasons, in proportion to their weights, endlessly."""
    weights = {name: seeds.intents[name].weight for name in seeds.phrasings}
    share = sum(weights.values()) * REFUSAL_SHARE / (1 - REFUSAL_SHARE)
    phrasings = sum(len(texts) for texts in seeds.refusals.values())
    weights |= {reason: share * len(texts) / phrasings for reason, texts in seeds.refusals.items()}
    unit = count / sum(weights.values())
    deck = [name for name, weight in weights.items() for _ in range(max(1, round(weight * unit)))]
    while True:
        yield from _shuffled(rng, deck)


def _shuffled(rng: Random, items: Sequence[_T]) -> list[_T]:
    return rng.sample(items, len(items))


def read_examples(path: Path) -> list[Example]:
    """The examples of a file that `synthesize` wrote."""
    with path.open(encoding="utf-8") as lines:
        return [Example.model_validate(json.loads(line)) for line in lines]
