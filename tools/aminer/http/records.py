"""AMiner's JSON, read tolerantly: the live platform and the research archive share most of its names.

    data = envelope_data(client.fetch(call), "AMiner")
    parse(list[PersonRecord], data, "AMiner")[0].candidate()

A missing, null or blank field is present and empty. Where services or versions name one thing differently,
the field lists the names. What is there but cannot be read, such as a year that is no number, is an error:
leaving it out would turn a fault into an answer.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
)

from herdwick.tools.aminer.backend import MAX_HITS, MAX_INTERESTS
from herdwick.tools.aminer.http.client import Verdict
from herdwick.tools.aminer.http.failures import bad_response
from herdwick.tools.aminer.http.matching import Candidate
from herdwick.tools.aminer.models import (
    Author,
    Coauthor,
    Person,
    PersonBasicInfo,
    PersonPub,
    Publication,
    PublicationHit,
)
from herdwick.tools.errors import BackendError, ToolFailure
from herdwick.tools.tool import explain

T = TypeVar("T")


def _text(value: Any) -> Any:
    """Lists become one text, objects their name: `{"name": "KDD"}`, `{"t": "graph mining"}`."""
    if isinstance(value, list):
        return "; ".join(str(text) for item in value if (text := _text(item)))
    if isinstance(value, dict):
        return next((value[key] for key in ("name", "t", "raw", "org") if key in value), "")
    return value


Text = Annotated[str, BeforeValidator(_text)]


class Record(BaseModel):
    """Something a service sent; fields nobody asked for are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class PersonRecord(Record):
    """A person as search and profile endpoints give one."""

    id: str = Field("", validation_alias=AliasChoices("id", "_id", "person_id"))
    name: str = Field("", validation_alias=AliasChoices("name", "name_zh"))
    name_zh: str = ""
    organization: Text = Field(
        "",
        validation_alias=AliasChoices(
            AliasPath("contact", "affiliation"), "org", "aff", "affiliation", AliasPath("orgs", 0), "org_zh"
        ),
    )
    organization_zh: Text = Field("", validation_alias=AliasChoices("org_zh", AliasPath("org_zhs", 0)))
    interests: tuple[Text, ...] = Field(
        (), validation_alias=AliasChoices("interests", "ai_interests", "tags")
    )
    num_citation: int = Field(0, validation_alias=AliasChoices("n_citation", "ncitation", "num_citation"))
    num_pubs: int = Field(0, validation_alias=AliasChoices("n_pubs", "npubs", "num_pubs"))
    gender: str = ""
    position: Text = Field("", validation_alias=AliasChoices("position", "position_zh"))
    bio: str = Field("", validation_alias=AliasChoices("bio", "bio_zh"))
    education: Text = Field("", validation_alias=AliasChoices("edu", "edus", "edu_zh"))
    email: Text = ""
    relation: str = ""

    def candidate(self) -> Candidate:
        """The person as a search hit, with all spellings."""
        person = Person(
            person_id=self.id,
            name=self.name,
            interests=list(self.interests[:MAX_INTERESTS]),
            num_citation=self.num_citation,
            num_pubs=self.num_pubs,
            organization=self.organization,
        )
        spellings = (self.organization, self.organization_zh)
        return Candidate(person, (self.name, self.name_zh), spellings, self.interests)

    def basic_info(self, person_id: str) -> PersonBasicInfo:
        """The person as a profile."""
        return PersonBasicInfo(
            person_id=person_id,
            name=self.name,
            gender=self.gender,
            organization=self.organization,
            position=self.position,
            bio=self.bio,
            education_experience=self.education,
            email=self.email,
        )

    def coauthor(self) -> Coauthor:
        """The person as somebody's coauthor; a relation of no known kind is plain coauthorship."""
        match self.relation:
            case "advisor" | "advisee" as relation:
                return Coauthor(person_id=self.id, name=self.name, relation=relation)
            case _:
                return Coauthor(person_id=self.id, name=self.name)


