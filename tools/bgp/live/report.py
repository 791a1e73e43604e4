"""What became of a live stream: messages, elems, what could not be read, what was lost.

report = LiveReport()
report.problem("not JSON", "unexpected end of data")
report.problems         # Counter({'not JSON': 1})
"""

from collections import Counter
from dataclasses import dataclass, field

MAX_EXAMPLES = 20
"""Problems kept with their words; beyond them only the counts grow."""

MAX_DETAIL_CHARS = 200


@dataclass(frozen=True)
class LiveProblem:
    """Something that could not be used.

    Attributes:
        message: Number of the message, from 1; 0 if it was no message but the connection.
        reason: In words, the same for the same kind of problem.
        detail: What the feed or the parser said.
    """

    message: int
    reason: str
    detail: str


@dataclass
class LiveReport:
    """Counts that grow while the stream is read.

    Attributes:
        messages: Messages received and looked at.
        types: Of them, by type: `UPDATE`, `KEEPALIVE`, `ris_error` and so on; `other` for what is not known.
        elems: Elems made.
        repeated: Messages that had been seen already, and were passed over.
        problems: What could not be used, by reason.
        examples: The first of it.
        dropped: Messages that came faster than they were used, and for which there was no room.
        connections: Times that the feed was connected.
        offline_s: Time without a connection after the first, in seconds: what happened then is not known.
    """

    messages: int = 0
    types: Counter[str] = field(default_factory=Counter)
    elems: int = 0
    repeated: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    examples: list[LiveProblem] = field(default_factory=list)
    dropped: int = 0
    connections: int = 0
    offline_s: float = 0.0

    def problem(self, reason: str, detail: str = "", *, in_message: bool = True) -> None:
        """Count something that cannot be used."""
        self.problems[reason] += 1
        if len(self.examples) < MAX_EXAMPLES:
            number = self.messages if in_message else 0
            self.examples.append(LiveProblem(number, reason, detail[:MAX_DETAIL_CHARS]))
