"""How a run stands, for people who watch: a bar, and a table that grows with the answers.

    with watching("dev", 264) as watch:
        watch.add(row, prediction)
    print(watch.tally)          # '12 right, 3 wrong, 1 failed'

Both go to standard error. Where that is no terminal, they are printed once, at the end.
"""

import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from herdwick.agents.answer import Answer
from herdwick.evals.evaluators import answer_match, is_refusal
from herdwick.evals.predictions import Prediction
from herdwick.evals.rows import Row
from herdwick.evals.tokens import Tokens

REFRESHES_PER_S = 4


@dataclass
class Tally:
    """What became of questions so far.

    Attributes:
        right: Answers that are as expected.
        wrong: Answers and refusals that are not.
        errors: Questions without either.
    """

    right: int = 0
    wrong: int = 0
    errors: int = 0

    def add(self, row: Row, answer: Answer) -> None:
        """Count one answer; rows that expect nothing are left out."""
        if row.expected is None:
            return
        if answer_match(row, answer):
            self.right += 1
        elif answer.error and not is_refusal(answer):
            self.errors += 1
        else:
            self.wrong += 1

    def __str__(self) -> str:
        return f"{self.right} right, {self.wrong} wrong, {self.errors} failed"


class Watch:
    """The counts of one run, by slice; safe to look at from another thread.

    Args:
        name: Of the run.
        total: How many rows it has.

    Attributes:
        tally: Of all rows.
    """

    def __init__(self, name: str, total: int) -> None:
        self.tally = Tally()
        self._slices: dict[str, Tally] = {}
        self._seconds: dict[str, list[float]] = {}
        self._tokens = Tokens()
        self._lock = threading.Lock()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, TextColumn("{task.fields[tally]}"))
        self._task = self._bar.add_task(name, total=total, tally=self.tally)

    def add(self, row: Row, prediction: Prediction) -> None:
        """Count one answer."""
        name = f"{row.hop} hops" if row.hop else row.kind
        with self._lock:
            for tally in (self.tally, self._slices.setdefault(name, Tally())):
                tally.add(row, prediction)
            self._seconds.setdefault(name, []).append(prediction.timings.total_s)
            self._tokens += prediction.tokens or Tokens()
        self._bar.update(self._task, advance=1, tally=self.tally)

    def begin(self) -> None:
        """What was added until now tells nothing of how fast the rest will go."""
        done = self._bar.tasks[0].completed
        self._bar.reset(self._task, completed=int(done), tally=self.tally)

    def shown(self) -> RenderableType:
        """Bar and table, as they are now."""
        return Group(self.table(), self._bar)

    def table(self) -> Table:
        """Counts by slice: questions with a plan by its hops, the others by their kind."""
        table = Table(box=None, pad_edge=False)
        table.add_column("")
        for name in ("asked", "right", "wrong", "failed", "median s"):
            table.add_column(name, justify="right")
        with self._lock:
            for name, tally in sorted(self._slices.items()):
                seconds = self._seconds[name]
                counts = (len(seconds), tally.right, tally.wrong, tally.errors)
                table.add_row(name, *map(str, counts), f"{statistics.median(seconds):.1f}")
            if self._tokens.total:
                table.caption = f"tokens: {self._tokens.prompt:,} in, {self._tokens.completion:,} out"
        return table


@contextmanager
def watching(name: str, total: int) -> Iterator[Watch]:
    """Show on standard error how a run stands while it goes on.

    Args:
        name: Of the run.
        total: How many rows it has.
    """
    watch = Watch(name, total)
    console = Console(stderr=True)
    with Live(get_renderable=watch.shown, console=console, refresh_per_second=REFRESHES_PER_S):
        yield watch
