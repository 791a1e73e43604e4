"""The ROUGE-L gate of Self-Instruct: is an instruction too like one that is there already?

    gate = RougeGate(0.5, seeds)
    if gate.admits(instruction):
        similarity = gate.nearest(instruction, k=10)     # .nearest, .average: both go into the record
        gate.add(instruction)

Scores are ROUGE-L's F-measure (Lin 2004; the gate: Wang et al. 2023, section 2.2, threshold 0.7; BGP-LLaMA
takes 0.5). They are the very floats of `rouge_score.rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)`,
so that a score at the threshold is decided as it decides. As there, tokens are runs of a-z and 0-9: a text in
another script has none, scores 0 against everything, and is left to `near_duplicates`.

What makes it fast: a token becomes a character and an instruction a string, which RapidFuzz compares bit by
bit in parallel, without conversion. A decision first counts the tokens that a member has in common with the
instruction in any order, which no common subsequence can exceed, as it cannot exceed the shorter length;
only members that this leaves are compared. A member is tokenized once, and a candidate that is asked about
again is compared only with members added since.
"""

import re
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import LCSseq
from rapidfuzz.process import cdist

from herdwick.tools.errors import DataError

MOST_TOKENS = sys.maxunicode
"""Different tokens that a pool may have; each is one character other than NUL."""

_TOKEN = re.compile("[a-z0-9]+")
_UNKNOWN = "\0"

_Counts = npt.NDArray[np.integer[Any]]
_Scores = npt.NDArray[np.float64]
_Occurrence = tuple[str, int]


@dataclass(frozen=True)
class Neighbour:
    """A member of the pool and how like it is.

    Attributes:
        text: The member.
        score: ROUGE-L's F-measure, from 0 to 1.
    """

    text: str
    score: float


@dataclass(frozen=True)
class Similarity:
    """How like an instruction is to a pool.

    Attributes:
        nearest: The most similar members, most similar first, of equals the one added first.
        average: The mean score over the whole pool; 0 of an empty one.
    """

    nearest: tuple[Neighbour, ...]
    average: float


class RougeGate:
    """A pool of instructions, and which others are unlike all of them.

    Args:
        threshold: Greatest score that is still admitted, from 0 to 1.
        pool: Instructions to begin with.

    Raises:
        DataError: As `add`.
    """

    def __init__(self, threshold: float, pool: Iterable[str] = ()) -> None:
        self._threshold = threshold
        self._texts: list[str] = []
        self._spelled: list[str] = []
        self._lengths = array("q")
        self._characters: dict[str, str] = {}
        self._having: defaultdict[_Occurrence, array[int]] = defaultdict(lambda: array("q"))
        self._asked = ""
        self._scored: _Scores = np.empty(0)
        for text in pool:
            self.add(text)

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, text: str) -> None:
        """Make `text` a member, whatever the gate says of it.

        Raises:
            DataError: The pool would have more than `MOST_TOKENS` different tokens.
        """
        tokens = _tokens(text)
        unknown = dict.fromkeys(token for token in tokens if token not in self._characters)
        if len(self._characters) + len(unknown) > MOST_TOKENS:
            raise DataError(
                "pool_too_large",
                f"More than {MOST_TOKENS:,} different words are too many for one pool.",
                "Divide the instructions into several pools.",
            )
        for number, token in enumerate(unknown, len(self._characters) + 1):
            self._characters[token] = chr(number)
        spelled = self._spell(tokens)
        for occurrence in _occurrences(spelled):
            self._having[occurrence].append(len(self))
        self._texts.append(text)
        self._spelled.append(spelled)
        self._lengths.append(len(spelled))

    def admits(self, text: str) -> bool:
        """Whether no member scores more than the threshold."""
        return self.too_like(text) is None

    def too_like(self, text: str) -> Neighbour | None:
        """The member most like `text`, if it scores more than the threshold; None otherwise."""
        spelled, lengths = self._spell(_tokens(text)), np.array(self._lengths)
        bounds = _f_measures(self._tokens_in_common(spelled), len(spelled), lengths)
        suspects = np.flatnonzero(bounds > self._threshold)
        if not len(suspects):
            return None
        common = _common_subsequences(spelled, [self._spelled[number] for number in suspects])
        scores = _f_measures(common, len(spelled), lengths[suspects])
        best = int(np.argmax(scores))
        if scores[best] <= self._threshold:
            return None
        return Neighbour(self._texts[suspects[best]], float(scores[best]))

    def nearest(self, text: str, k: int = 10) -> Similarity:
        """The `k` members most like `text`, and the average over all."""
        scores = self._scores(text)
        order = np.argsort(-scores, kind="stable")[:k]
        return Similarity(
            nearest=tuple(Neighbour(self._texts[number], float(scores[number])) for number in order),
            average=float(scores.mean()) if len(scores) else 0.0,
        )

    def _scores(self, text: str) -> _Scores:
        """Of `text` with each member; if it was the last text too, only those of new members are computed."""
        known = self._scored if text == self._asked else np.empty(0)
        spelled, added = self._spell(_tokens(text)), slice(len(known), None)
        common = _common_subsequences(spelled, self._spelled[added])
        fresh = _f_measures(common, len(spelled), np.array(self._lengths[added]))
        self._asked, self._scored = text, np.concatenate([known, fresh])
        return self._scored

    def _spell(self, tokens: Iterable[str]) -> str:
        return "".join(self._characters.get(token, _UNKNOWN) for token in tokens)

    def _tokens_in_common(self, spelled: str) -> _Counts:
        """How many tokens each member shares with an instruction, in whatever order."""
        having = [
            np.asarray(self._having[occurrence])
            for occurrence in _occurrences(spelled)
            if occurrence in self._having
        ]
        members = np.concatenate([np.empty(0, np.int64), *having])
        return np.bincount(members, minlength=len(self))


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower())


def _occurrences(spelled: str) -> Iterator[_Occurrence]:
    """Each character with the number of its occurrence: what two texts share is what is in both sets."""
    seen: Counter[str] = Counter()
    for character in spelled:
        yield character, seen[character]
        seen[character] += 1


def _common_subsequences(spelled: str, members: Sequence[str]) -> _Counts:
    """Lengths of the longest common subsequences of `spelled` with each member."""
    if not members:
        return np.empty(0, np.int64)
    lengths: _Counts = cdist([spelled], members, scorer=LCSseq.similarity, dtype=np.int64)[0]
    return lengths


def _f_measures(common: _Counts, length: int, lengths: _Counts) -> _Scores:
    """rouge-score's F-measures, operation by operation, so that not even the last bit differs.

    Args:
        common: Tokens in common with each member.
        length: Tokens of the instruction.
        lengths: Tokens of each member.
    """
    # Without tokens nothing is in common: the score is 0 whatever it is divided by.
    precision, recall = common / max(length, 1), common / np.maximum(lengths, 1)
    total = precision + recall
    scores: _Scores = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    return scores
