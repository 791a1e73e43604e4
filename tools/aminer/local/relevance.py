"""How well papers answer a search: BM25F over title, keywords and abstract.

    relevance = Relevance(["graph", "theory"], papers_with={"graph": 120, "theory": 900}, papers=10_000, ...)
    relevance.telling_groups()                  # [("graph", "theory")]: what a paper must at least have
    relevance.score(texts)                      # higher is better

BM25F is that of Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009),
section 3.6. SQLite's own `bm25()` counts every occurrence of every word in the graph for each query, which at
millions of papers takes a hundred times longer than the search.
"""

import itertools
import math
from collections.abc import Mapping, Sequence

K1 = 1.2
B = 0.75
"""The usual saturation and length constants of BM25 (ibid., section 3.4)."""

FIELD_WEIGHTS = (8.0, 4.0, 1.0)
"""Of title, keywords and abstract: a word of the title says eight times as much as one of the abstract."""

TELLING_WORDS = 6
"""Rarest words of a query that decide which papers are looked at."""

RARE = 1 / 200
"""Share of papers below which a word does not get more telling: unknown words must not decide alone."""

ENOUGH = 0.6
"""Share of the telling words' weight that a paper must have to be a hit at all."""


class Relevance:
    """Scores papers against one query.

    Args:
        query: Its terms.
        papers_with: In how many papers a term occurs; terms missing here occur in none.
        papers: Number of papers in the graph.
        mean_words: Mean number of words in titles, keywords and abstracts.
    """

    def __init__(
        self, query: Sequence[str], papers_with: Mapping[str, int], papers: int, mean_words: Sequence[float]
    ) -> None:
        self._mean_words = mean_words
        self._known = papers_with.keys()
        self._weights = {word: _rarity(papers_with.get(word, 0), papers) for word in dict.fromkeys(query)}
        self._telling = {
            word: _rarity(max(papers_with.get(word, 0), math.ceil(papers * RARE)), papers)
            for word in self._weights
        }

    def telling_groups(self) -> list[tuple[str, ...]]:
        """Smallest groups of words with enough weight; a paper that has all of one group is a hit.

        No group has a word that occurs nowhere, so there may be none.
        """
        telling = sorted(self._weights, key=lambda word: -self._weights[word])[:TELLING_WORDS]
        enough = ENOUGH * sum(self._telling[word] for word in telling)
        groups: list[tuple[str, ...]] = []
        for size in range(1, len(telling) + 1):
            for group in itertools.combinations(telling, size):
                heavy = sum(self._telling[word] for word in group) >= enough
                if heavy and not any(set(smaller) <= set(group) for smaller in groups):
                    groups.append(group)
        return [group for group in groups if self._known >= set(group)]

    def score(self, texts: Sequence[Sequence[str]]) -> float:
        """The BM25F score of one paper, rounded so that equal papers tie.

        Args:
            texts: Terms of its title, its keywords and its abstract.
        """
        frequencies = dict.fromkeys(self._weights, 0.0)
        for text, weight, mean in zip(texts, FIELD_WEIGHTS, self._mean_words, strict=True):
            norm = 1 - B + B * len(text) / max(mean, 1.0)
            for word in text:
                if word in frequencies:
                    frequencies[word] += weight / norm
        return round(
            sum(
                self._weights[word] * frequency / (K1 + frequency) for word, frequency in frequencies.items()
            ),
            6,
        )


def _rarity(papers_with: int, papers: int) -> float:
    """The weight of a word that occurs in `papers_with` of `papers` (Robertson's idf, kept above 0)."""
    return math.log1p((papers - papers_with + 0.5) / (papers_with + 0.5))
