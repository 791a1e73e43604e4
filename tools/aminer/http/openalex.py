"""OpenAlex, for live use without an AMiner key.

    openalex = open_http_backend(AMinerOptions(backend="openalex"))
    openalex.searchPerson(name="…", interest="machine translation")

pyalex builds the queries, our client fetches them: pyalex's own requests know neither cache nor replay nor
bounds. OpenAlex is free of charge; `OPENALEX_API_KEY` is sent where it is set and raises its limits.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from pyalex import Authors, Institutions, Topics, Works
from pyalex.api import BaseOpenAlex
from pydantic import JsonValue

from herdwick.tools.aminer.backend import MAX_HITS
from herdwick.tools.aminer.http.calls import Call
from herdwick.tools.aminer.http.client import HttpClient
from herdwick.tools.aminer.http.failures import bad_response
from herdwick.tools.aminer.http.matching import (
    best_people,
    contains_run,
    exact_title_first,
    first_passing,
)
from herdwick.tools.aminer.http.openalex_records import (
    AuthorRecord,
    GroupRecord,
    NamedRecord,
    Page,
    TopicRecord,
    WorkRecord,
)
from herdwick.tools.aminer.http.records import parse, unknown_id, unknown_if_not_found
from herdwick.tools.aminer.models import (
    Coauthor,
    Person,
    PersonBasicInfo,
    PersonPub,
    Publication,
    PublicationHit,
)

BASE_URL = "https://api.openalex.org"
KEY_VARIABLE = "OPENALEX_API_KEY"
SERVICE = "OpenAlex"

MAX_CANDIDATES = 50
"""Most search hits looked at before filtering and sorting."""
MAX_GROUPS = 200
"""Most groups, and most results, OpenAlex puts on one page (its documentation, "Paging")."""
MAX_ALTERNATIVES = 50
"""Most values joined by `|` in one filter; OpenAlex takes 100."""

MAX_PAGES = 50
"""Most pages of coauthors read: 10,000 coauthors."""

PERSON_ID = re.compile(r"A[0-9]+")
PUB_ID = re.compile(r"W[0-9]+")
SYNTAX = re.compile(r"""[,|:;!?*~^"()\[\]{}<>=+&/\\\x00-\x1f\ud800-\udfff]""")

HIT_FIELDS = ["id", "display_name", "publication_year", "cited_by_count"]
PERSON_FIELDS = [
    "id",
    "display_name",
    "display_name_alternatives",
    "cited_by_count",
    "works_count",
    "topics",
    "last_known_institutions",
]


