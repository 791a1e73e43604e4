"""Asks rows, several at a time, and keeps the answers in the order of the rows.

    ask_all(rows, ask, folder, workers=4, budget=Budget(seconds=600))

Only rows without a prediction are asked, so that the same call finishes a run that was interrupted.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from herdwick.agents.answer import Answer
from herdwick.evals.evaluators import answer_match, is_refusal, plan_match
from herdwick.evals.predictions import Prediction
from herdwick.evals.rows import Failed, Refused, Row
from herdwick.evals.run_folder import RunFolder
from herdwick.evals.tokens import Price, Tokens
from herdwick.tools.errors import HerdwickError

Ask = Callable[[Row], Answer]
"""Answers the question of one row."""

AHEAD = 4
"""Rows asked for each worker before the first is kept, so that a slow one does not hold up the others."""


class RunStopped(HerdwickError):
    """A question failed for reasons that say nothing about the model; earlier answers are kept."""


class BudgetSpent(HerdwickError):
    """A limit of the run is reached; the answers until then are kept."""


@dataclass(frozen=True)
class Budget:
    """What a run may use; None is without limit.

    Attributes:
        seconds: Of this call, from its start.
        tokens: Of all predictions in the folder, prompts and completions together.
        cost: Of the same, in the currency of `price`.
        price: What tokens cost.
    """

    seconds: float | None = None
    tokens: int | None = None
    cost: float | None = None
    price: Price = field(default_factory=Price)

    def spent(self, seconds: float, tokens: Tokens) -> str:
        """Which limit is reached; '' while none is."""
        if self.seconds is not None and seconds >= self.seconds:
            return f"{self.seconds:g} seconds"
        if self.tokens is not None and tokens.total >= self.tokens:
            return f"{self.tokens:,} tokens"
        if self.cost is not None and self.price.of(tokens) >= self.cost:
            return f"a cost of {self.cost:g}"
        return ""


def ask_all(
    rows: Sequence[Row],
    ask: Ask,
    folder: RunFolder,
    live: frozenset[str] = frozenset(),
    *,
    workers: int = 1,
    budget: Budget | None = None,
) -> None:
    """Asks the questions that have no prediction yet, with a progress bar on standard error.

    Args:
        rows: The questions.
        ask: Answers one; called from as many threads as there are workers.
        folder: Where predictions are and go, in the order of the rows.
        live: Functions that listen to a feed. To listen where nobody asked for it is the model's mistake,
            even if the feed cannot be reached.
        workers: How many are asked at the same time.
        budget: What all this may use.

    Raises:
        RunStopped: A question failed for reasons that say nothing about the model.
        BudgetSpent: A limit is reached.
    """
    todo = [row for row in rows if row.id not in folder.predictions]
    tally, tokens = Tally(), Tokens()
    for row in rows:
        if row.id in folder.predictions:
            earlier = folder.predictions[row.id]
            tally.add(row, earlier)
            tokens += earlier.tokens or Tokens()
    watch = _Watch(budget or Budget(), time.monotonic(), tokens)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[tally]}"), console=Console(stderr=True)) as progress:
        task = progress.add_task(
            folder.path.name, total=len(rows), completed=len(rows) - len(todo), tally=tally
        )
        # Before the first one too: a run whose budget is spent asks nothing more.
        watch.check(folder, len(todo))
        for left, (row, answer) in zip(
            range(len(todo) - 1, -1, -1), _in_order(todo, ask, workers), strict=True
        ):
            _check_external(row, answer, folder, live)
            prediction = _prediction(row, answer)
            folder.add(prediction)
            tally.add(row, prediction)
            progress.update(task, advance=1, tally=tally)
            watch.add(prediction)
            watch.check(folder, left)


@dataclass
class Tally:
    """What became of the questions so far, for people who watch."""

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


def _in_order(rows: Sequence[Row], ask: Ask, workers: int) -> Iterator[tuple[Row, Answer]]:
    if workers == 1:
        # Without a thread ahead, nothing is asked that an interruption would throw away.
        yield from ((row, ask(row)) for row in rows)
        return
    asked: deque[tuple[Row, Future[Answer]]] = deque()
    remaining = iter(rows)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="row")
    try:
        while True:
            while len(asked) < AHEAD * workers and (row := next(remaining, None)) is not None:
                asked.append((row, pool.submit(ask, row)))
            if not asked:
                return
            row, future = asked.popleft()
            yield row, future.result()
    finally:
        # What is being asked ends by itself; what waits is never begun.
        pool.shutdown(cancel_futures=True)


def _prediction(row: Row, answer: Answer) -> Prediction:
    return answer if isinstance(answer, Prediction) else Prediction.of(answer, row.id)


@dataclass
class _Watch:
    """Keeps a run within its budget.

    Attributes:
        budget: Of the run.
        started: By the monotonic clock, in seconds.
        tokens: Used so far, by earlier calls too.
    """

    budget: Budget
    started: float
    tokens: Tokens

    def add(self, prediction: Prediction) -> None:
        if prediction.tokens:
            self.tokens += prediction.tokens

    def check(self, folder: RunFolder, left: int) -> None:
        limit = self.budget.spent(time.monotonic() - self.started, self.tokens)
        if left and limit:
            raise BudgetSpent(
                "budget_spent",
                f"The limit of {limit} is reached with {left:,} questions not asked.",
                f"Run again with a higher limit: {len(folder.predictions):,} answers are kept.",
            )


def _check_external(row: Row, answer: Answer, folder: RunFolder, live: frozenset[str]) -> None:
    """Stop where the failure of an answer says nothing about the model."""
    if answer.error is None or not answer.error.external:
        return
    mistaken = not live.isdisjoint(answer.plan) and plan_match(row.plan, answer.plan) is not True
    if mistaken or (isinstance(row.expected, Failed | Refused) and answer_match(row, answer)):
        return
    hint = f"{answer.error.hint} Then run again: {len(folder.predictions)} answers are kept."
    raise RunStopped(answer.error.kind, answer.error.message, hint.strip())
