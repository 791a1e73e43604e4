"""Texts that are nearly one that is there already, among many.

    programs = NearDuplicates(program_features)
    programs.add(program)
    programs.nearest(other)      # Duplicate(text=program, jaccard=0.94), or None

Two texts are near duplicates where Jaccard's coefficient of their features, the share of those in either that
are in both, reaches the threshold. MinHash with locality-sensitive hashing proposes candidates (Broder 1997;
Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3), and each is compared exactly, so that
nothing is found wrongly.
"""

from collections.abc import Callable
from dataclasses import dataclass

from datasketch import MinHash, MinHashLSH

NEAR = 0.8
"""Of ten words or shingles, one may be another: 9 of 11 in common are 0.82."""

HASHES = 128
"""Of each text; datasketch's default."""

MISSED = 0.0001
"""Greatest probability that a pair at the threshold is not proposed."""


@dataclass(frozen=True)
class Duplicate:
    """What a text nearly repeats.

    Attributes:
        text: As it was added.
        jaccard: Of the features of both, from the threshold to 1.
    """

    text: str
    jaccard: float


class NearDuplicates:
    """An index of texts, found again by their features.

    Args:
        features: What is compared, see `features`; a text without any is no duplicate of anything.
        threshold: Least Jaccard coefficient of near duplicates, from 0.07 to 1.

    Raises:
        ValueError: The threshold is outside these.
    """

    def __init__(self, features: Callable[[str], frozenset[str]], threshold: float = NEAR) -> None:
        self._features = features
        self._threshold = threshold
        self._known: list[tuple[str, frozenset[str]]] = []
        self._index = MinHashLSH(num_perm=HASHES, params=_bands_and_rows(threshold))

    def __len__(self) -> int:
        return len(self._known)

    def add(self, text: str) -> None:
        """Make `text` one that others may repeat."""
        features = self._features(text)
        if features:
            self._index.insert(len(self._known), _sketch(features))
        self._known.append((text, features))

    def nearest(self, text: str) -> Duplicate | None:
        """The text most like `text`, of equals the one added first; None if none is a near duplicate."""
        features = self._features(text)
        if not features:
            return None
        candidates = [self._known[number] for number in sorted(self._index.query(_sketch(features)))]
        found = [
            Duplicate(known, jaccard)
            for known, others in candidates
            if (jaccard := len(features & others) / len(features | others)) >= self._threshold
        ]
        return max(found, key=lambda duplicate: duplicate.jaccard, default=None)


def _bands_and_rows(threshold: float) -> tuple[int, int]:
    """The most selective index that misses hardly a pair at the threshold.

    A pair with coefficient s agrees in one band of r hashes with probability s^r, and is proposed if it
    agrees in any. More hashes in a band propose fewer pairs that are none, and miss more that are. datasketch
    asks for two bands.
    """
    fitting = [
        (HASHES // rows, rows)
        for rows in range(1, HASHES // 2 + 1)
        if 0 < threshold <= 1 and (1 - threshold**rows) ** (HASHES // rows) <= MISSED
    ]
    if not fitting:
        raise ValueError(f"A threshold of {threshold} is not from 0.07 to 1.")
    return fitting[-1]


def _sketch(features: frozenset[str]) -> MinHash:
    sketch = MinHash(num_perm=HASHES)
    # A lone surrogate is a feature like any other.
    sketch.update_batch([feature.encode("utf-8", "surrogatepass") for feature in features])
    return sketch