class OpenAlexBackend:
    """The seven functions over OpenAlex.

    Args:
        client: Speaks to it.
    """

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def searchPerson(self, name: str = "", organization: str = "", interest: str = "") -> list[Person]:
        """At most 10 persons matching all given criteria, most cited first.

        Organizations and interests are looked up first, and the persons filtered by their ids.
        """
        if not all(_plain(text) for text in (name, organization, interest) if text):
            return []
        filters: dict[str, str] = {}
        if organization:
            filters["last_known_institutions.id"] = self._institution_ids(organization)
        if interest:
            filters["topics.id"] = self._topic_ids(interest)
        if not all(filters.values()):
            return []
        query = Authors({"per-page": MAX_CANDIDATES}).select(PERSON_FIELDS)
        if filters:
            query = query.filter(**filters)
        # By relevance with a name, so that the right name is among the candidates whatever its citations.
        query = query.search(_plain(name)) if name else query.sort(cited_by_count="desc")
        people = parse(list[AuthorRecord], self._page(query).results, SERVICE)
        return best_people((person.candidate() for person in people), name)

    def searchPublication(self, publication_info: str) -> list[PublicationHit]:
        """At most 10 papers: exact title first, then as OpenAlex ranks them."""
        wanted = _plain(publication_info)
        if not wanted:
            return []
        by_title = Works({"per-page": MAX_CANDIDATES}).select(HIT_FIELDS).search_filter(title=wanted)
        by_content = Works({"per-page": MAX_CANDIDATES}).select(HIT_FIELDS).search(wanted)
        found = [*self._page(by_title).results, *self._page(by_content).results]
        works = {work.id: work for work in parse(list[WorkRecord], found, SERVICE)}
        ranked = exact_title_first(
            list(works.values()), publication_info, lambda work: work.title, lambda work: work.cited_by_count
        )
        return [work.hit() for work in ranked[:MAX_HITS]]

    def getCoauthors(self, person_id: str) -> list[Coauthor]:
        """All coauthors of a person, those with most joint papers first, then by name."""
        groups = [group for group in self._author_groups(person_id) if PERSON_ID.fullmatch(group.key)]
        if not groups:
            self._require_person(person_id)
        coauthors = sorted(groups, key=lambda each: (-each.count, each.name, each.key))
        return [Coauthor(person_id=each.key, name=each.name) for each in coauthors if each.key != person_id]

    def getPersonInterest(self, person_id: str) -> list[str]:
        """Research interests of a person."""
        return list(self._person(person_id).interests)

    def getPersonPubs(self, person_id: str) -> list[PersonPub]:
        """At most 10 papers of a person, most cited first."""
        most_cited = Works({"per-page": MAX_HITS}).sort(cited_by_count="desc")
        query = most_cited.filter(**_works_of(person_id)).select([*HIT_FIELDS, "authorships"])
        works = parse(list[WorkRecord], self._page(query).results, SERVICE)
        if not works:
            self._require_person(person_id)
        ranked = sorted(works, key=lambda work: -work.cited_by_count)
        return [work.person_pub() for work in ranked[:MAX_HITS]]

    def getPersonBasicInfo(self, person_id: str) -> PersonBasicInfo:
        """Profile of a person: name and organization; OpenAlex knows no more."""
        return self._person(person_id).basic_info(person_id)

    def getPublication(self, pub_id: str) -> Publication:
        """One paper in full."""
        return parse(WorkRecord, self._entity("paper", PUB_ID, Works, pub_id), SERVICE).publication()

    def data(self) -> dict[str, JsonValue]:
        """What was really read: host, calls, cost."""
        return self._client.usage("openalex")

    def close(self) -> None:
        """Close the connections; closing twice is harmless."""
        self._client.close()

    def _institution_ids(self, organization: str) -> str:
        """Ids of the institutions of that name as a filter value; '' where there are none."""
        query = Institutions({"per-page": MAX_CANDIDATES}).search(_plain(organization))
        known = parse(list[NamedRecord], self._page(query).results, SERVICE)
        return _any_of(
            first_passing(
                known,
                lambda each: any(contains_run(name, organization) for name in each.names),
                lambda each: any(contains_run(organization, name) for name in each.names),
            )
        )

    def _topic_ids(self, interest: str) -> str:
        """Ids of the topics of that name or keyword as a filter value; '' where there are none.

        Topics have long names (`Topic Modeling and Text Mining`), so a part of one is enough.
        """
        query = Topics({"per-page": MAX_CANDIDATES}).search(_plain(interest))
        known = parse(list[TopicRecord], self._page(query).results, SERVICE)
        return _any_of(
            [each for each in known if any(contains_run(name, interest) for name in each.subjects)]
        )

    def _author_groups(self, person_id: str) -> list[GroupRecord]:
        """The authors of a person's works with their numbers of works, the person included."""
        groups: list[GroupRecord] = []
        cursor = "*"
        for _ in range(MAX_PAGES):
            query = Works({"per-page": MAX_GROUPS, "cursor": cursor}).filter(**_works_of(person_id))
            page = self._page(query.group_by("authorships.author.id"))
            groups += page.groups
            cursor = page.next_cursor
            if not cursor or not page.groups:
                return groups
        raise bad_response(SERVICE, f"its list of the coauthors of {person_id} does not end")

    def _person(self, person_id: str) -> AuthorRecord:
        return parse(AuthorRecord, self._entity("person", PERSON_ID, Authors, person_id), SERVICE)

    def _require_person(self, person_id: str) -> None:
        """Raise for an unknown id, which the works of nobody look just like."""
        self._person(person_id)

    def _entity(
        self, what: str, pattern: re.Pattern[str], entities: type[BaseOpenAlex], given: str
    ) -> JsonValue:
        if not pattern.fullmatch(given):
            raise unknown_id(what, given, SERVICE)
        with unknown_if_not_found(what, given, SERVICE):
            return self._fetch(entities(given))

    def _page(self, query: BaseOpenAlex) -> Page:
        return parse(Page, self._fetch(query), SERVICE)

    def _fetch(self, query: BaseOpenAlex) -> JsonValue:
        # pyalex writes its own host into URLs; ours stands in the base URL.
        url = urlsplit(query.url)
        return self._client.fetch(Call("GET", f"{url.path}?{url.query}" if url.query else url.path))


def _works_of(person_id: str) -> dict[str, str]:
    """The filter for a person's works."""
    if not PERSON_ID.fullmatch(person_id):
        raise unknown_id("person", person_id, SERVICE)
    return {"authorships.author.id": person_id}


def _any_of(entities: Sequence[NamedRecord]) -> str:
    return "|".join(entity.id for entity in entities[:MAX_ALTERNATIVES] if entity.id)


def _plain(text: str) -> str:
    """`text` without what OpenAlex takes for filter or search syntax, operators such as `OR` included."""
    return " ".join(SYNTAX.sub(" ", text).lower().split())