class PaperRecord(Record):
    """A paper as search, batch and detail endpoints give one."""

    id: str = Field("", validation_alias=AliasChoices("id", "_id", "pub_id"))
    title: str = Field("", validation_alias=AliasChoices("title", "title_zh"))
    abstract: str = Field("", validation_alias=AliasChoices("abstract", "abstract_zh"))
    authors: tuple[PersonRecord, ...] = ()
    num_citation: int = Field(0, validation_alias=AliasChoices("n_citation", "ncitation", "num_citation"))
    year: int = 0
    pdf_link: str = Field("", validation_alias=AliasChoices("pdf", "pdf_link", "pdf_url"))
    venue: Text = Field(
        "",
        validation_alias=AliasChoices(AliasPath("venue", "info", "name"), "venue", "venue_name", "raw"),
    )

    def hit(self) -> PublicationHit:
        """The paper as a search hit."""
        return PublicationHit(pub_id=self.id, title=self.title, year=self.year)

    def person_pub(self) -> PersonPub:
        """The paper as one of a person's."""
        return PersonPub(
            pub_id=self.id,
            title=self.title,
            num_citation=self.num_citation,
            year=self.year,
            authors_name_list=[author.name for author in self.authors if author.name],
        )

    def publication(self) -> Publication:
        """The paper in full."""
        authors = (
            Author(person_id=author.id, name=author.name, organization=author.organization)
            for author in self.authors
        )
        return Publication(
            title=self.title,
            abstract=self.abstract,
            author_list=list(authors),
            num_citation=self.num_citation,
            year=self.year,
            pdf_link=self.pdf_link,
            venue=self.venue,
        )


def most_cited(papers: Iterable[PaperRecord]) -> list[PersonPub]:
    """At most 10 papers, most cited first; where counts are equal or unknown, in the order given."""
    ranked = sorted(papers, key=lambda paper: -paper.num_citation)
    return [paper.person_pub() for paper in ranked[:MAX_HITS]]


def parse(shape: type[T], value: Any, service: str) -> T:
    """`value` read as `shape`, nulls and blank texts taken for missing.

    Raises:
        BackendError: `bad_response`; it does not have that shape.
    """
    try:
        return TypeAdapter(shape).validate_python(_tidy(value))
    except ValidationError as error:
        raise bad_response(service, explain(error)) from error


def envelope_data(payload: JsonValue, service: str) -> JsonValue:
    """The `data` of an envelope; None where the service sent a null.

    Raises:
        BackendError: `bad_response`; this is no envelope.
    """
    if isinstance(payload, dict) and "data" in payload:
        return payload["data"]
    raise bad_response(service, "it has no field data")


def judge_envelope(payload: JsonValue) -> Verdict:
    """AMiner's envelope `{code, success, msg, data}`: success, or the HTTP status its code stands for.

    Codes are HTTP statuses, some with digits appended (`40301`).
    """
    if not isinstance(payload, dict) or payload.get("success") is True:
        return Verdict()
    code = str(payload.get("code"))[:3]
    failed = code.isascii() and code.isdigit() and 400 <= int(code) <= 599
    if not failed and payload.get("success") is None:
        return Verdict()
    return Verdict(int(code) if failed else 400, str(payload.get("msg") or "no reason given"))


@contextmanager
def unknown_if_not_found(what: str, given: str, service: str) -> Iterator[None]:
    """Turn a service's `not_found` inside the `with` into the failure of an unknown id.

    Args:
        what: `person` or `paper`.
        given: The id.
        service: Name of the service.

    Raises:
        ToolFailure: `unknown_id`.
    """
    try:
        yield
    except BackendError as error:
        if error.kind == "not_found":
            raise unknown_id(what, given, service) from error
        raise


def unknown_id(what: str, given: str, service: str) -> ToolFailure:
    """The failure for an id the service does not know.

    Args:
        what: `person` or `paper`.
        given: The id.
        service: Name of the service.
    """
    hint = f"Use a {what} id that an earlier call returned."
    return ToolFailure("unknown_id", f"{service} knows no {what} with the id {given!r}.", hint)


def _tidy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tidy(item) for key, item in value.items() if not _blank(item)}
    if isinstance(value, list):
        return [_tidy(item) for item in value if not _blank(item)]
    return value.strip() if isinstance(value, str) else value


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
