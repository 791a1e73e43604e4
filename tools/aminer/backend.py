"""What a source of academic data must answer: the seven functions, under their published names."""

from typing import Protocol

from pydantic import JsonValue

from herdwick.tools.aminer.models import (
    Coauthor,
    Person,
    PersonBasicInfo,
    PersonPub,
    Publication,
    PublicationHit,
)

MAX_HITS = 10
"""Most results of a search and most papers of a person, as published for the AMiner functions."""

MAX_INTERESTS = 10
"""Most interests shown in a search hit; `getPersonInterest` gives all."""


class AMinerBackend(Protocol):
    """The seven functions over one source of data.

    An empty search is an empty list. Methods raise `ToolFailure` for an unknown id, `DataError` for a damaged
    local source, and `BackendError` for a failing service. Backends are safe to call from several threads.
    """

    def searchPerson(self, name: str = "", organization: str = "", interest: str = "") -> list[Person]:
        """At most 10 persons matching all given criteria, most cited first."""
        ...

    def searchPublication(self, publication_info: str) -> list[PublicationHit]:
        """At most 10 papers: exact title first, then by relevance, ties by citations."""
        ...

    def getCoauthors(self, person_id: str) -> list[Coauthor]:
        """All coauthors of a person."""
        ...

    def getPersonInterest(self, person_id: str) -> list[str]:
        """Research interests of a person."""
        ...

    def getPersonPubs(self, person_id: str) -> list[PersonPub]:
        """At most 10 papers of a person, most cited first."""
        ...

    def getPersonBasicInfo(self, person_id: str) -> PersonBasicInfo:
        """Profile of a person."""
        ...

    def getPublication(self, pub_id: str) -> Publication:
        """One paper in full."""
        ...

    def data(self) -> dict[str, JsonValue]:
        """What was really read: backend, source, record counts, cost of the current question."""
        ...

    def close(self) -> None:
        """Release files and connections; closing twice is harmless."""
        ...
