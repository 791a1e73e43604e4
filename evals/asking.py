"""Asks rows, several at a time, and keeps each answer as it comes.

    ask_all(rows, ask, folder, workers=4, budget=Budget(seconds=600))

Only rows without a prediction are asked, so that the same call finishes a run that was interrupted. In the
end the answers stand in the order of the rows, whichever came first.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field

from herdwick.agents.answer import Answer
from herdwick.evals.evaluators import answer_match, plan_match
from herdwick.evals.predictions import Prediction
from herdwick.evals.progress import watching
from herdwick.evals.rows import Failed, Refused, Row
from herdwick.evals.run_folder import RunFolder
from herdwick.evals.tokens import Price, Tokens
from herdwick.tools.errors import HerdwickError

Ask = Callable[[Row], Answer]
"""Answers the question of one row."""


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

    With several workers, what is being asked when a limit is reached is still answered, and kept.
    """

    seconds: float | None = None
    tokens: int | None = None
    cost: float | None = None
    price: Price = field(default_factory=Price)

    @property
    def counts_tokens(self) -> bool:
        """Whether a limit needs to know the tokens of every answer."""
        return self.tokens is not None or self.cost is not None

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
    """Asks the questions that have no prediction yet, and shows on standard error how it goes.

    Args:
        rows: The questions.
        ask: Answers one; called from as many threads as there are workers.
        folder: Where predictions are and go.
        live: Functions that listen to a feed. To listen where nobody asked for it is the model's mistake,
            even if the feed cannot be reached.
        workers: How many are asked at the same time.
        budget: What all this may use.

    Raises:
        RunStopped: A question failed for reasons that say nothing about the model; or a limit counts tokens
            that the endpoint does not.
        BudgetSpent: A limit is reached.
    """
    todo = [row for row in rows if row.id not in folder.predictions]
    spending = _Spending(budget or Budget(), folder, left=len(todo))
    with watching(folder.path.name, len(rows)) as shown:
        for row in rows:
            if row.id in folder.predictions:
                shown.add(row, folder.predictions[row.id])
        shown.begin()

        def keep(row: Row, answer: Answer) -> None:
            _check_external(row, answer, folder, live)
            prediction = _prediction(row, answer)
            folder.add(prediction)
            shown.add(row, prediction)
            spending.add(prediction)

        try:
            _ask_each(todo, ask, keep, lambda: bool(spending.limit), workers)
        finally:
            folder.put_in_order(row.id for row in rows)
        spending.check()


def _ask_each(
    rows: Sequence[Row],
    ask: Ask,
    keep: Callable[[Row, Answer], None],
    enough: Callable[[], bool],
    workers: int,
) -> None:
    """Ask the rows until it is enough, and keep every answer."""
    if workers == 1:
        for row in rows:
            if enough():
                return
            keep(row, ask(row))
        return
    asked: dict[Future[Answer], Row] = {}

    def keep_finished() -> None:
        for future in wait(asked, return_when=FIRST_COMPLETED).done:
            keep(asked.pop(future), future.result())

    with ThreadPoolExecutor(workers, thread_name_prefix="row") as pool:
        try:
            for row in rows:
                if len(asked) == workers:
                    keep_finished()
                if enough():
                    break
                asked[pool.submit(ask, row)] = row
            while asked:
                keep_finished()
        except BaseException:
            # What is being asked is paid for. Of several failures the first is raised; the rows of the others
            # are asked again.
            while asked:
                with suppress(Exception):
                    keep_finished()
            raise


def _prediction(row: Row, answer: Answer) -> Prediction:
    return answer if isinstance(answer, Prediction) else Prediction.of(answer, row.id)


class _Spending:
    """Keeps a run within its budget.

    Args:
        budget: Of the run.
        folder: What earlier calls answered counts too.
        left: How many rows are not asked yet.
    """

    def __init__(self, budget: Budget, folder: RunFolder, left: int) -> None:
        self._budget, self._folder, self._left = budget, folder, left
        self._started = time.monotonic()
        self._tokens = Tokens()
        if budget.counts_tokens:
            for prediction in folder.predictions.values():
                self._count(prediction)

    def add(self, prediction: Prediction) -> None:
        """Count an answer.

        Raises:
            RunStopped: Nobody has counted its tokens, and there is a limit of them.
        """
        self._left -= 1
        if self._budget.counts_tokens:
            self._count(prediction)

    @property
    def limit(self) -> str:
        """Which one is reached; '' while none is."""
        return self._budget.spent(time.monotonic() - self._started, self._tokens)

    def check(self) -> None:
        """Raise `BudgetSpent` where a limit was reached before the last row."""
        if self._left:
            raise BudgetSpent(
                "budget_spent",
                f"The limit of {self.limit} is reached with {self._left:,} questions not asked.",
                f"Run again with a higher limit: {len(self._folder.predictions):,} answers are kept.",
            )

    def _count(self, prediction: Prediction) -> None:
        if prediction.tokens is None:
            raise RunStopped(
                "tokens_not_counted",
                "The endpoint does not say how many tokens it used, so that no limit of them can be kept.",
                "Run again with a limit of seconds, or with none: what was answered is kept.",
            )
        self._tokens += prediction.tokens


def _check_external(row: Row, answer: Answer, folder: RunFolder, live: frozenset[str]) -> None:
    """Stop where the failure of an answer says nothing about the model."""
    if answer.error is None or not answer.error.external:
        return
    mistaken = not live.isdisjoint(answer.plan) and plan_match(row.plan, answer.plan) is not True
    if mistaken or (isinstance(row.expected, Failed | Refused) and answer_match(row, answer)):
        return
    hint = f"{answer.error.hint} Then run again: {len(folder.predictions)} answers are kept."
    raise RunStopped(answer.error.kind, answer.error.message, hint.strip())
