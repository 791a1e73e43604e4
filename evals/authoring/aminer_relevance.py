"""How relevant papers are to a topic: BM25F as searchPublication documents it, computed from the dump alone.

    relevance = Relevance(papers)
    relevance.score(paper, "turbine blades")

S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), sections 3.4
and 3.6, with the idf of Lucene, log(1 + (N - n + 0.5) / (n + 0.5)), which is never negative.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from functools import cache, cached_property
from statistics import fmean

from herdwick.evals.authoring.aminer_records import Paper, plain

K1, B = 1.2, 0.75

FIELDS: tuple[tuple[float, Callable[[Paper], str]], ...] = (
    (8.0, lambda paper: paper.title),
    (4.0, lambda paper: " ".join(paper.keywords)),
    (1.0, lambda paper: paper.abstract),
)
"""What a word counts where it is found."""


class Relevance:
    """Relevance within one collection of papers.

    Args:
        papers: The collection.
        keywords_length: Factor on the mean length of keyword lists. Other counts than ours, such as one with
            the separators, come to other means; an order that depends on it is nobody's to expect.
    """

    def __init__(self, papers: Collection[Paper], keywords_length: float = 1.0) -> None:
        self._papers = papers
        self._keywords_length = keywords_length

    def score(self, paper: Paper, topic: str) -> float:
        """BM25F of `paper` for `topic`; higher is better."""
        frequencies: dict[str, float] = defaultdict(float)
        for (weight, text), mean in zip(FIELDS, self._mean_lengths, strict=True):
            found = _words(text(paper))
            for word in found:
                frequencies[word] += weight / (1 - B + B * len(found) / mean)
        return sum(
            self._idf(word) * frequencies[word] / (K1 + frequencies[word]) for word in set(_words(topic))
        )

    def _idf(self, word: str) -> float:
        found = self._containing[word]
        return math.log1p((len(self._papers) - found + 0.5) / (found + 0.5))

    @cached_property
    def _containing(self) -> Counter[str]:
        return Counter(
            word
            for paper in self._papers
            for word in {word for _, text in FIELDS for word in _words(text(paper))}
        )

    @cached_property
    def _mean_lengths(self) -> list[float]:
        title, keywords, abstract = (
            fmean(len(_words(text(paper))) for paper in self._papers) for _, text in FIELDS
        )
        return [title, self._keywords_length * keywords, abstract]


@cache
def _words(text: str) -> list[str]:
    # One word an ideograph, as is usual where words are not set apart.
    return re.sub(r"([\u4e00-\u9fff])", r" \1 ", plain(text)).split()
