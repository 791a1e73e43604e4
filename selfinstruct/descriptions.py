"""How questions describe people, and how any question may be wrapped: `seeds/DOMAIN/descriptions.yaml`."""

from pydantic import BaseModel, ConfigDict

from herdwick.selfinstruct.intents import SEEDS, Language, read_yaml


class Descriptions(BaseModel):
    """How one language describes people and wraps questions; see `descriptions.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: dict[str, list[str]]
    possessive: dict[str, list[str]]
    lead: dict[str, list[str]]
    people: dict[str, list[str]]
    position: dict[int, list[str]]
    quoted: list[str]
    frame: list[tuple[str, str]]


def load_descriptions(domain: str) -> dict[Language, Descriptions]:
    """The descriptions of `domain`, by language.

    Raises:
        DataError: The file cannot be read.
    """
    described = read_yaml(SEEDS / domain / "descriptions.yaml")
    chinese = described.pop("zh")
    return {"en": Descriptions.model_validate(described), "zh": Descriptions.model_validate(chinese)}
