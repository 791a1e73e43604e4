"""Finds papers by title or topic.

    PaperSearch(reader).ranks("graph theory", limit=10)

Papers of exactly that title come first, then those whose title has the words as an unbroken run, then those
that have all words anywhere; only if there are none, those that have most of the words' weight. Each kind is
ordered by relevance (see `relevance`), ties by citations.
"""

import json

from herdwick.tools.aminer.local import matching
from herdwick.tools.aminer.local.folding import stems, words
from herdwick.tools.aminer.local.graph_reader import GraphReader
from herdwick.tools.aminer.local.relevance import Relevance

CANDIDATES = 300
"""Most papers of one kind that are scored, the most cited ones: bounds the time of a broad topic."""


class PaperSearch:
    """Searches the papers of one graph."""

    def __init__(self, reader: GraphReader) -> None:
        self._reader = reader
        self._papers = int(reader.meta["papers"])
        self._mean_words: list[float] = json.loads(reader.meta["mean_words"])

    def ranks(self, publication_info: str, limit: int) -> list[int]:
        """Ranks of the best papers, best first."""
        query = words(publication_info)
        if not query:
            return []
        exact = self._exact(query, limit)
        if len(exact) == limit:
            return exact
        similar = self._similar(stems(publication_info), matching.search_terms(publication_info), limit)
        return [*exact, *(rank for rank in similar if rank not in exact)][:limit]

    def _exact(self, query: list[str], limit: int) -> list[int]:
        key = " ".join(query)
        found = self._reader.rows(
            "SELECT rank, title FROM paper WHERE title_hash = ? ORDER BY rank", matching.title_hash(key)
        )
        return [rank for rank, title in found if matching.title_key(title) == key][:limit]

    def _similar(self, run: list[str], terms: list[str], limit: int) -> list[int]:
        relevance = Relevance(terms, self._papers_with(run, terms), self._papers, self._mean_words)
        runs = set(self._matches(matching.title_run(run)))
        others: set[int] = set()
        if len(runs) < limit:
            others |= set(self._matches(matching.all_in_title(terms)))
            others |= set(self._matches(matching.any_group([terms])))
        groups = relevance.telling_groups()
        if groups and not runs and not others:
            others = set(self._matches(matching.any_group(groups)))
        return [*self._by_score(runs, relevance), *self._by_score(others - runs, relevance)]

    def _papers_with(self, run: list[str], terms: list[str]) -> dict[str, int]:
        """In how many papers each term occurs; of a pair, at most as many as its rarer half. 0 left out."""
        counts = dict(
            self._reader.rows(
                "SELECT stem, papers FROM json_each(?) JOIN term ON stem = value",
                json.dumps(list(set(run))),
            )
        )
        by_term = {term: min(counts.get(stem, 0) for stem in term.split()) for term in terms}
        return {term: papers for term, papers in by_term.items() if papers}

    def _matches(self, query: str) -> list[int]:
        found = self._reader.rows(
            "SELECT rowid FROM paper_index WHERE paper_index MATCH ? ORDER BY rowid LIMIT ?",
            query,
            CANDIDATES,
        )
        return [rank for (rank,) in found]

    def _by_score(self, ranks: set[int], relevance: Relevance) -> list[int]:
        texts = self._reader.rows(
            "SELECT rank, title, keywords, abstract FROM json_each(?) JOIN paper ON rank = value",
            json.dumps(list(ranks)),
        )
        scores = {
            rank: relevance.score([matching.search_terms(text) for text in row]) for rank, *row in texts
        }
        return sorted(scores, key=lambda rank: (-scores[rank], rank))
