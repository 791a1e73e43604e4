"""Measures the ROUGE-L gate against rouge-score, and whether both decide alike.

    figures = bench_rouge(pool=5_000, candidates=40, threshold=0.5, seed=7)
    figures.decision_ratio, figures.same_decisions

Instructions are English phrasings of the seeds, one to three joined. Half of the candidates are new such
ones; the others are members of the pool with words lost, moved and replaced, so that scores lie on both sides
of the threshold. The peer is rouge-score's scorer with a tokenizer that remembers, since Self-Instruct
tokenizes a member once too; it compares a candidate with the whole pool, as Self-Instruct does. Times are the
processor's: neither side waits for anything, and on a busy machine the longer one would be interrupted more.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from herdwick.agents.cli.spread import Spread
from herdwick.selfinstruct.intents import load_seeds
from herdwick.selfinstruct.similarity.rouge import Neighbour, RougeGate, Similarity
from herdwick.tools.errors import DataError

PEER = "rouge-score"

_MOST_PHRASINGS = 3
_GREATEST_CHANGE = 0.6


class RougeBench(BaseModel):
    """How fast candidates are decided, and how often as rouge-score decides.

    Attributes:
        pool: Instructions that each candidate is compared with.
        pool_words: Median length of these.
        threshold: Greatest score admitted.
        candidates: How many were decided.
        admitted: How many of them rouge-score admits.
        same_decisions: How many the gate decides as rouge-score does.
        same_scores: For how many the nearest ten, their scores and the average are the same to the last bit.
        decision: Of the gate, whether to admit.
        record: Of the gate, the nearest ten and the average.
        peer: Of rouge-score, the scores that give both.
        decision_ratio: The peer's median over that of a decision.
        record_ratio: The peer's median over that of a record.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pool: int
    pool_words: float
    threshold: float
    candidates: int
    admitted: int
    same_decisions: int
    same_scores: int
    decision: Spread
    record: Spread
    peer: Spread
    decision_ratio: float
    record_ratio: float


class _Decided(NamedTuple):
    admits: bool
    similarity: Similarity
    decision_s: float
    record_s: float


def bench_rouge(
    pool: int,
    candidates: int,
    threshold: float,
    seed: int,
    progress: Callable[[], None] = lambda: None,
) -> RougeBench:
    """Let the gate and rouge-score decide the same candidates, one after the other.

    Args:
        pool: Instructions to compare with.
        candidates: Instructions to decide.
        threshold: Greatest score admitted.
        seed: Of the instructions.
        progress: Called after each candidate.

    Raises:
        DataError: rouge-score is not installed.
    """
    rng = Random(seed)  # noqa: S311 - instructions to measure with
    phrasings = _phrasings()
    members = [_instruction(phrasings, rng) for _ in range(pool)]
    asked = [
        _changed(rng.choice(members), phrasings, rng) if number % 2 else _instruction(phrasings, rng)
        for number in range(candidates)
    ]
    score = _peer()
    gate = RougeGate(threshold, members)
    # First calls load and allocate, the peer's tokenizer what it remembers.
    _decide(gate, "warm up")
    score("warm up", members)
    by_gate: list[_Decided] = []
    by_peer: list[list[float]] = []
    peer_s: list[float] = []
    for candidate in asked:
        by_gate.append(_decide(gate, candidate))
        started = time.process_time()
        scores = score(candidate, members)
        peer_s.append(time.process_time() - started)
        by_peer.append(scores)
        progress()
    decision = Spread.of([decided.decision_s for decided in by_gate])
    record = Spread.of([decided.record_s for decided in by_gate])
    peer = Spread.of(peer_s)
    pairs = list(zip(by_gate, by_peer, strict=True))
    return RougeBench(
        pool=pool,
        pool_words=statistics.median(len(member.split()) for member in members),
        threshold=threshold,
        candidates=candidates,
        admitted=sum(max(scores) <= threshold for scores in by_peer),
        same_decisions=sum(decided.admits == (max(scores) <= threshold) for decided, scores in pairs),
        same_scores=sum(decided.similarity == _similarity(members, scores) for decided, scores in pairs),
        decision=decision,
        record=record,
        peer=peer,
        decision_ratio=peer.median_s / decision.median_s,
        record_ratio=peer.median_s / record.median_s,
    )


def _decide(gate: RougeGate, candidate: str) -> _Decided:
    started = time.process_time()
    admits = gate.admits(candidate)
    decided = time.process_time()
    similarity = gate.nearest(candidate)
    return _Decided(admits, similarity, decided - started, time.process_time() - decided)


def _similarity(members: Sequence[str], scores: Sequence[float]) -> Similarity:
    """What Self-Instruct records, from rouge-score's scores."""
    order = sorted(range(len(scores)), key=lambda number: -scores[number])[:10]
    return Similarity(
        nearest=tuple(Neighbour(members[number], scores[number]) for number in order),
        average=float(np.mean(scores)),
    )


def _peer() -> Callable[[str, Sequence[str]], list[float]]:
    try:
        from rouge_score.rouge_scorer import RougeScorer
        from rouge_score.tokenizers import DefaultTokenizer, Tokenizer
    except ImportError as error:
        raise DataError("no_peer", "rouge-score is not installed.", "pip install rouge-score") from error

    remembered = cache(DefaultTokenizer(use_stemmer=False).tokenize)

    class Remembering(Tokenizer):  # type: ignore[misc]
        """Tokenizes each text once."""

        def tokenize(self, text: str) -> list[str]:
            tokens: list[str] = remembered(text)
            return tokens

    scorer = RougeScorer(["rougeL"], tokenizer=Remembering())
    return lambda candidate, members: [
        scorer.score(candidate, member)["rougeL"].fmeasure for member in members
    ]


@cache
def _phrasings() -> list[str]:
    """English ones; reading them takes longer than most measurements."""
    return [
        phrasing.text
        for domain in ("aminer", "bgp")
        for listed in load_seeds(domain).phrasings.values()
        for phrasing in listed
        if phrasing.language == "en"
    ]


def _instruction(phrasings: Sequence[str], rng: Random) -> str:
    return " ".join(rng.choices(phrasings, k=rng.randint(1, _MOST_PHRASINGS)))


def _changed(instruction: str, phrasings: Sequence[str], rng: Random) -> str:
    """`instruction` with up to `_GREATEST_CHANGE` of its words lost, moved or replaced."""
    words = instruction.split()
    for _ in range(round(len(words) * rng.uniform(0, _GREATEST_CHANGE))):
        word = words.pop(rng.randrange(len(words)))
        change = rng.choice(["lost", "moved", "replaced"])
        if change != "lost":
            new = word if change == "moved" else rng.choice(rng.choice(phrasings).split())
            words.insert(rng.randint(0, len(words)), new)
    return " ".join(words)
