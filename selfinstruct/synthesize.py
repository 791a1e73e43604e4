"""Synthesis of training data the SoAy way: plan, slots, gold program, run, question.

    seeds = load_seeds("aminer")
    report = synthesize(get_domain("aminer"), seeds, world.askers, count=12_000, seed=7, out=path, run=run)

An example is a question and the completion a model must write: the plan, then the program; or a refusal.
Each program is checked against the solution library and run, and kept only if it runs (arXiv:2405.15165,
section 4.1, builds its data from executed solutions in the same way).
"""

import ast
import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from herdwick.agents.prompt_files import prompt
from herdwick.agents.refusals import REFUSAL_PREFIX
from herdwick.selfinstruct.examples import Example, Rejected, writing
from herdwick.selfinstruct.intents import Intent, Language, Seeds
from herdwick.selfinstruct.line_files import rejects_file
from herdwick.selfinstruct.nearness import Nearness
from herdwick.selfinstruct.sentences import Asker, Filled
from herdwick.tools.domain import Domain
from herdwick.tools.errors import DataError, ProgramError

_T = TypeVar("_T")

REFUSAL_SHARE = 0.10
CHINESE_SHARE = 0.07
MAX_DROPPED_SHARE, MIN_TRIED = 4, 1_000
"""A synthesis gives up after dropping this many times what it should keep, and so many more."""


class Report(BaseModel):
    """What came of a synthesis.

    Attributes:
        kept: Examples written, by intent or reason of refusal.
        languages: Examples written, by language.
        dropped: Examples not written, by reason: a program's error kind, `repeated`, `not_copied` (a literal
            that is not in the question), or `near_evaluation`.
        fingerprint: SHA-256 of the file written.
    """

    model_config = ConfigDict(frozen=True)

    kept: dict[str, int]
    languages: dict[Language, int]
    dropped: dict[str, int]
    fingerprint: str


