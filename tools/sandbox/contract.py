"""What running a program means: limits, result, failure, and the protocol of a sandbox.

    with ProgramSandbox() as sandbox:
        result = sandbox.run(program, tools, plan=("searchPerson",), domain=domain)
    result.value    # the program's `final_result`
    result.calls    # the evidence: every function call, in order

`ProgramFailure.kind` is a `Kind`; its message and hint are fit to be sent back to the model that wrote
the program.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import JsonValue

from herdwick.tools.call_record import CallRecord
from herdwick.tools.domain import Domain
from herdwick.tools.errors import ProgramError
from herdwick.tools.solutions import Plan
from herdwick.tools.tool import FunctionTool

Kind = Literal[
    "syntax",
    "forbidden",
    "plan",
    "type",
    "no_result",
    "empty_result",
    "runtime",
    "tool",
    "time_limit",
    "memory_limit",
    "call_limit",
    "recursion_limit",
    "result_limit",
    "bad_result",
    "sandbox_unavailable",
]
"""What can become of a program other than a result."""

RESULT_NAME = "final_result"
"""The variable a program leaves its answer in (SoAy's convention)."""


@dataclass(frozen=True)
class Limits:
    """What one program may use; the defaults are far above any program that follows a three-hop plan.

    Attributes:
        time_s: Time the program itself may compute, in seconds, host calls excluded.
        wall_s: Time from start to end, in seconds, host calls included; looked at between calls, so a call
            already under way ends by its own timeout.
        wait_s: Time beyond `wall_s` that is granted for calls of functions that wait as long as they are
            asked to, such as one that watches a live feed, in seconds.
        memory_bytes: Heap of the program.
        calls: Function calls, those that fail included.
        recursion: Depth of the program's call stack, in frames.
        result_bytes: `final_result` as JSON text, in UTF-8 bytes.
        result_depth: Nesting of lists and dicts in `final_result`, and in arguments.
        argument_bytes: Arguments of one call as JSON text, in UTF-8 bytes.
        evidence_bytes: Arguments of all calls together, which are kept as evidence, in UTF-8 bytes.
        program_chars: Length of the program's source.
    """

    time_s: float = 5.0
    wall_s: float = 60.0
    wait_s: float = 600.0
    memory_bytes: int = 64 * 2**20
    calls: int = 2_000
    recursion: int = 200
    result_bytes: int = 2**20
    result_depth: int = 20
    argument_bytes: int = 64 * 2**10
    evidence_bytes: int = 2**20
    program_chars: int = 20_000


@dataclass(frozen=True)
class RunResult:
    """A program that ran to its end.

    Attributes:
        value: Its `final_result`.
        plan: The plan it followed, as derived from its data flow.
        calls: The calls it made, in order.
    """

    value: JsonValue
    plan: Plan
    calls: tuple[CallRecord, ...]


class ProgramFailure(ProgramError):
    """A program that was refused, stopped, or failed; its `calls` say how far it got.

    Attributes:
        tool_kind: Kind of the tool's own failure where the program's kind is `tool`, else ''.
    """

    def __init__(self, kind: Kind, message: str, hint: str = "", *, tool_kind: str = "") -> None:
        super().__init__(kind, message, hint)
        self.tool_kind = tool_kind


class Sandbox(Protocol):
    """Runs model-written programs in isolation; implementations fail closed."""

    def run(
        self,
        program: str,
        tools: Sequence[FunctionTool],
        *,
        plan: Plan | None = None,
        domain: Domain,
        limits: Limits | None = None,
    ) -> RunResult:
        """Check `program`, run it against `tools`, and return its `final_result`.

        Args:
            program: Python source that leaves its answer in `final_result`.
            tools: The domain's functions, bound to data.
            plan: The plan the program must follow; any legal plan when None.
            domain: What the program is checked against.
            limits: What it may use; the defaults when None.

        Raises:
            ProgramFailure: The program was refused, stopped, or failed.
            BackendError: The service behind a function failed; programs cannot catch it.
            DataError: The data behind a function is damaged; programs cannot catch it.
        """
        ...
