"""What came of a script of free Python: the result of a domain's `run_script`.

output = domain.run_script(source, options)
output.stdout, output.data, output.error
"""

from dataclasses import dataclass

from pydantic import JsonValue

from herdwick.tools.errors import HerdwickError


@dataclass(frozen=True)
class ScriptOutput:
    """What a script printed, and what it read until its end.

    Attributes:
        stdout, stderr: What it printed; after an error, until then.
        stdout_truncated: Whether it printed more on stdout than is kept.
        seconds: From its start to its end.
        data: What was really read: the `data` of an answer.
        error: Why it gave no answer; None if it ended well.
    """

    stdout: str
    stderr: str
    stdout_truncated: bool
    seconds: float
    data: dict[str, JsonValue]
    error: HerdwickError | None = None
