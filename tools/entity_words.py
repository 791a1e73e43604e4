"""How people call the things that an entity type stands for.

EntityWords("AS", "ASes", prefix="AS")
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class EntityWords:
    """Words for one entity type.

    Attributes:
        one: Of one thing.
        many: Of several.
        prefix: Written before a value, so that it is not taken for another: AS64496 is no number of things.
    """

    one: str
    many: str
    prefix: str = ""
