"""The AMiner domain: seven functions over academic people and papers."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from herdwick.tools.aminer import models as m
from herdwick.tools.aminer.vocabulary import VOCABULARY
from herdwick.tools.domain import Domain, Toolkit
from herdwick.tools.examples import Asked, Examples
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
        "All coauthors of a person, advisors and advisees too; relation says what each is to the person.",
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

    # Validates fields, not the whole model: a toolkit is opened as soon as all its fields are.
    @field_validator("graph", "base_url", "cache", "replay", "budget")
    @classmethod
    def _belongs_to_the_backend(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse what the backend would ignore: the answers would come from other data than was meant."""
        name = info.field_name or ""
        backend = info.data.get("backend")
        if backend is None or value == cls.model_fields[name].default:
            return value
        if name == "graph" and backend != "local":
            raise ValueError(f"the backend {backend} reads no graph; leave out the graph or the backend")
        if name != "graph" and backend == "local":
            raise ValueError(
                "the backend local makes no HTTP calls; name another backend: aminer, archive or openalex"
            )
        return value


def _open(options: AMinerOptions) -> Toolkit:
    from herdwick.tools.aminer.toolkit import AMinerToolkit

    return AMinerToolkit(**options.model_dump())


def _options_of_dump(folder: Path) -> AMinerOptions:
    from herdwick.tools.aminer.local.dump_graph import dump_graph

    return AMinerOptions(graph=dump_graph(folder, f"suites/{folder.name}"))


DOMAIN = Domain(
    name="aminer",
    summary="Academic people and papers.",
    functions=FUNCTIONS,
    options=AMinerOptions,
    open=_open,
    default_data=Path(__file__).parent / "local" / "sample_dump",
    options_of_dump=_options_of_dump,
    compares_words=True,
    request_options=frozenset({"graph"}),
    vocabulary=VOCABULARY,
    examples=Examples(
        asked=(
            Asked("How many citations does Olga Zhuravlev have?"),
            Asked("Who works with Olga Zhuravlev?", "--graph graph.sqlite"),
            Asked("Which papers did Olga Zhuravlev publish after 2015?", "--backend openalex"),
        ),
        program='final_result = searchPerson(name="Olga Zhuravlev")[0]["num_pubs"]',
        arguments={"name": "Olga Zhuravlev", "publication_info": "graph neural networks"},
    ),
)
