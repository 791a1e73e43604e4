"""Which question is being answered, so that a backend can say what each one cost, and what it stumbled on.

    begin_question()                  # the solver, before anything else
    calls = Tally()                   # a backend, once
    calls.add(1)                      # with every call
    calls.current, calls.total        # of this question, of all
    remarks = Remarks()
    remarks.add("nobody is called 'Ada Quill'")
    remarks.current                   # of this question

The question is a context variable: threads and tasks that work on it inherit it, those of other questions
have their own. Outside any question, `current` is the total.
"""

import threading
from contextvars import ContextVar
from decimal import Decimal
from weakref import WeakKeyDictionary


class _Question:
    """Nothing but itself."""


_QUESTION: ContextVar[_Question | None] = ContextVar("herdwick_question", default=None)


def begin_question() -> None:
    """From here on, this context works on a question of its own."""
    _QUESTION.set(_Question())


class Tally:
    """Adds up amounts, overall and by question; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total = Decimal(0)
        self._by_question: WeakKeyDictionary[_Question, Decimal] = WeakKeyDictionary()

    def add(self, amount: Decimal | int) -> None:
        """Count `amount`, which may be negative."""
        question = _QUESTION.get()
        with self._lock:
            self._total += amount
            if question is not None:
                self._by_question[question] = self._by_question.get(question, Decimal(0)) + amount

    @property
    def total(self) -> Decimal:
        """Everything that was added."""
        with self._lock:
            return self._total

    @property
    def current(self) -> Decimal:
        """What was added for the current question; the total outside any."""
        question = _QUESTION.get()
        with self._lock:
            return self._total if question is None else self._by_question.get(question, Decimal(0))


MAX_REMARKS = 20
"""Of one question; more would say the same of other words."""


class Remarks:
    """What a question gave rise to, in words; safe to share between threads.

    Outside any question nothing is kept.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_question: WeakKeyDictionary[_Question, dict[str, None]] = WeakKeyDictionary()

    def add(self, text: str) -> None:
        """Keep `text`, unless it was said of this question already, or `MAX_REMARKS` were."""
        question = _QUESTION.get()
        if question is None:
            return
        with self._lock:
            said = self._by_question.setdefault(question, {})
            if len(said) < MAX_REMARKS:
                said[text] = None

    @property
    def current(self) -> list[str]:
        """What was said of the current question, in order, each text once."""
        question = _QUESTION.get()
        with self._lock:
            return [] if question is None else [*self._by_question.get(question, ())]
