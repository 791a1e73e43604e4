"""What the functions answer with: rows, and not too many of them."""

from pydantic import BaseModel, ConfigDict

MAX_ROWS = 1_000
"""Most rows that can be asked for."""


class Row(BaseModel):
    """A row of an answer, or all of it; what a function has found does not change."""

    model_config = ConfigDict(frozen=True)
