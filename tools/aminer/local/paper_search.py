"""Finds papers by title or topic.

    PaperSearch(reader).ranks("graph theory", limit=10)

Papers of exactly that title come first, then those whose title has the words as an unbroken run, then those
that have all words anywhere; only if there are none, those that have most of the words' weight. Each kind is
ordered by relevance (see `relevance`), ties by citations.
"""

import json

from pydantic import TypeAdapter

from herdwick.tools.aminer.folding import stems, words
from herdwick.tools.aminer.local import matching
from herdwick.tools.aminer.local.graph_reader import Count, GraphReader
from herdwick.tools.aminer.local.relevance import Relevance

CANDIDATES = 300
"""Most papers of one kind that are scored, the most cited ones: bounds the time of a broad topic."""

COMMON_SHARE, COMMON_PAPERS = 0.1, 10_000
"""A term in more papers than this share of all, and than this number, is not asked for beside rarer ones: for
`of` among millions of papers, looking it up takes longer than all else. Ranking still counts it."""

_TITLES = TypeAdapter(list[tuple[int, str]])
_TEXTS = TypeAdapter(list[tuple[int, str, str, str]])
_COUNTS = TypeAdapter(list[tuple[str, Count]])


class PaperSearch:
    """Searches the papers of one graph."""

    def __init__(self, reader: GraphReader) -> None:
        self._reader = reader
        self._papers = reader.meta.papers
        self._mean_words = reader.meta.mean_words

    def ranks(self, publication_info: str, limit: int) -> list[int]:
        """Ranks of the best papers, best first."""
        query = words(publication_info)
        if not query:
            return []
        exact = self._exact(query, limit)
        if len(exact) == limit:
            return exact
        similar = self._similar(stems(publication_info), matching.search_terms(publication_info))
        return [*exact, *(rank for rank in similar if rank not in exact)][:limit]

    def _exact(self, query: list[str], limit: int) -> list[int]:
        key = " ".join(query)
        found = self._reader.read(
            _TITLES,
            "SELECT rank, title FROM paper WHERE title_hash = ? ORDER BY rank",
            matching.title_hash(key),
        )
        return [rank for rank, title in found if matching.title_key(title) == key][:limit]

    def _similar(self, run: list[str], terms: list[str]) -> list[int]:
        papers_with = self._papers_with(run, terms)
        relevance = Relevance(terms, papers_with, self._papers, self._mean_words)
        candidates = self._with_all(run, papers_with) if len(papers_with) == len(set(terms)) else []
        groups = relevance.telling_groups()
        if groups and not candidates:
            candidates = self._matches(matching.any_group(groups))
        return self._by_score(candidates, run, relevance)

    def _with_all(self, run: list[str], papers_with: dict[str, int]) -> list[int]:
        """Papers that have all terms."""
        # FTS5 walks the first term's papers and looks each up among the others'.
        rarest_first = sorted(papers_with, key=lambda term: papers_with[term])
        common = max(COMMON_SHARE * self._papers, COMMON_PAPERS)
        telling = [term for term in rarest_first if papers_with[term] <= common]
        anywhere = self._matches(matching.any_group([telling or rarest_first]))
        if len(anywhere) < CANDIDATES:
            return anywhere
        # There are more: those with the words in their titles must not be missed for being less cited.
        in_a_row = self._matches(matching.title_run(run))
        if len(in_a_row) == CANDIDATES:
            return in_a_row
        return list({*in_a_row, *self._matches(matching.all_in_title(rarest_first)), *anywhere})

    def _papers_with(self, run: list[str], terms: list[str]) -> dict[str, int]:
        """In how many papers each term occurs; of a pair, at most as many as its rarer half. 0 left out."""
        counts = dict(
            self._reader.read(
                _COUNTS,
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

    def _by_score(self, ranks: list[int], run: list[str], relevance: Relevance) -> list[int]:
        texts = self._reader.read(
            _TEXTS,
            "SELECT rank, title, keywords, abstract FROM json_each(?) JOIN paper ON rank = value",
            json.dumps(ranks),
        )
        order = {
            rank: (
                not _has_run(stems(title), run),
                -relevance.score([matching.search_terms(text) for text in (title, keywords, abstract)]),
                rank,
            )
            for rank, title, keywords, abstract in texts
        }
        return sorted(order, key=lambda rank: order[rank])


def _has_run(text: list[str], run: list[str]) -> bool:
    return f" {' '.join(run)} " in f" {' '.join(text)} "
