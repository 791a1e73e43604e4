"""How questions about routing name things: AS numbers, lengths of time, clauses.

load_wordings().scopes["peer"]      # ["from peer {peer}", …]
"""

from pydantic import BaseModel, ConfigDict

from herdwick.selfinstruct.intents import SEEDS, read_yaml


class Wordings(BaseModel):
    """How questions name things; see `wordings.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    asn: list[str]
    kind: dict[str, list[str]]
    stat: dict[str, list[str]]
    attribute: dict[str, list[str]]
    state: dict[str, list[str]]
    unit: dict[str, list[str]]
    seconds: dict[str, int]
    lengths: dict[str, int]
    spans: dict[str, int]
    edges: dict[str, list[str]]
    scopes: dict[str, list[str]]
    frame: list[tuple[str, str]]


def load_wordings() -> Wordings:
    """The wordings of the BGP seeds.

    Raises:
        DataError: The file cannot be read.
    """
    return Wordings.model_validate(read_yaml(SEEDS / "bgp" / "wordings.yaml"))
