"""One call of a domain's function: the unit of evidence.

CallRecord(tool="searchPerson", args={"name": "Ada Quill"}, ok=True, seconds=0.002)
"""

from pydantic import BaseModel, ConfigDict, JsonValue


class CallRecord(BaseModel):
    """One function call that a program or an agent made.

    Attributes:
        tool: Name of the function.
        args: Arguments by parameter name, as they were given.
        ok: Whether the function answered.
        seconds: How long it took.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool: str
    args: dict[str, JsonValue]
    ok: bool
    seconds: float
