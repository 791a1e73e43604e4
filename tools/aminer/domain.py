"""The AMiner domain: seven functions over academic people and papers."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from herdwick.tools.aminer import models as m
from herdwick.tools.domain import Domain, Toolkit
from herdwick.tools.functions import FunctionSpec

FUNCTIONS = (
    FunctionSpec(
        "searchPerson",
        "Persons matching every given criterion, at most 10, most cited first.",
        m.SearchPersonArgs,
        list[m.Person],
    ),
    FunctionSpec(
        "searchPublication",
        "Papers by title or topic, at most 10: exact title first, then by relevance.",
        m.SearchPublicationArgs,
        list[m.PublicationHit],
    ),
    FunctionSpec(
        "getCoauthors",
        "All coauthors of a person; relation is advisor, advisee or coauthor.",
        m.PersonIdArgs,
        list[m.Coauthor],
    ),
    FunctionSpec("getPersonInterest", "Research interests of a person.", m.PersonIdArgs, list[m.Topic]),
    FunctionSpec(
        "getPersonPubs",
        "Papers of a person, at most 10, most cited first; the first is the representative work.",
        m.PersonIdArgs,
        list[m.PersonPub],
    ),
    FunctionSpec(
        "getPersonBasicInfo",
        "Profile of a person: gender, organization, position, bio, education and email.",
        m.PersonIdArgs,
        m.PersonBasicInfo,
    ),
    FunctionSpec(
        "getPublication",
        "One paper in full: title, abstract, authors, citations, year, PDF link and venue.",
        m.PubIdArgs,
        m.Publication,
    ),
)


class AMinerOptions(BaseModel):
    """Where the academic data comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: Literal["local", "aminer", "archive", "openalex"] = Field(
        default="local", description="Source of the data."
    )
    graph: Path | None = Field(
        default=None, description="Graph file made by `herdwick graph build`; default: the synthetic sample."
    )
    base_url: str | None = Field(default=None, description="Another address for the chosen HTTP backend.")
    cache: Path | None = Field(default=None, description="Folder for cached HTTP responses.")
    replay: bool = Field(default=False, description="Answer from the cache only, never from the network.")
    budget: float = Field(default=5.0, ge=0, description="Most to spend on paid calls, in CNY.")


def _open(options: AMinerOptions) -> Toolkit:
    from herdwick.tools.aminer.toolkit import AMinerToolkit

    return AMinerToolkit(**options.model_dump())


DOMAIN = Domain(
    name="aminer",
    summary="Academic people and papers.",
    functions=FUNCTIONS,
    options=AMinerOptions,
    open=_open,
)
