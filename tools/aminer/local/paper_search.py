"""Finds papers by title or topic.

    PaperSearch(reader).ranks("graph theory", limit=10)

Papers of exactly that title come first, then those whose title has the words as an unbroken run, then the
others that have most of the words' weight, each by relevance (see `relevance`), ties by citations.
"""

import json

from herdwick.tools.aminer.local import matching
from herdwick.tools.aminer.local.folding import words
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
        similar = self._similar(query, limit)
        return [*exact, *(rank for rank in similar if rank not in exact)][:limit]

    def _exact(self, query: list[str], limit: int) -> list[int]:
        key = " ".join(query)
        found = self._reader.rows(
            "SELECT rank, title FROM paper WHERE title_hash = ? ORDER BY rank", matching.title_hash(key)
        )
        return [rank for rank, title in found if matching.title_key(title) == key][:limit]

    def _similar(self, query: list[str], limit: int) -> list[int]:
        relevance = Relevance(query, self._papers_with(query), self._papers, self._mean_words)
        groups = relevance.telling_groups()
        runs = self._matches(matching.title_run(query))
        others: list[int] = []
        if len(runs) < limit and groups:
            others = [
                *self._matches(matching.all_in_title(query)),
                *self._matches(matching.any_group([query])),
            ]
            if len(set(runs + others)) < limit:
                others += self._matches(matching.any_group(groups))
        others = list(set(others) - set(runs))
        return [*self._by_score(runs, relevance), *self._by_score(others, relevance)]

    def _papers_with(self, query: list[str]) -> dict[str, int]:
        return dict(
            self._reader.rows(
                "SELECT word, papers FROM json_each(?) JOIN term ON word = value",
                json.dumps(list(set(query))),
            )
        )

    def _matches(self, query: str) -> list[int]:
        found = self._reader.rows(
            "SELECT rowid FROM paper_index WHERE paper_index MATCH ? ORDER BY rowid LIMIT ?",
            query,
            CANDIDATES,
        )
        return [rank for (rank,) in found]

    def _by_score(self, ranks: list[int], relevance: Relevance) -> list[int]:
        texts = self._reader.rows(
            "SELECT rank, title, keywords, abstract FROM json_each(?) JOIN paper ON rank = value",
            json.dumps(ranks),
        )
        scores = {
            rank: relevance.score((words(title), words(keywords), words(abstract)))
            for rank, title, keywords, abstract in texts
        }
        return sorted(scores, key=lambda rank: (-scores[rank], rank))