def synthesize(
    domain: Domain,
    seeds: Seeds,
    askers: Callable[[Random], dict[Language, Asker]],
    *,
    count: int,
    seed: int,
    out: Path,
    run: Callable[[Intent, str], None] | None = None,
    evaluations: Sequence[Nearness] = (),
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Write `count` examples to `out`, and those dropped to `rejects_file(out)`; both atomically.

    Args:
        domain: What the programs call.
        seeds: Intents, phrasings, refusals.
        askers: What turns phrasings into questions, by language; every choice comes from the random numbers
            given.
        count: How many examples.
        seed: Of every random choice; equal arguments give an equal file.
        out: JSONL file, replaced when all is done.
        run: Runs an intent's program and raises `ProgramError` if it fails; None trusts the programs.
        evaluations: Questions that no example may come near.
        progress: Called with the number of examples kept so far.

    Raises:
        DataError: Nearly every example is dropped.
    """
    candidates = _examples(seeds, askers, Random(seed), count)  # noqa: S311 - training data, not secrets
    judge = _Judge(domain, run, evaluations)
    kept, languages, dropped = Counter[str](), Counter[Language](), Counter[str]()
    digest = hashlib.sha256()
    with writing(out) as lines, writing(rejects_file(out)) as rejects:
        while kept.total() < count:
            candidate = next(candidates)
            try:
                judge.check(candidate)
            except ProgramError as error:
                dropped[error.kind] += 1
                rejects.write(_rejected(candidate, error).model_dump_json() + "\n")
                if dropped.total() > MAX_DROPPED_SHARE * count + MIN_TRIED:
                    raise _too_many(dropped, kept.total()) from error
                continue
            line = candidate.example.model_dump_json() + "\n"
            lines.write(line)
            digest.update(line.encode())
            kept[candidate.example.intent] += 1
            languages[candidate.example.language] += 1
            if progress:
                progress(kept.total())
    return Report(kept=kept, languages=languages, dropped=dropped, fingerprint=digest.hexdigest())


@dataclass(frozen=True)
class _Candidate:
    """An example before it is judged; `intent` is None for a refusal."""

    example: Example
    intent: Intent | None
    filled: Filled


class _Judge:
    """Says which candidates may become training data."""

    def __init__(
        self, domain: Domain, run: Callable[[Intent, str], None] | None, evaluations: Sequence[Nearness]
    ) -> None:
        self._domain, self._run, self._evaluations = domain, run, evaluations
        self._seen: set[str] = set()

    def check(self, candidate: _Candidate) -> None:
        """Accept `candidate`.

        Raises:
            ProgramError: It is dropped; the kind says why.
        """
        question = candidate.example.question
        if question in self._seen:
            raise ProgramError("repeated", "The question was asked before.")
        if not _copies(question, candidate.filled.program, self._domain):
            raise ProgramError("not_copied", "A literal of the program is not in the question.")
        for evaluation in self._evaluations:
            # A slip or a greeting must not hide a question of the evaluation.
            if near := evaluation.nearest(candidate.filled.plain or question):
                raise ProgramError("near_evaluation", f"The evaluation asks: {near}")
        if self._run and candidate.intent:
            self._run(candidate.intent, candidate.filled.program)
        self._seen.add(question)


def _rejected(candidate: _Candidate, error: ProgramError) -> Rejected:
    return Rejected(
        kind=error.kind,
        message=error.message,
        intent=candidate.example.intent,
        question=candidate.example.question,
        program=candidate.filled.program,
    )


def _too_many(dropped: Counter[str], kept: int) -> DataError:
    reasons = ", ".join(f"{kind} {number}" for kind, number in dropped.most_common(3))
    return DataError(
        "too_few_examples",
        f"Only {kept} examples could be made: {reasons}.",
        "Ask for fewer, or for a larger graph; if programs fail, the seeds need repair.",
    )


def _examples(
    seeds: Seeds, askers: Callable[[Random], dict[Language, Asker]], rng: Random, count: int
) -> Iterator[_Candidate]:
    """An endless, balanced, shuffled stream."""
    by_language = askers(rng)
    decks = {
        (name, language): itertools.cycle(_shuffled(rng, [p for p in phrasings if p.language == language]))
        for name, phrasings in (*seeds.phrasings.items(), *seeds.refusals.items())
        for language in by_language
        if any(p.language == language for p in phrasings)
    }
    for name in _schedule(seeds, rng, count):
        chinese = (name, "zh") in decks and rng.random() < CHINESE_SHARE
        language: Language = "zh" if chinese else "en"
        intent = seeds.intents.get(name)
        filled = by_language[language].fill(intent, next(decks[name, language]))
        completion = f"{intent.plan}\n{filled.program}\n" if intent else f"{REFUSAL_PREFIX}{name}\n"
        example = Example(
            question=filled.question,
            prompt=prompt("short", question=filled.question),
            completion=completion,
            intent=name,
            language=language,
        )
        yield _Candidate(example, intent, filled)


def _copies(question: str, program: str, domain: Domain) -> bool:
    """Whether every text literal of the program stands in the question, letter by letter or put together.

    Nearly all that pass can be written under the grammar; the exceptions are Chinese phrasings that put a
    number or another name straight after a Latin one, where the grammar sees a single word.
    """
    constants = {*domain.result_fields, *domain.result_values, *domain.argument_values}
    entities = {entity for spec in domain.functions for entity in spec.parameters.values() if entity}
    put_together = {text for entity in entities if entity.together for text in entity.texts_in(question)}
    return all(
        node.value in constants or node.value in question or node.value in put_together
        for node in ast.walk(ast.parse(program))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _schedule(seeds: Seeds, rng: Random, count: int) -> Iterator[str]:
    """Intent ids and refusal reasons, in proportion to their weights, endlessly."""
    weights = {name: seeds.intents[name].weight for name in seeds.phrasings}
    share = sum(weights.values()) * REFUSAL_SHARE / (1 - REFUSAL_SHARE)
    phrasings = sum(len(texts) for texts in seeds.refusals.values())
    weights |= {reason: share * len(texts) / phrasings for reason, texts in seeds.refusals.items()}
    weights = {name: weight * seeds.times.get(name, 1) for name, weight in weights.items()}
    unit = count / sum(weights.values())
    deck = [name for name, weight in weights.items() for _ in range(max(1, round(weight * unit)))]
    while True:
        yield from _shuffled(rng, deck)


def _shuffled(rng: Random, items: Sequence[_T]) -> list[_T]:
    return rng.sample(items, len(items))
