"""The research archive: the frozen copy of AMiner that SoAy was built on.

    archive = open_http_backend(AMinerOptions(backend="archive"))
    archive.searchPerson(name="…", organization="…")

Every function has an endpoint of its own, so one call makes one request. Answers about one id are wrapped
twice, as `{"data": [{"data": {…}}]}`.
"""

from typing import Any

from pydantic import AliasPath, Field, JsonValue

from herdwick.tools.aminer.backend import MAX_HITS
from herdwick.tools.aminer.http.calls import Endpoint, Params
from herdwick.tools.aminer.http.client import HttpClient
from herdwick.tools.aminer.http.failures import bad_response
from herdwick.tools.aminer.http.matching import best_people, exact_title_first
from herdwick.tools.aminer.http.records import (
    PaperRecord,
    PersonRecord,
    Record,
    Text,
    envelope_data,
    most_cited,
    parse,
    unknown_id,
    unknown_if_not_found,
)
from herdwick.tools.aminer.models import (
    Coauthor,
    Person,
    PersonBasicInfo,
    PersonPub,
    Publication,
    PublicationHit,
)

BASE_URL = "https://soay.aminer.cn"
SERVICE = "The AMiner archive"

SEARCH_PERSON = Endpoint("POST", "/searchPerson")
SEARCH_PUBLICATION = Endpoint("POST", "/searchPublication")
COAUTHORS = Endpoint("GET", "/getCoauthors")
INTERESTS = Endpoint("GET", "/getPersonInterest")
PERSON_PUBS = Endpoint("GET", "/getPersonPubs")
BASIC_INFO = Endpoint("GET", "/getPersonBasicInfo")
PUBLICATION = Endpoint("GET", "/getPublication")

# The archive's codes for what a search word is.
NAME, INTEREST, ORGANIZATION = 4, 2, 5


class _People(Record):
    hits: tuple[PersonRecord, ...] = Field((), validation_alias="hitList")


class _Papers(Record):
    hits: tuple[PaperRecord, ...] = Field((), validation_alias="hitList")


class _Coauthors(Record):
    people: tuple[PersonRecord, ...] = Field((), validation_alias="crs")


class _Interests(Record):
    topics: tuple[Text, ...] = Field((), validation_alias=AliasPath("data", "data"))


class _Pubs(Record):
    papers: tuple[PaperRecord, ...] = Field((), validation_alias="pubs")


class ArchiveBackend:
    """The seven functions over the research archive.

    Args:
        client: Speaks to it.
    """

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def searchPerson(self, name: str = "", organization: str = "", interest: str = "") -> list[Person]:
        """At most 10 persons matching all given criteria, most cited first."""
        asked = ((NAME, name), (INTEREST, interest), (ORGANIZATION, organization))
        search = [_search_word(kind, text) for kind, text in asked if text]
        most_cited_first: JsonValue = [{"asc": False, "field": "n_citation"}]
        body: JsonValue = {"searchKeyWordList": search, "sort": most_cited_first, "needDetails": True}
        found = parse(_People, self._data(SEARCH_PERSON, body=body) or {}, SERVICE)
        # The archive translates and matches interests itself; its hits show only the first few of them.
        return best_people((hit.candidate() for hit in found.hits), name, organization)

    def searchPublication(self, publication_info: str) -> list[PublicationHit]:
        """At most 10 papers: exact title first, then as the archive ranks them."""
        search: JsonValue = [_search_word(NAME, publication_info)]
        body: JsonValue = {"query": publication_info, "searchKeyWordList": search, "needDetails": True}
        found = parse(_Papers, self._data(SEARCH_PUBLICATION, body=body) or {}, SERVICE)
        ranked = exact_title_first(
            found.hits, publication_info, lambda paper: paper.title, lambda paper: paper.num_citation
        )
        return [paper.hit() for paper in ranked[:MAX_HITS]]

    def getCoauthors(self, person_id: str) -> list[Coauthor]:
        """All coauthors of a person."""
        found = parse(_Coauthors, self._entry(COAUTHORS, "person", person_id), SERVICE)
        return [person.coauthor() for person in found.people]

    def getPersonInterest(self, person_id: str) -> list[str]:
        """Research interests of a person."""
        return list(parse(_Interests, self._entry(INTERESTS, "person", person_id), SERVICE).topics)

    def getPersonPubs(self, person_id: str) -> list[PersonPub]:
        """At most 10 papers of a person, most cited first."""
        page: Params = {"offset": 0, "size": MAX_HITS, "order": "citation"}
        return most_cited(parse(_Pubs, self._entry(PERSON_PUBS, "person", person_id, page), SERVICE).papers)

    def getPersonBasicInfo(self, person_id: str) -> PersonBasicInfo:
        """Profile of a person."""
        entry = self._entry(BASIC_INFO, "person", person_id)
        return parse(PersonRecord, entry, SERVICE).basic_info(person_id)

    def getPublication(self, pub_id: str) -> Publication:
        """One paper in full."""
        entry = self._entry(PUBLICATION, "paper", pub_id, field="pub")
        return parse(PaperRecord, entry, SERVICE).publication()

    def data(self) -> dict[str, JsonValue]:
        """What was really read: host, calls, cost."""
        return self._client.usage("archive")

    def close(self) -> None:
        """Close the connections; closing twice is harmless."""
        self._client.close()

    def _data(self, endpoint: Endpoint, params: Params | None = None, body: JsonValue = None) -> JsonValue:
        return envelope_data(self._client.fetch(endpoint.call(params, body)), SERVICE)

    def _entry(
        self,
        endpoint: Endpoint,
        what: str,
        given: str,
        page: Params | None = None,
        field: str = "data",
    ) -> Any:
        """`data[0][field]` of the answer about one id, which is empty for ids that are not known."""
        with unknown_if_not_found(what, given, SERVICE):
            data = self._data(endpoint, {"id": given, **(page or {})})
        match data:
            case [dict() as first, *_] if first.get(field):
                return first[field]
            case None | [] | [None | dict(), *_]:
                raise unknown_id(what, given, SERVICE)
            case _:
                raise bad_response(SERVICE, "its data is not a list of objects")


def _search_word(kind: int, text: str) -> JsonValue:
    return {"operate": "0", "wordType": kind, "keyword": text, "advanced": True, "needTranslate": True}
