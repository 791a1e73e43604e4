"""Finds persons by name, organization and interest.

    PersonSearch(reader).ranks("Ada Mercer", "King's College", "", limit=10)

A name is looked for whole and, if nobody in the graph is called so, by its tokens. An organization is looked
for as an unbroken run of words and, if nobody is found so, as a whole organization within the words asked
for. An interest is one of the person's, whole.
"""

import json

from herdwick.tools.aminer.folding import tag_key
from herdwick.tools.aminer.local import matching
from herdwick.tools.aminer.local.graph_reader import GraphReader


class PersonSearch:
    """Searches the persons of one graph."""

    def __init__(self, reader: GraphReader) -> None:
        self._reader = reader

    def ranks(self, name: str, organization: str, interest: str, limit: int) -> list[int]:
        """Ranks of the persons who match every criterion that is not '', most cited first."""
        criteria: list[str] = []
        if interest:
            tag = self._reader.rows("SELECT id FROM tag WHERE key = ?", tag_key(interest))
            if not tag:
                return []
            criteria.append(matching.has_tag(tag[0][0]))
        if name:
            by_name = self._name_query(name)
            if by_name is None:
                return []
            criteria.append(by_name)
        if not organization:
            return self._matches(criteria, limit)
        run = matching.organization_run(organization)
        if run is None:
            return []
        return self._matches([*criteria, run], limit) or self._within(organization, criteria, limit)

    def _name_query(self, name: str) -> str | None:
        whole = matching.whole_name(name)
        if whole and self._matches([whole], limit=1):
            return whole
        return matching.name_tokens(name)

    def _within(self, organization: str, criteria: list[str], limit: int) -> list[int]:
        keys = matching.organization_keys_within(organization)
        found = self._reader.rows(
            "SELECT organization.id "
            "FROM json_each(?) AS asked JOIN organization ON organization.key = asked.value",
            json.dumps(keys),
        )
        ids = [row[0] for row in found]
        return self._matches([*criteria, matching.any_organization(ids)], limit) if ids else []

    def _matches(self, criteria: list[str], limit: int) -> list[int]:
        # In rowid order, which is by citations; FTS5 yields it without sorting and stops at the limit.
        found = self._reader.rows(
            "SELECT rowid FROM person_index WHERE person_index MATCH ? ORDER BY rowid LIMIT ?",
            matching.both(criteria),
            limit,
        )
        return [rank for (rank,) in found]
