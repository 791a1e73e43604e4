"""Arguments and results of the seven AMiner functions.

Names and parameters are the published API of SoAy (https://github.com/RUCKBReasoning/SoAy). A field that the
data does not know is present and empty: `''`, `[]`, or 0 for a count or a year.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from herdwick.tools.functions import Entity

PersonId = Annotated[str, Entity("PersonId")]
PubId = Annotated[str, Entity("PubId")]
PersonName = Annotated[str, Entity("PersonName", in_question=True)]
Organization = Annotated[str, Entity("Organization", in_question=True)]
Topic = Annotated[str, Entity("Topic", in_question=True)]
PublicationInfo = Annotated[str, Entity("PublicationInfo", in_question=True)]

Gender = Annotated[str, Entity("Gender", well_known=("female", "male"))]
"""As the data has it; what "women" and "men" of a question are mostly compared with."""

Relation = Literal["advisor", "advisee", "coauthor"]


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(_Result):
    """A search hit. `interests` has at most 10 entries."""

    person_id: PersonId
    name: PersonName
    interests: list[Topic] = []
    num_citation: int = 0
    num_pubs: int = 0
    organization: Organization = ""


class PublicationHit(_Result):
    """A paper found by title or topic. `year` is 0 where unknown."""

    pub_id: PubId
    title: str
    year: int = 0


class Coauthor(_Result):
    """A coauthor; `relation` says what the coauthor is to the person asked about."""

    person_id: PersonId
    name: PersonName
    relation: Relation = "coauthor"


class PersonPub(_Result):
    """A paper of a person. `year` is 0 where unknown."""

    pub_id: PubId
    title: str
    num_citation: int = 0
    year: int = 0
    authors_name_list: list[PersonName] = []


class PersonBasicInfo(_Result):
    """Profile of a person; every text is '' where unknown.

    `person_id` and `name` only repeat what was asked for, so they open no further hop.
    """

    person_id: str
    name: str
    gender: Gender = ""
    organization: Organization = ""
    position: str = ""
    bio: str = ""
    education_experience: str = ""
    email: str = ""


class Author(_Result):
    """One author of a paper; `person_id` is '' for an author without a profile."""

    person_id: PersonId = ""
    name: PersonName
    organization: Organization = ""


class Publication(_Result):
    """A paper in full; `author_list` is in the paper's order, `year` is 0 where unknown."""

    title: str = ""
    abstract: str = ""
    author_list: list[Author] = []
    num_citation: int = 0
    year: int = 0
    pdf_link: str = ""
    venue: str = ""


class _Args(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class SearchPersonArgs(_Args):
    """Any non-empty subset of the three; they are ANDed."""

    name: PersonName = Field(default="", description="Full name of the person.")
    organization: Organization = Field(default="", description="Where the person works, or part of it.")
    interest: Topic = Field(default="", description="A research field of the person.")

    @model_validator(mode="after")
    def _not_empty(self) -> "SearchPersonArgs":
        if not (self.name or self.organization or self.interest):
            raise ValueError("give at least one of name, organization and interest")
        return self


class SearchPublicationArgs(_Args):
    """What the paper is called or about."""

    publication_info: PublicationInfo = Field(min_length=1, description="Title of a paper, or a topic.")


class PersonIdArgs(_Args):
    """One person."""

    person_id: PersonId = Field(min_length=1, description="A `person_id` that an earlier call returned.")


class PubIdArgs(_Args):
    """One paper."""

    pub_id: PubId = Field(min_length=1, description="A `pub_id` that an earlier call returned.")
