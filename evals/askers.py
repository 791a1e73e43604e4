"""Asks each row in the way of its kind.

    with closing(Askers(suite, model)) as askers:
        answers = [askers.ask(row) for row in suite.rows]

A `computed` question goes to a solver over the row's data, a question about knowledge to the model alone, a
`code_task` to the model for a script; a `program` or `script` of the row itself is run as it stands.

Data is open only while rows about it are asked, since there may be much of it. Rows are not sorted by their
data, so that predictions stay in the order of the questions; who writes rows about many sets of files does
well to keep those about the same set together.
"""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from langchain_core.runnables import RunnableConfig

from herdwick.agents.answer import Answer
from herdwick.agents.cli.run import run_program
from herdwick.agents.models import Model
from herdwick.evals.knowledge import KnowledgeAsker
from herdwick.evals.predictions import Prediction
from herdwick.evals.provenance import code
from herdwick.evals.rows import KNOWLEDGE, Row
from herdwick.evals.scripts import ScriptAsker
from herdwick.evals.suite import Suite
from herdwick.evals.tokens import TokenMeter
from herdwick.tools.domain import Domain

Way = Callable[[Row, RunnableConfig], Answer]
"""Answers the question of one row; may be called from several threads."""


@dataclass
class _Open:
    """A way to ask that is open.

    Attributes:
        ask: The way.
        resources: What it holds.
        users: Rows that are being asked in it.
    """

    ask: Way
    resources: ExitStack
    users: int = 0


@dataclass
class Askers:
    """The ways to ask the rows of one suite; safe to use from several threads.

    Attributes:
        suite: Whose rows they are.
        model: Who is asked.
        strategy: How a solver's drafts come about.
        seed: Decides how options of choices are shuffled.
    """

    suite: Suite
    model: Model
    strategy: str = "one-shot"
    seed: int = 0
    _ways: dict[Hashable, _Open] = field(default_factory=dict, init=False)
    _latest: Hashable = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def ask(self, row: Row) -> Prediction:
        """The answer to a row's question, with the tokens it took.

        Raises:
            HerdwickError: Its data cannot be opened.
        """
        meter = TokenMeter()
        with self._way(row) as ask:
            answer = ask(row, {"callbacks": [meter]})
        return Prediction.of(answer, row.id, meter.tokens, code())

    def close(self) -> None:
        """Close what is open; closing twice is harmless."""
        with self._lock:
            self._close_unused()

    @contextmanager
    def _way(self, row: Row) -> Iterator[Way]:
        key = (row.kind, row.domain, row.files, tuple(row.inputs.items()))
        with self._lock:
            if key not in self._ways:
                self._close_unused()
                resources = ExitStack()
                self._ways[key] = _Open(self._opened(row, resources), resources)
                self._latest = key
            way = self._ways[key]
            way.users += 1
        try:
            yield way.ask
        finally:
            with self._lock:
                way.users -= 1
                # Data that a slow row used last is done with; the latest may be asked about again.
                self._close_unused(keep=self._latest)

    def _close_unused(self, keep: Hashable = None) -> None:
        for key in [key for key, way in self._ways.items() if not way.users and key != keep]:
            self._ways.pop(key).resources.close()

    def _opened(self, row: Row, resources: ExitStack) -> Way:
        from herdwick.agents import build_solver

        domain = self.suite.domain_of(row)
        if row.kind == "computed":
            options = self.suite.options_for(row)
            solver = build_solver(domain, model=self.model, strategy=self.strategy, **options)
            resources.callback(solver.close)
            return lambda one, config: solver.invoke({"question": one.question}, config)
        if row.kind in KNOWLEDGE:
            return KnowledgeAsker(self.model, domain.name, self.seed).ask
        if row.kind == "program":
            return lambda one, _: self._run(one, domain)
        return ScriptAsker(domain, self.suite.options_for, self.model).ask

    def _run(self, row: Row, domain: Domain) -> Answer:
        options = domain.options(**self.suite.options_for(row))
        answer = run_program(domain, options, row.program, row.plan)
        return answer.model_copy(update={"question": row.question})
