"""What became of a file: how much was read, what was skipped and why.

report = ReadReport("updates.gz")
report.skip("malformed AS_PATH", offset=1024)
report.skipped      # Counter({'malformed AS_PATH': 1})
"""

from collections import Counter
from dataclasses import dataclass, field

MAX_PROBLEMS = 20
"""Problems kept with their place; beyond them only the counts grow."""

MAX_REASONS = 100
"""Reasons told apart: those that a file's own numbers go into could be millions."""

OTHER_REASONS = "other reasons"


@dataclass(frozen=True)
class Problem:
    """Something that could not be read.

    Attributes:
        offset: Of the record, in bytes of uncompressed data.
        reason: In words, the same for the same kind of problem.
    """

    offset: int
    reason: str


@dataclass
class ReadReport:
    """Counts of one file, growing while it is read.

    Attributes:
        file: Its name.
        records: MRT records seen.
        elems: Elems made, before any filter.
        skipped: Records, messages or attributes left out, by reason.
        skipped_records: How many records these are of.
        problems: The first of them, with their places.
        ended_early: Why reading stopped before the end of the file; '' if it did not.
    """

    file: str
    records: int = 0
    elems: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    ended_early: str = ""
    skipped_records: int = 0
    _latest_skipped: int = field(default=-1, repr=False, compare=False)

    def skip(self, reason: str, offset: int) -> None:
        """Count something left out."""
        is_told = reason in self.skipped or len(self.skipped) < MAX_REASONS
        self.skipped[reason if is_told else OTHER_REASONS] += 1
        if offset != self._latest_skipped:
            self._latest_skipped = offset
            self.skipped_records += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(offset, reason))

    def stop(self, reason: str, offset: int) -> None:
        """Note that the rest of the file cannot be read."""
        self.ended_early = f"{reason} at byte {offset:,}"
        self.skip(reason, offset)
