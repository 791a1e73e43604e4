"""The AMiner open platform, live: free calls where they do, paid ones where nothing else does.

    live = open_http_backend(AMinerOptions(backend="aminer", budget=5))     # key in AMINER_API_KEY
    live.searchPerson(name="…")
    live.data()["cost"]            # 0.0: that search is free

| function | calls |
|---|---|
| searchPerson | free person search, up to 5 pages |
| searchPublication | free title search and batch info; paid keyword search only if no title matches |
| getPublication | free batch info; paid detail only for what is missing there |
| getPersonPubs, getCoauthors | paid list of a person's papers, then free batch info |
| getPersonInterest, getPersonBasicInfo | one paid call |

`pricing` has the paths and prices. Nothing is remembered between calls but what the cache holds, so a
recorded run replays whatever the order of its questions.
"""

from collections import Counter

from pydantic import JsonValue

from herdwick.tools.aminer.backend import MAX_HITS
from herdwick.tools.aminer.http.calls import Endpoint, Params
from herdwick.tools.aminer.http.client import HttpClient
from herdwick.tools.aminer.http.failures import bad_response
from herdwick.tools.aminer.http.matching import best_people, exact_title_first
from herdwick.tools.aminer.http.pricing import (
    PAPER_DETAIL,
    PAPER_INFO,
    PAPER_INFO_IDS,
    PAPER_SEARCH,
    PAPER_SEARCH_PRO,
    PAPER_SEARCH_SIZE,
    PERSON_DETAIL,
    PERSON_FIGURE,
    PERSON_PAPERS,
    PERSON_SEARCH,
    PERSON_SEARCH_SIZE,
)
from herdwick.tools.aminer.http.records import (
    PaperRecord,
    PersonRecord,
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
from herdwick.tools.errors import ToolFailure

BASE_URL = "https://datacenter.aminer.cn/gateway/open_platform"
KEY_VARIABLE = "AMINER_API_KEY"
SERVICE = "AMiner"

MAX_CANDIDATES = 50
"""Most search hits looked at before filtering and sorting; five free calls."""


class LiveBackend:
    """The seven functions over the AMiner open platform.

    Args:
        client: Speaks to it, with a key.
    """

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def searchPerson(self, name: str = "", organization: str = "", interest: str = "") -> list[Person]:
        """At most 10 persons matching all given criteria, most cited first.

        Raises:
            ToolFailure: `unsupported_search`; only an interest was given, which AMiner cannot search for.
        """
        if not name and not organization:
            raise ToolFailure(
                "unsupported_search",
                "AMiner cannot search for persons by interest alone.",
                "Give a name or an organization too, or use another backend.",
            )
        found = (record.candidate() for record in self._search_persons(name, organization))
        return best_people(found, name, organization, interest)

    def searchPublication(self, publication_info: str) -> list[PublicationHit]:
        """At most 10 papers: exact title first, then as AMiner ranks them."""
        page = {"page": 0, "size": PAPER_SEARCH_SIZE}
        papers = self._papers(PAPER_SEARCH, {"title": publication_info, **page})
        if not papers:
            papers = self._papers(PAPER_SEARCH_PRO, {"keyword": publication_info, **page})
        ranked = exact_title_first(
            papers, publication_info, lambda paper: paper.title, lambda paper: paper.num_citation
        )[:MAX_HITS]
        details = self._paper_info([paper.id for paper in ranked if not paper.year])
        return [paper.hit() if paper.year else details.get(paper.id, paper).hit() for paper in ranked]

    def getCoauthors(self, person_id: str) -> list[Coauthor]:
        """All coauthors of a person, those with most joint papers first, then by name."""
        papers = self._papers_of(person_id)
        authors = [author for paper in papers for author in paper.authors if author.id]
        if all(author.id != person_id for author in authors):
            raise bad_response(SERVICE, f"none of the papers of {person_id!r} names that id as an author")
        joint_papers = Counter(author.id for author in authors if author.id != person_id)
        by_id = {author.id: author.coauthor() for author in authors}
        found = [by_id[author_id] for author_id in joint_papers]
        return sorted(found, key=lambda each: (-joint_papers[each.person_id], each.name, each.person_id))

    def getPersonInterest(self, person_id: str) -> list[str]:
        """Research interests of a person."""
        return list(self._person(PERSON_FIGURE, person_id).interests)

    def getPersonPubs(self, person_id: str) -> list[PersonPub]:
        """At most 10 papers of a person, most cited first."""
        return most_cited(self._papers_of(person_id))

    def getPersonBasicInfo(self, person_id: str) -> PersonBasicInfo:
        """Profile of a person."""
        return self._person(PERSON_DETAIL, person_id).basic_info(person_id)

    def getPublication(self, pub_id: str) -> Publication:
        """One paper in full."""
        known = self._paper_info([pub_id]).get(pub_id, PaperRecord()).publication()
        if _complete(known):
            return known
        detail = parse(PaperRecord, _first(self._about("paper", PAPER_DETAIL, pub_id)), SERVICE).publication()
        # What the paid answer leaves out may still stand in the free one.
        gaps = {name: value for name, value in known if not getattr(detail, name)}
        return detail.model_copy(update=gaps)

    def data(self) -> dict[str, JsonValue]:
        """What was really read: host, calls, cost."""
        return self._client.usage("aminer")

    def close(self) -> None:
        """Close the connections; closing twice is harmless."""
        self._client.close()

    def _search_persons(self, name: str, organization: str) -> list[PersonRecord]:
        asked = {"name": name, "org": organization}
        criteria: dict[str, JsonValue] = {field: text for field, text in asked.items() if text}
        found: list[PersonRecord] = []
        for offset in range(0, MAX_CANDIDATES, PERSON_SEARCH_SIZE):
            window: dict[str, JsonValue] = {"offset": offset, "size": PERSON_SEARCH_SIZE}
            page = self._data(PERSON_SEARCH, body=criteria | window)
            people = parse(list[PersonRecord], page or [], SERVICE)
            found += people
            if len(people) < PERSON_SEARCH_SIZE:
                break
        return found

    def _papers_of(self, person_id: str) -> list[PaperRecord]:
        listed = parse(list[PaperRecord], self._about("person", PERSON_PAPERS, person_id), SERVICE)
        info = self._paper_info([paper.id for paper in listed if paper.id])
        return [info.get(paper.id, paper) for paper in listed]

    def _paper_info(self, ids: list[str]) -> dict[str, PaperRecord]:
        """What AMiner tells for free about papers, by id; ids it does not know are left out."""
        starts = range(0, len(ids), PAPER_INFO_IDS)
        replies = [self._data(PAPER_INFO, body={"ids": [*ids[at : at + PAPER_INFO_IDS]]}) for at in starts]
        papers = (paper for reply in replies for paper in parse(list[PaperRecord], reply or [], SERVICE))
        return {paper.id: paper for paper in papers}

    def _papers(self, endpoint: Endpoint, params: Params) -> list[PaperRecord]:
        return parse(list[PaperRecord], self._data(endpoint, params) or [], SERVICE)

    def _person(self, endpoint: Endpoint, person_id: str) -> PersonRecord:
        return parse(PersonRecord, _first(self._about("person", endpoint, person_id)), SERVICE)

    def _about(self, what: str, endpoint: Endpoint, given: str) -> JsonValue:
        """The data about one id, which is empty for ids that are not known."""
        with unknown_if_not_found(what, given, SERVICE):
            data = self._data(endpoint, {"id": given})
        if not data:
            raise unknown_id(what, given, SERVICE)
        return data

    def _data(self, endpoint: Endpoint, params: Params | None = None, body: JsonValue = None) -> JsonValue:
        return envelope_data(self._client.fetch(endpoint.call(params, body)), SERVICE)


def _first(data: JsonValue) -> JsonValue:
    """The one object in an answer about one id, which comes bare or as a list of one."""
    return data[0] if isinstance(data, list) else data


def _complete(paper: Publication) -> bool:
    """Whether a paid call could add nothing; PDF links are rare in both answers."""
    return all((paper.title, paper.abstract, paper.author_list, paper.num_citation, paper.year, paper.venue))
