"""OpenAlex's JSON as AMiner's results: topics are interests, institutions are organizations.

parse(AuthorRecord, payload, "OpenAlex").candidate()
parse(WorkRecord, payload, "OpenAlex").publication()

Field names are those of https://docs.openalex.org; a missing one is empty. Ids lose their address:
`https://openalex.org/A123` is the person `A123`.
"""

from typing import Annotated, Any

from pyalex import invert_abstract
from pydantic import AfterValidator, AliasChoices, AliasPath, Field

from herdwick.tools.aminer.backend import MAX_INTERESTS
from herdwick.tools.aminer.http.matching import Candidate
from herdwick.tools.aminer.http.records import Record
from herdwick.tools.aminer.models import (
    Author,
    Person,
    PersonBasicInfo,
    PersonPub,
    Publication,
    PublicationHit,
)


def short_id(address: str) -> str:
    """The last part of an OpenAlex address."""
    return address.rpartition("/")[2]


ShortId = Annotated[str, AfterValidator(short_id)]


class NamedRecord(Record):
    """An institution, or any other thing with an id and a name."""

    id: ShortId = ""
    display_name: str = ""
    display_name_alternatives: tuple[str, ...] = ()
    display_name_acronyms: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Every spelling of the name."""
        return [self.display_name, *self.display_name_alternatives, *self.display_name_acronyms]


class TopicRecord(NamedRecord):
    """A research topic; `keywords` are what its papers are about."""

    keywords: tuple[str, ...] = ()

    @property
    def subjects(self) -> list[str]:
        """What the topic can be asked for as."""
        return [self.display_name, *self.keywords]


class AuthorRecord(NamedRecord):
    """A person."""

    cited_by_count: int = 0
    works_count: int = 0
    topics: tuple[NamedRecord, ...] = ()
    institutions: tuple[NamedRecord, ...] = Field((), validation_alias="last_known_institutions")

    @property
    def interests(self) -> list[str]:
        """The names of the person's topics, most papers first."""
        return [topic.display_name for topic in self.topics if topic.display_name]

    @property
    def organization(self) -> str:
        """Where the person was seen last."""
        return self.institutions[0].display_name if self.institutions else ""

    def candidate(self) -> Candidate:
        """The person as a search hit, with all spellings."""
        person = Person(
            person_id=self.id,
            name=self.display_name,
            interests=self.interests[:MAX_INTERESTS],
            num_citation=self.cited_by_count,
            num_pubs=self.works_count,
            organization=self.organization,
        )
        return Candidate(person, self.names, (self.organization,), self.interests)

    def basic_info(self, person_id: str) -> PersonBasicInfo:
        """The person as a profile, of which OpenAlex knows name and organization."""
        return PersonBasicInfo(person_id=person_id, name=self.display_name, organization=self.organization)


class AuthorshipRecord(Record):
    """One author of a work."""

    author: NamedRecord = NamedRecord()
    raw_name: str = Field("", validation_alias="raw_author_name")
    institutions: tuple[NamedRecord, ...] = ()
    raw_affiliations: tuple[str, ...] = Field((), validation_alias="raw_affiliation_strings")

    @property
    def name(self) -> str:
        """The author's name, as printed where the author is not identified."""
        return self.author.display_name or self.raw_name

    @property
    def organization(self) -> str:
        """The author's first affiliation on this work."""
        named = [institution.display_name for institution in self.institutions]
        return next(iter([*named, *self.raw_affiliations]), "")


class WorkRecord(Record):
    """A paper."""

    id: ShortId = ""
    title: str = Field("", validation_alias=AliasChoices("display_name", "title"))
    publication_year: int = 0
    cited_by_count: int = 0
    abstract_index: dict[str, list[int]] = Field({}, validation_alias="abstract_inverted_index")
    authorships: tuple[AuthorshipRecord, ...] = ()
    venue: str = Field("", validation_alias=AliasPath("primary_location", "source", "display_name"))
    pdf_link: str = Field(
        "",
        validation_alias=AliasChoices(
            AliasPath("best_oa_location", "pdf_url"), AliasPath("primary_location", "pdf_url")
        ),
    )

    def hit(self) -> PublicationHit:
        """The paper as a search hit."""
        return PublicationHit(pub_id=self.id, title=self.title, year=self.publication_year)

    def person_pub(self) -> PersonPub:
        """The paper as one of a person's."""
        return PersonPub(
            pub_id=self.id,
            title=self.title,
            num_citation=self.cited_by_count,
            year=self.publication_year,
            authors_name_list=[each.name for each in self.authorships],
        )

    def publication(self) -> Publication:
        """The paper in full."""
        authors = (
            Author(person_id=each.author.id, name=each.name, organization=each.organization)
            for each in self.authorships
        )
        return Publication(
            title=self.title,
            abstract=invert_abstract(self.abstract_index),
            author_list=list(authors),
            num_citation=self.cited_by_count,
            year=self.publication_year,
            pdf_link=self.pdf_link,
            venue=self.venue,
        )


class GroupRecord(Record):
    """One group of a grouped search."""

    key: ShortId = ""
    name: str = Field("", validation_alias="key_display_name")
    count: int = 0


class Page(Record):
    """One page of a search."""

    results: tuple[Any, ...] = ()
    groups: tuple[GroupRecord, ...] = Field((), validation_alias="group_by")
    next_cursor: str = Field("", validation_alias=AliasPath("meta", "next_cursor"))
